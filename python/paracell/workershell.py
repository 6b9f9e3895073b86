"""IPython in a worker: what ``display()`` and ``get_ipython()`` find there. Nothing loads before user code asks."""

from __future__ import annotations

import builtins
import sys
from typing import Any

from paracell.run import capture
from paracell.ship.after_import import AfterImport


class Settings:
    """The notebook's settings of modules that may not be loaded here yet."""

    def __init__(self) -> None:
        self.formatter: Any = None
        self._made: Any = None
        self._display: bytes | None = None
        self._matplotlib: dict[str, Any] = {}
        self._applied: dict[str, Any] | None = None
        sys.meta_path.insert(
            0,
            AfterImport(
                {
                    "IPython.core.interactiveshell": self._shell,
                    "matplotlib": self._matplotlib_loaded,
                    "logging": lambda _: capture.hooks.put(),  # for the iteration that loads it may log at once
                }
            ),
        )
        builtins.display = _display  # type: ignore[attr-defined]
        builtins.__IPYTHON__ = True  # type: ignore[attr-defined]

    def loaded(self) -> None:
        """This process was forked from one that has loaded some of the modules already."""
        if (shell := sys.modules.get("IPython.core.interactiveshell")) is not None:
            shell.InteractiveShell._instance = None
            self._shell(shell)

    def apply(self, found: dict[str, Any]) -> None:
        """The settings of a job."""
        if found.get("display") != self._display:
            self._display = found.get("display")
            if self.formatter is not None and self._display is not None:
                self._apply_display()
        if found.get("matplotlib") is not None:
            self._matplotlib = found["matplotlib"]
            if hasattr(sys.modules.get("matplotlib"), "rcParamsDefault"):
                self._apply_matplotlib()

    def _shell(self, module: Any) -> None:
        """IPython's shell class is loaded: its instance is made when somebody asks for it, for other modules of IPython
        may be half loaded now."""
        cls = module.InteractiveShell
        cls.initialized = classmethod(lambda cls: True)
        cls.instance = classmethod(lambda cls, *arguments, **options: self.shell(module))

    def shell(self, module: Any) -> Any:
        """The shell of this worker."""
        if self._made is None:
            self._made = make_shell(module)
            self.formatter = self._made.display_formatter
            if self._display is not None:
                self._apply_display()
        return self._made

    def _apply_display(self) -> None:
        from paracell.ship.output_settings import apply_display

        assert self._display is not None
        apply_display(self.formatter, self._display)

    def _matplotlib_loaded(self, module: Any) -> None:
        if hasattr(module, "rcParamsDefault"):
            self._apply_matplotlib()

    def _apply_matplotlib(self) -> None:
        from paracell.ship.output_settings import apply_matplotlib

        if self._matplotlib != self._applied:
            apply_matplotlib(self._matplotlib, self._applied)
            self._applied = self._matplotlib


def _display(*objects: Any, **options: Any) -> Any:
    """``display``, which IPython keeps among the builtins; IPython is loaded by the first call."""
    from IPython.display import display

    return display(*objects, **options)


def make_shell(module: Any) -> Any:
    """IPython's shell of this worker: it formats and publishes, and runs no cells."""
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.events import EventManager, available_events
    from traitlets.config import SingletonConfigurable

    class WorkerPublisher(DisplayPublisher):
        """Displays become events of the running iteration."""

        def publish(self, data: Any, metadata: Any = None, **content: Any) -> None:  # type: ignore[override]
            sink = capture.current()
            if sink is not None:
                sink("display", {"data": data, "metadata": metadata, **content})

        def clear_output(self, wait: bool = False) -> None:
            sink = capture.current()
            if sink is not None:
                sink("clear", wait)

    class WorkerShell(module.InteractiveShell):  # type: ignore[misc,name-defined]
        """An InteractiveShell without history, magics and input."""

        def __init__(self) -> None:
            SingletonConfigurable.__init__(self)
            self.configurables = [self]
            self.events = EventManager(self, available_events)
            self.user_module = sys.modules["__main__"]
            self.user_ns = self.user_module.__dict__
            self.init_display_formatter()
            self.display_pub = WorkerPublisher(parent=self)

        def enable_gui(self, gui: Any = None) -> None:
            """Nothing: figures are displays."""

        def showtraceback(self, *args: Any, **options: Any) -> None:
            """An error of formatting, as text."""
            import traceback

            traceback.print_exc()

    return WorkerShell()
