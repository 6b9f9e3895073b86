"""A notebook in JupyterLab, as a person uses it."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, expect

SPEC = {"name": "paracell", "display_name": "Python 3 (paracell)", "language": "python"}


class Notebook:
    """A notebook with these cells, opened and with a kernel that is idle."""

    def __init__(self, lab, page: Page, name: str, cells: list[str]) -> None:
        self.page = page
        path = Path(lab.folder) / f"{name}.ipynb"
        nbformat.write(new_notebook(cells=[new_code_cell(c) for c in cells], metadata={"kernelspec": SPEC}), path)
        page.goto(lab.url(path.name))
        self.cells = page.locator(".jp-Notebook .jp-CodeCell")
        expect(self.cells).to_have_count(len(cells))
        self.wait_idle()

    def wait_idle(self) -> None:
        self.page.get_by_text("Python 3 (paracell) | Idle").wait_for()

    def cell(self, index: int) -> Locator:
        return self.cells.nth(index)

    def output(self, index: int) -> Locator:
        return self.cell(index).locator(".jp-Cell-outputArea")

    def editor(self, index: int) -> Locator:
        return self.cell(index).locator(".cm-content")

    def start(self, index: int) -> None:
        """Run a cell, without waiting for its end."""
        self.editor(index).click()
        self.page.keyboard.press("Control+Enter")

    def run(self, index: int, count: int | None = None) -> Locator:
        """Run a cell; its output when it has a number."""
        self.start(index)
        prompt = self.cell(index).locator(".jp-InputPrompt")
        expect(prompt).to_have_text(f"[{count or index + 1}]:")
        return self.output(index)

    def menu(self, *names: str) -> None:
        for name in names:
            self.page.get_by_role("menuitem", name=name, exact=True).click()
