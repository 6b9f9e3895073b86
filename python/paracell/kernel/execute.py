"""execute_request: one cell, from its announcement to its reply.

https://jupyter-client.readthedocs.io/en/stable/messaging.html#execute
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from IPython.core.interactiveshell import InteractiveShell

try:
    from IPython.core.interactiveshell import _asyncio_runner
except ImportError:
    _asyncio_runner = None  # type: ignore[assignment]

from paracell.kernel.packing import pack, unpack
from paracell.kernel.shell import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from paracell._native import Request
    from paracell.kernel.facade import Kernel
    from paracell.kernel.interrupts import Interrupts, NoInterrupts
    from paracell.kernel.parents import Parent


def _accepted(function: Any, *names: str) -> list[str]:
    known = inspect.signature(function).parameters
    return [name for name in names if name in known]


_ABOUT_CELL = _accepted(InteractiveShell.run_cell, "cell_id", "cell_meta")
"""What this IPython wants to know about a cell."""


class Execution:
    """A cell being executed. ``announce``, then ``run`` or (if ``awaits``) ``run_async``, then ``reply``."""

    def __init__(self, kernel: Kernel, parent: Parent, interrupts: Interrupts | NoInterrupts) -> None:
        assert parent.request is not None
        self.kernel, self.shell, self.parent = kernel, kernel.shell, parent
        self._interrupts = interrupts
        content = unpack(parent.request.content)
        self.code: str = content["code"]
        self.silent = bool(content.get("silent", False))
        self.store_history = bool(content.get("store_history", not self.silent)) and not self.silent
        self.user_expressions: dict[str, str] = content.get("user_expressions") or {}
        self.stop_on_error = bool(content.get("stop_on_error", True))
        parent.allow_stdin = bool(content.get("allow_stdin", False))
        self._started = datetime.now(timezone.utc)
        self._transformed: str = self.code
        self._transform_error: Any = None
        self._error: BaseException | None = None
        meta = unpack(parent.request.metadata)
        more = {"cell_id": meta.get("cellId"), "cell_meta": meta}
        self._more = {name: more[name] for name in _ABOUT_CELL}

    def announce(self) -> None:
        """Tell every client what is about to run, and under which number."""
        self.shell.forget_errors()
        self.kernel.native.status("busy", self.parent.header)
        if not self.silent:
            content = {"code": self.code, "execution_count": self.shell.execution_count}
            self.kernel.native.publish("execute_input", pack(content), parent=self.parent.header)

    def awaits(self) -> bool:
        """Whether the cell has to be awaited (top-level ``await``). May run input transformers: user code."""
        try:
            self._interrupts.enter()
            try:
                self._transformed = self.shell.transform_cell(self.code)
            except Exception:
                self._transform_error = sys.exc_info()
            return _runs_on_asyncio(self.shell) and bool(
                self.shell.should_run_async(
                    self.code,
                    transformed_cell=self._transformed,
                    preprocessing_exc_tuple=self._transform_error,
                )
            )
        finally:
            self._interrupts.leave()

    def run(self) -> None:
        """Run the cell here and now."""
        try:
            try:
                self._interrupts.enter()
                if self._transform_error is None:
                    self.shell.expect(self.code, self._transformed)
                result = self.shell.run_cell(
                    self.code, store_history=self.store_history, silent=self.silent, **self._more
                )
                self._keep(result)
            finally:
                self._interrupts.leave()
        except BaseException as error:
            self.fail(error)

    async def run_async(self) -> None:
        """Run the cell as part of the loop. IPython leaves its post-run hooks to us here."""
        shell = self.shell
        shell.forget_errors()
        result = None
        try:
            try:
                with shell.records.cell(self.store_history):
                    result = await shell.run_cell_async(
                        self.code,
                        store_history=self.store_history,
                        silent=self.silent,
                        transformed_cell=self._transformed,
                        preprocessing_exc_tuple=self._transform_error,
                        **self._more,
                    )
            finally:
                shell.events.trigger("post_execute")
                if not self.silent:
                    shell.events.trigger("post_run_cell", result)
            self._keep(result)
        except BaseException as error:
            self.fail(error)

    def _keep(self, result: Any) -> None:
        self._error = result.error_before_exec or result.error_in_exec

    def fail(self, error: BaseException) -> None:
        """An exception from outside the user's code (an interrupt between two steps, a broken hook) fails the cell."""
        self._error = error
        if self.shell._last_traceback is None:
            self.shell.showtraceback((type(error), error, error.__traceback__))

    def reply(self, take_behind: Callable[[], list[Request]], subshell_id: str | None) -> None:
        """Answer. If the cell failed, those that wait behind it in its (sub)shell are aborted: what arrived before, of
        which `take_behind` gives those that are here."""
        shell = self.shell
        content: dict[str, Any] = {"status": "ok"}
        failed = self._error is not None or shell._last_traceback_during_displayhook
        if failed:
            name, text = shell._last_error or (type(self._error).__name__, text_of(self._error))
            content = {"status": "error", "ename": name, "evalue": text, "traceback": shell._last_traceback or []}
            # ipyparallel and what was written for it reads this.
            content["engine_info"] = {
                "engine_uuid": self.kernel.ident,
                "engine_id": self.kernel.int_id,
                "method": "execute",
            }
        content["execution_count"] = shell.execution_count - 1
        content["user_expressions"] = {} if failed else self._expressions()
        content["payload"] = shell.payload_manager.read_payload()
        shell.payload_manager.clear_payload()
        metadata = {
            "started": self._started,
            "dependencies_met": content.get("ename") != "UnmetDependency",
            "engine": self.kernel.ident,
            "status": content["status"],
        }
        assert self.parent.request is not None
        native, request = self.kernel.native, self.parent.request
        if failed and not self.silent and self.stop_on_error:
            aborted = pack({**metadata, "started": datetime.now(timezone.utc), "status": "aborted"})
            native.reply_failed(request, pack(content), pack(metadata), take_behind(), aborted, subshell_id)
        else:
            native.reply(request, "execute_reply", pack(content), pack(metadata))

    def _expressions(self) -> Any:
        if not self.user_expressions:
            return {}
        try:
            self._interrupts.enter()
            return self.shell.user_expressions(self.user_expressions)
        except KeyboardInterrupt:
            return {}
        finally:
            self._interrupts.leave()


def _runs_on_asyncio(shell: Any) -> bool:
    """Whether ``%autoawait`` is at its default; other runners drive a loop of their own inside a synchronous cell."""
    return shell.loop_runner is _asyncio_runner and asyncio.get_event_loop().is_running()
