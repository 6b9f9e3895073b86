"""An IPython shell with paracell loaded, without a kernel: cells run in the test's own process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from paracell.magic import register, unregister


class Notebook:
    """Runs cells and keeps what they said and how they ended."""

    def __init__(self) -> None:
        InteractiveShell.clear_instance()
        self.shell: Any = InteractiveShell.instance()
        self.shell.colors = "nocolor"
        register(self.shell)
        self.notes: list[str] = []
        notes = self.notes

        class Recorder(type(self.shell.display_pub)):
            def publish(self, data, *args, **more):
                notes.append(data["text/plain"])

        self.shell.display_pub.__class__ = Recorder
        self.shell.showtraceback = lambda *args, **kwargs: None

    def run(self, source: str) -> BaseException | None:
        """Run a cell; the exception it ended with."""
        self.notes.clear()
        result = self.shell.run_cell(source)
        return result.error_before_exec or result.error_in_exec

    def ok(self, source: str) -> None:
        error = self.run(source)
        if error is not None:
            raise error

    def __getitem__(self, name: str) -> Any:
        return self.shell.user_ns[name]

    @property
    def said(self) -> str:
        return "\n".join(self.notes)

    def close(self) -> None:
        unregister(self.shell)
        InteractiveShell.clear_instance()


@pytest.fixture(scope="session")
def shared() -> Iterator[Notebook]:
    notebook = Notebook()
    yield notebook
    notebook.close()


@pytest.fixture
def notebook(shared: Notebook) -> Notebook:
    """A notebook with an empty namespace; its workers stay warm from test to test."""
    shared.shell.reset(new_session=False)
    shared.shell._paracell.session.stops = type(shared.shell._paracell.session.stops)()
    return shared
