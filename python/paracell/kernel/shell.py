"""IPython's shell behind the channels. Libraries look for the class name ``ZMQInteractiveShell``."""

from __future__ import annotations

import builtins
import os
import sys
import traceback
from typing import Any

from IPython.core import page
from IPython.core.autocall import ZMQExitAutocall
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell, InteractiveShellABC
from traitlets import Any as AnyTrait
from traitlets import CBool, Instance, Type, default, observe

from paracell.kernel import parents, tracebacks
from paracell.kernel.compiler import CellCompiler
from paracell.kernel.displays import ZMQDisplayPublisher, ZMQShellDisplayHook
from paracell.kernel.history import HistoryManager
from paracell.kernel.packing import pack
from paracell.kernel.records import Records

ENVIRONMENT = {
    "TERM": "xterm-color",
    "CLICOLOR": "1",
    "FORCE_COLOR": "1",
    "CLICOLOR_FORCE": "1",
    # No key can be sent to a pager.
    "PAGER": "cat",
    "GIT_PAGER": "cat",
}


def text_of(value: object) -> str:
    """str(value), or a stand-in if that raises: the text of an error must never be an error."""
    try:
        return str(value)
    except Exception:
        return f"<unprintable {type(value).__name__} object>"


def _holds_group(value: BaseException | None) -> bool:
    group = getattr(builtins, "BaseExceptionGroup", ())  # from Python 3.11 on
    while value is not None:
        if isinstance(value, group):
            return True
        value = value.__context__
    return False


