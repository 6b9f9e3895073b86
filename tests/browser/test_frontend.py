"""What people do with a kernel in JupyterLab: stop, look, answer, complete, drag, debug, restart, share."""

from __future__ import annotations

import pytest
from frontend import DebuggerButton, Notebook
from lab import Lab
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    home = tmp_path_factory.mktemp("frontend")
    (home / "notebooks").mkdir()
    lab = Lab(home / "notebooks", home)
    yield lab
    lab.stop()


def test_the_stop_button_ends_a_parallel_cell_and_the_next_one_runs(lab, page, artifacts):
    cell = (
        "%%parallel processes 2\nimport time\ndone = []\n"
        "for i in range(10_000):\n    time.sleep(0.02)\n    done.append(i)"
    )
    notebook = Notebook(lab, page, "stop", [cell, "done == list(range(len(done))), 0 < len(done) < 10_000"])
    notebook.start(0)
    notebook.cell(0).locator('.paracell-progress[data-state="running"]').wait_for()
    expect(notebook.output(0)).to_contain_text("/10,000")
    page.get_by_role("button", name="Interrupt the kernel").click()
    expect(notebook.output(0)).to_contain_text("KeyboardInterrupt")
    expect(notebook.run(1)).to_contain_text("(True, True)")
    notebook.cell(0).screenshot(path=artifacts / "stopped.png")


def test_figures_and_input(lab, page, artifacts):
    figure = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]); plt.title('three points')"
    notebook = Notebook(lab, page, "figure", [figure, "name = input('who? ')\nprint('hello', name)"])
    image = notebook.run(0).locator("img")
    expect(image).to_be_visible()
    assert image.bounding_box()["width"] > 100
    notebook.start(1)
    box = notebook.cell(1).locator(".jp-Stdin-input")
    box.fill("Ada")
    box.press("Enter")
    expect(notebook.output(1)).to_contain_text("hello Ada")
    page.screenshot(path=artifacts / "figure.png")


def test_completion_and_help(lab, page, artifacts):
    notebook = Notebook(lab, page, "help", ["import collections", "collections.Ordered", "len("])
    notebook.run(0)
    editor = notebook.editor(1)
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Tab")
    expect(page.locator(".jp-Completer")).to_contain_text("OrderedDict")
    page.keyboard.press("Enter")
    expect(editor).to_have_text("collections.OrderedDict")
    notebook.editor(2).click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".jp-Tooltip")).to_contain_text("Return the number of items in a container")
    page.screenshot(path=artifacts / "help.png")


def test_widgets(lab, page, artifacts):
    slider = "from ipywidgets import interact\n@interact(x=(0, 10))\ndef square(x=3):\n    print('square', x * x)"
    output = (
        "import ipywidgets as w\nout = w.Output()\nbutton = w.Button(description='press')\n"
        "def pressed(_):\n    with out: print('pressed')\nbutton.on_click(pressed)\nw.VBox([button, out])"
    )
    picture = (
        "import struct, zlib, ipywidgets as w\n"
        "def chunk(kind, data):\n"
        "    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))\n"
        "rows = b''.join(b'\\0' + bytes([200, 30, 60]) * 40 for _ in range(40))\n"
        "png = b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 40, 40, 8, 2, 0, 0, 0)) "
        "+ chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b'')\n"
        "w.Image(value=png, width=40)"
    )
    notebook = Notebook(lab, page, "widgets", [slider, output, picture])
    shown = notebook.run(0)
    expect(shown).to_contain_text("square 9")
    shown.locator(".noUi-handle").press("ArrowRight")
    expect(shown).to_contain_text("square 16")
    pressing = notebook.run(1)
    pressing.get_by_role("button", name="press").click()
    expect(pressing).to_contain_text("pressed")
    image = notebook.run(2).locator("img")
    page.wait_for_function("i => i.naturalWidth == 40", arg=image.element_handle())
    page.screenshot(path=artifacts / "widgets.png")


def test_the_debugger_stops_shows_steps_and_goes_on(lab, page, artifacts):
    code = "def inner(n):\n    total = n + 1\n    return total * 2\n\ninner(20)"
    button = DebuggerButton(page)
    notebook = Notebook(lab, page, "debugger", [code])
    button.press()
    gutter = notebook.cell(0).locator(".cm-breakpoint-gutter .cm-gutterElement")
    gutter.nth(2).click()
    expect(notebook.cell(0).locator(".cm-breakpoint-icon")).not_to_have_count(0)
    notebook.start(0)
    variables = page.locator(".jp-DebuggerVariables")
    expect(page.locator(".jp-DebuggerCallstack")).to_contain_text("inner")
    expect(variables).to_contain_text("n")
    page.screenshot(path=artifacts / "debugger.png")
    page.get_by_role("button", name="Next (F10)").click()
    expect(variables).to_contain_text("total")
    page.get_by_role("button", name="Continue (F9)").click()
    expect(notebook.output(0)).to_contain_text("42")


def test_restart_and_a_second_client(lab, page, artifacts):
    notebook = Notebook(lab, page, "shared", ["value = 41", "value + 1"])
    notebook.run(0)
    second = page.context.new_page()
    second.goto(page.url)
    cells = second.locator(".jp-Notebook .jp-CodeCell")
    second.get_by_text("Python 3 (paracell) | Idle").wait_for()
    cells.nth(1).locator(".cm-content").click()
    second.keyboard.press("Control+Enter")
    expect(cells.nth(1).locator(".jp-Cell-outputArea")).to_contain_text("42")
    second.close()
    page.get_by_role("button", name="Restart the kernel", exact=True).click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    notebook.wait_idle()
    expect(notebook.run(1, 1)).to_contain_text("NameError")
