"""A notebook in JupyterLab, as a person uses it."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, WebSocket, expect

SPEC = {"name": "paracell", "display_name": "Python 3 (paracell)", "language": "python"}


class DebuggerButton:
    """The button that turns the debugger on. To be made before the notebook is opened.

    JupyterLab asks a new kernel several times whether it can be debugged, and draws the button anew after each answer:
    a click in between is lost, whatever the kernel does. People are not that fast, a test is.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._asked = self._answered = 0
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, frame: str | bytes) -> None:
        self._asked += b"debug_request" in (frame.encode() if isinstance(frame, str) else frame)

    def _received(self, frame: str | bytes) -> None:
        self._answered += b"debug_reply" in (frame.encode() if isinstance(frame, str) else frame)

    def press(self) -> None:
        """Press it when JupyterLab has no question under way and no next one; returns when the debugger is on."""
        drawn = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        before = -1
        while self._asked == 0 or self._asked != before or self._answered != self._asked:
            before = self._asked
            self._page.evaluate(drawn)
        self._page.locator(".jp-DebuggerBugButton").click()
        # Attached, not visible: the sidebar that opens may leave the toolbar no room for it.
        self._page.locator('.jp-DebuggerBugButton[aria-pressed="true"]').wait_for(state="attached")


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