class ZMQInteractiveShell(InteractiveShell):
    """InteractiveShell whose output, errors, pager and exit go to Jupyter clients."""

    displayhook_class = Type(ZMQShellDisplayHook)
    display_pub_class = Type(ZMQDisplayPublisher)
    kernel = AnyTrait()
    # No terminal is there to indent.
    autoindent = CBool(False)
    exiter = Instance(ZMQExitAutocall)
    keepkernel_on_exit = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._last_traceback: list[str] | None = None
        self._last_error: tuple[str, str] | None = None
        self._last_traceback_during_displayhook = False
        self.records = Records(self)
        self._shown: tuple[BaseException, Any] | None = None
        """The exception whose traceback is the last one, and where it was raised."""
        self._expected: tuple[str, str] | None = None
        kwargs.setdefault("compiler_class", CellCompiler)
        super().__init__(*args, **kwargs)

    @default("exiter")
    def _default_exiter(self) -> ZMQExitAutocall:
        return ZMQExitAutocall(self)

    @observe("exit_now")
    def _exit_now_changed(self, change: Any) -> None:
        if change["new"]:
            self.kernel.exit_soon()

    # ------------------------------------------------------------------------------------------------ set-up

    def init_environment(self) -> None:
        os.environ.update(ENVIRONMENT)

    def init_history(self) -> None:
        self.history_manager = HistoryManager(shell=self, parent=self)
        self.configurables.append(self.history_manager)  # type: ignore[arg-type]

    def init_hooks(self) -> None:
        super().init_hooks()
        self.set_hook("show_in_pager", page.as_hook(self.payloadpage_page), 99)

    def init_magics(self) -> None:
        from paracell.kernel.magics import KernelMagics, register_parallel

        super().init_magics()
        self.register_magics(KernelMagics)
        self.magics_manager.register_alias("ed", "edit")
        register_parallel(self)

    def init_virtualenv(self) -> None:
        """Nothing: a kernel runs in the environment that it was installed into."""

    def enable_gui(self, gui: Any = None) -> None:
        """Run the loop of a GUI toolkit while the kernel is idle; None: no longer. UsageError for an unknown name."""
        from paracell.kernel import gui as loops

        loops.enable(gui, self.kernel)
        self.active_eventloop = gui

    # ---------------------------------------------------------------------------------------------- payloads

    def _payload(self, payload: dict[str, Any]) -> None:
        assert self.payload_manager is not None
        self.payload_manager.write_payload(payload)

    def payloadpage_page(self, strg: Any, start: int = 0, screen_lines: int = 0, pager_cmd: Any = None) -> None:
        """Show text, or a mime bundle, in the client's pager."""
        data = strg if isinstance(strg, dict) else {"text/plain": strg}
        self._payload({"source": "page", "data": data, "start": max(0, start)})

    def ask_exit(self) -> None:
        """Ask the client to close, and end the kernel unless it is to be kept."""
        self.exit_now = not self.keepkernel_on_exit
        self._payload({"source": "ask_exit", "keepkernel": self.keepkernel_on_exit})

    def set_next_input(self, text: str, replace: bool = False) -> None:
        """Put `text` into the client's next input cell, or with `replace` into this one."""
        self._payload({"source": "set_next_input", "text": text, "replace": replace})

    # ------------------------------------------------------------------------------------------------ errors

    def forget_errors(self) -> None:
        """Begin a request: no error has been shown yet."""
        self._last_traceback = None
        self._last_error = None
        self._last_traceback_during_displayhook = False
        self._shown = None

    def expect(self, code: str, transformed: str) -> None:
        """The next cell is `code`, which has been transformed already."""
        self._expected = (code, transformed)

    def transform_cell(self, raw_cell: str) -> str:
        """As IPython's, but once for each cell: input transformers are the user's code, and take time."""
        expected, self._expected = self._expected, None
        if expected is not None and expected[0] is raw_cell:
            return expected[1]
        transformed: str = super().transform_cell(raw_cell)
        return transformed

    def run_cell(self, raw_cell: Any, store_history: bool = False, *args: Any, **kwargs: Any) -> Any:
        self.forget_errors()
        with self.records.cell(store_history):
            return super().run_cell(raw_cell, store_history, *args, **kwargs)

    def _tee(self, channel: str) -> Any:
        return self.records.tee(channel)

    def showtraceback(self, exc_tuple: Any = None, *args: Any, **kwargs: Any) -> None:
        """As IPython's, but what IPython cannot format (exception groups too) is an error message all the same."""
        tracebacks.prepare()
        self._last_traceback = None
        value = exc_tuple[1] if exc_tuple is not None else sys.exc_info()[1]
        tracebacks.known(value)
        if not _holds_group(value):
            super().showtraceback(exc_tuple, *args, **kwargs)
        replaced = "_showtraceback" in vars(self)  # rich shows tracebacks by itself
        if self._last_traceback is None and value is not None and not (replaced or isinstance(value, UsageError)):
            # Without IPython's own frame, as its formatter does.
            start = value.__traceback__
            while start is not None and start.tb_frame.f_globals.get("__name__", "").startswith(
                ("IPython.", "paracell.")
            ):
                start = start.tb_next
            lines = traceback.format_exception(type(value), value, start)
            self._showtraceback(type(value), value, [line.rstrip("\n") for line in lines])

    def _format_exception_for_storage(self, exception: BaseException, *args: Any, **kwargs: Any) -> Any:
        """IPython's record for the history; it must not fail where ``str(exception)`` does.

        What has just been shown is not formatted once more."""
        if self._shown == (exception, exception.__traceback__) and self._last_traceback is not None:
            name, text = type(exception).__name__, text_of(exception)
            return {"ename": name, "evalue": text, "traceback": list(self._last_traceback)}
        try:
            return super()._format_exception_for_storage(exception, *args, **kwargs)
        except Exception:
            return {"ename": type(exception).__name__, "evalue": text_of(exception), "traceback": []}

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException | None, stb: Any) -> None:
        content: dict[str, Any] = {"ename": etype.__name__, "evalue": text_of(evalue), "traceback": list(stb)}
        if getattr(self.displayhook, "msg", None) is not None:
            self._last_traceback_during_displayhook = True
        self.kernel.native.publish("error", pack(content), parent=parents.current().header)
        self._last_traceback = content["traceback"]
        self._last_error = (content["ename"], content["evalue"])
        self._shown = (evalue, evalue.__traceback__) if evalue is not None else None

    # ---------------------------------------------------------------------------------------------- parents

    def get_parent(self) -> dict[str, Any]:
        """The message that the running code answers."""
        return parents.current().message

    def set_parent(self, parent: dict[str, Any]) -> None:
        """What is printed and displayed from now on in this context belongs to `parent` (a message)."""
        for target in (self.displayhook, self.display_pub, sys.stdout, sys.stderr):
            if hasattr(target, "set_parent"):
                target.set_parent(parent)

    @property
    def parent_header(self) -> dict[str, Any]:
        return self.get_parent()

    def set_thread_parent(self, parent: dict[str, Any]) -> tuple[Any, ...]:
        """As set_parent; returns tokens for reset_thread_parent."""
        targets = (self.displayhook, self.display_pub, sys.stdout, sys.stderr)
        return tuple(
            (t.reset_thread_parent, t.set_thread_parent(parent)) for t in targets if isinstance(t, parents.WithParent)
        )

    def reset_thread_parent(self, tokens: tuple[Any, ...]) -> None:
        """Undo set_thread_parent."""
        for reset, token in reversed(tokens):
            reset(token)

    # ------------------------------------------------------------------------------------------------ system

    def system_piped(self, cmd: str) -> None:
        """``!cmd``: its output goes to the cell, its exit code to ``_exit_code``. OSError for a background command."""
        from subprocess import CalledProcessError

        from IPython.utils.process import system  # type: ignore[attr-defined]

        if cmd.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")
        code = system(self.var_expand(cmd, depth=1))
        self.user_ns["_exit_code"] = code
        if getattr(self, "system_raise_on_error", False) and code != 0:
            raise CalledProcessError(code, cmd)

    system = system_piped


InteractiveShellABC.register(ZMQInteractiveShell)
# plotly and others look here to know that they are in a notebook.
ZMQInteractiveShell.__module__ = "ipykernel.zmqshell"
