"""Notebook (a) as a person meets it: opened in JupyterLab, run from the menu, watched while it runs."""

from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
IDLE = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'
RUNNING = '.paracell-progress[data-state="running"]'
FILLED = "bar => parseFloat(document.querySelector(bar)?.style.width ?? 0) > 33"
FINISHED = '.paracell-progress[data-state="finished"]'


@pytest.fixture
def tour(lab):
    """A copy of the committed notebook without its outputs, so that what is seen was made now."""
    notebook = nbformat.read(NOTEBOOKS / "tour.ipynb", as_version=4)
    stripped = nbformat.from_dict(notebook)
    for cell in stripped.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(stripped, lab.folder / "tour.ipynb")
    return nbformat.read(NOTEBOOKS / "tour.ipynb", as_version=4)


def text_outputs(cell):
    """What the committed cell printed and returned, one string an output."""
    for out in cell.outputs:
        if out.output_type == "stream" and out.name == "stdout":
            yield out.text.strip()
        elif out.output_type == "execute_result":
            yield out.data["text/plain"].strip()
        elif out.output_type == "error":
            yield f"{out.ename}: {out.evalue}"


def words(text):
    """The text without the white space that a page lays out in its own way."""
    return " ".join(text.split())


def run_all(page):
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def snap(cell, path):
    """A picture of one cell, as it is at this moment."""
    cell.screenshot(path=path)
    assert path.stat().st_size > 2_000


def test_the_tour_runs_and_shows_its_progress(lab, page, tour, artifacts):
    page.goto(lab.url("tour.ipynb"))
    cells = page.locator(".jp-Notebook .jp-Cell")
    expect(cells).to_have_count(len(tour.cells))
    # The indicator alone is idle before there is a kernel, too.
    page.get_by_text("Python 3 (paracell) | Idle").wait_for()
    page.wait_for_selector(IDLE)
    first = next(index for index, cell in enumerate(tour.cells) if cell.source.startswith("%%parallel"))
    run_all(page)

    bar = cells.nth(first).locator(RUNNING)
    bar.wait_for()
    expect(bar).not_to_have_text(bar.inner_text())
    # The bar fills: a third of it is there before the loop is done.
    page.wait_for_function(FILLED, arg=f"{RUNNING} span span")
    snap(cells.nth(first), artifacts / "progress-running.png")

    cells.nth(first).locator(FINISHED).wait_for()
    snap(cells.nth(first), artifacts / "progress-finished.png")

    # The last cell has run when its prompt has a number.
    last = max(index for index, cell in enumerate(tour.cells) if cell.cell_type == "code")
    expect(cells.nth(last).locator(".jp-InputPrompt")).to_have_text(f"[{code_count(tour)}]:")
    page.wait_for_selector(IDLE)
    expect(page.locator(RUNNING)).to_have_count(0)
    for index, cell in enumerate(tour.cells):
        if cell.cell_type == "code":
            shown = words(cells.nth(index).locator(".jp-Cell-outputArea").inner_text()) if cell.outputs else ""
            for expected in text_outputs(cell):
                # By line: a progress display may stand between what iterations print.
                for line in expected.splitlines():
                    assert words(line) in shown, f"cell {index}"
    page.screenshot(path=artifacts / "tour.png")


def code_count(notebook):
    return sum(cell.cell_type == "code" for cell in notebook.cells)
