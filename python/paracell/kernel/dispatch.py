"""Requests, in order, on an asyncio loop: the main thread's, or that of a subshell.

One request a turn of the loop, so that tasks of the notebook progress in between. While a cell runs (an async one is
suspended, or a synchronous one runs the loop itself with nest_asyncio), comm messages and control requests are handled
at once and the rest waits in ``_waiting``.
"""

from __future__ import annotations

import contextvars
import sys
from collections import deque
from typing import TYPE_CHECKING, Any

from paracell.kernel import introspect, parents
from paracell.kernel.execute import Execution
from paracell.kernel.interrupts import InterruptibleCell, NoInterrupts
from paracell.kernel.packing import pack, unpack
from paracell.kernel.parents import Parent
from paracell.kernel.shell import text_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from paracell._native import Request, Subshell
    from paracell.kernel.facade import Kernel
    from paracell.kernel.interrupts import Interrupts

Content = dict[str, Any]

QUESTIONS: dict[str, Callable[[Kernel, Content], Content]] = {
    "complete_request": introspect.complete,
    "inspect_request": introspect.inspect,
    "is_complete_request": introspect.is_complete,
    "history_request": introspect.history,
    "comm_info_request": introspect.comm_info,
}
LINGER = 1.0
"""Seconds from a cell's ``exit`` to the kernel's end: a client that finds the kernel gone does not read the reply that
tells it to leave. One that has read it sends a shutdown_request."""
AT_ONCE = {"comm_open", "comm_msg", "comm_close", "comm_info_request"}


class Dispatcher:
    """Takes requests from the native kernel and answers each of them exactly once."""

    def __init__(
        self,
        kernel: Kernel,
        interrupts: Interrupts | NoInterrupts,
        loop: asyncio.AbstractEventLoop,
        subshell: Subshell | None = None,
    ) -> None:
        self._kernel, self._native = kernel, kernel.native
        self._subshell = subshell
        self._source = subshell or kernel.native
        self._interrupts, self._loop = interrupts, loop
        self._waiting: deque[Request] = deque()
        self._scheduled = False
        self._due = 0
        """How many requests are handled as soon as the loop comes to it, whatever runs."""
        self._cell: Execution | None = None
        # One context for all cells: a context variable that a cell sets is there in the next.
        self.context = contextvars.copy_context()
        self.on_shutdown: Callable[[bool], None] = lambda restart: None
        self.on_idle: Callable[[], bool] | None = None
        """Called when a cell has been answered and nothing waits, until it returns True."""
        self._exiting = False
        self.stopped = False

    @property
    def subshell_id(self) -> str | None:
        """None: the main shell."""
        return self._subshell.name if self._subshell is not None else None

    def start(self) -> None:
        """Handle requests whenever the loop runs."""
        parents.set_dispatching(self)
        if self._subshell is not None:
            self._kernel.subshells.add(self._subshell.name)
        self._loop.add_reader(self._source.request_fd(), self._readable)

    def stop(self) -> None:
        """Handle no more requests."""
        self.stopped = True
        if self._subshell is not None:
            self._kernel.subshells.discard(self._subshell.name)
        parents.set_dispatching(None)
        self._loop.remove_reader(self._source.request_fd())

    def poll(self) -> None:
        """Handle what need not wait for the cell that runs, on behalf of code that keeps this thread, or lets another
        one wait for what widgets do."""
        while (request := self._source.take_request()) is not None:
            if request.msg_type in AT_ONCE and self._asker(request) is self:
                self._handle(request)
            elif self._cell is not None and request.channel != "control":
                self._waiting.append(request)  # where an error of the cell finds it
            else:
                self._loop.call_soon_threadsafe(self._take, request)

    def idle(self) -> bool:
        """Whether neither a cell runs nor a request waits."""
        return self._cell is None and not self._waiting and not self._due

    def exit_soon(self) -> None:
        """Shut down as soon as the running cell has been answered."""
        self._exiting = True
        if self._cell is None:
            self._exit()

    def _exit(self) -> None:
        self._loop.call_later(LINGER, self.on_shutdown, False)

    def _readable(self) -> None:
        request = self._source.take_request()
        if request is None:
            if self._subshell is not None and self._subshell.closed:
                self._loop.call_soon(self._loop.stop)
            return
        asker = self._asker(request) if request.msg_type == "comm_msg" else self
        if asker is not self:
            asker._loop.call_soon_threadsafe(asker._take, request)
            return
        self._take(request)

    def _asker(self, request: Request) -> Dispatcher:
        """Which dispatcher's code sent the message that this one answers."""
        if not self._kernel.subshells:
            return self
        comm = self._kernel.comm_manager.comms.get(unpack(request.content).get("comm_id"))
        asker = getattr(comm, "asker", None)
        return asker if asker is not None and not asker.stopped else self

    def _take(self, request: Request) -> None:
        """Handle a request now or in its turn."""
        if request.channel == "control" or (self._cell is not None and request.msg_type in AT_ONCE):
            self._due += 1
            self._loop.call_soon(self._at_once, request, context=contextvars.copy_context())
        else:
            self._waiting.append(request)
            self._schedule()

    def _at_once(self, request: Request) -> None:
        self._due -= 1
        self._handle(request)

    def _schedule(self) -> None:
        if self._waiting and self._cell is None and not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._next, context=self.context)

    def _next(self) -> None:
        self._scheduled = False
        try:
            if self._waiting and self._cell is None:
                self._handle(self._waiting.popleft())
        finally:
            self._schedule()

    def _enter(self, parent: Parent) -> None:
        """What belongs to no context (C threads, descriptors) belongs to the main shell's request."""
        parents.enter(parent, latest=self._subshell is None)

    # ---------------------------------------------------------------------------------------------- requests

    def _handle(self, request: Request) -> None:
        parent = Parent(request.header, request)
        if request.msg_type == "execute_request":
            self._execute(parent)
            return
        if request.msg_type == "shutdown_request" and request.channel == "control":
            self.on_shutdown(bool(unpack(request.content).get("restart", False)))
            return
        before = parents.current()
        self._enter(parent)
        self._native.status("busy", parent.header)
        try:
            self._answer(parent, request)
        except BaseException as error:
            self._answer_with_error(request, error)
        finally:
            self._native.status("idle", parent.header)
            parents.restore(parent, before)

    def _answer(self, parent: Parent, request: Request) -> None:
        kind = request.msg_type
        reply = kind.removesuffix("_request") + "_reply"
        if kind in self._kernel.shell_handlers:
            self._user_handler(self._kernel.shell_handlers[kind], parent)
        elif kind == "shutdown_request":  # on shell; on control the wire answers
            self._shutdown(request)
        elif kind in QUESTIONS:
            try:
                self._interrupts.enter()
                content = QUESTIONS[kind](self._kernel, unpack(request.content))
            finally:
                self._interrupts.leave()
            self._native.reply(request, reply, pack(content))
        else:
            self._kernel.log.warning("unknown message type %r", kind)

    def _user_handler(self, handler: Callable[[Any, Any, Content], Any], parent: Parent) -> None:
        """Comm messages, and message types that a library registered in ``kernel.shell_handlers``."""
        assert parent.request is not None
        try:
            self._interrupts.enter()
            result = handler(self._kernel.shell_stream, list(parent.request.identities), parent.message)
        finally:
            self._interrupts.leave()
        if hasattr(result, "__await__"):

            async def finish() -> None:
                await result

            self._loop.create_task(finish())

    def _answer_with_error(self, request: Request, error: BaseException) -> None:
        if not request.msg_type.endswith("_request"):
            # Nobody waits for an answer: a comm's callback failed.
            self._kernel.shell.showtraceback((type(error), error, error.__traceback__))
            return
        import traceback

        content = {
            "status": "error",
            "ename": type(error).__name__,
            "evalue": text_of(error),
            "traceback": traceback.format_exception(type(error), error, error.__traceback__),
        }
        self._native.reply(request, request.msg_type.removesuffix("_request") + "_reply", pack(content))

    def _shutdown(self, request: Request) -> None:
        restart = bool(unpack(request.content).get("restart", False))
        content = pack({"status": "ok", "restart": restart})
        self._native.reply(request, "shutdown_reply", content)
        self._native.publish("shutdown_reply", content, parent=request.header)
        self.on_shutdown(restart)

    # ------------------------------------------------------------------------------------------------- cells

    def _execute(self, parent: Parent) -> None:
        self._enter(parent)
        self._interrupts.arm()
        if self._subshell is None:
            self._native.set_captured_parent(parent.header)
        try:
            self._cell = cell = Execution(self._kernel, parent, self._interrupts)
        except Exception as error:  # a request without code
            assert parent.request is not None
            self._native.status("busy", parent.header)
            self._answer_with_error(parent.request, error)
            self._finish(parent)
            return
        try:
            cell.announce()
            if self._kernel.before_cell is not None:
                self._kernel.before_cell()
            awaited = cell.awaits()
        except BaseException as error:
            cell.fail(error)
            self._reply(cell)
            return
        if awaited:
            self._begin_async(cell)
        else:
            cell.run()
            self._reply(cell)

    def _begin_async(self, cell: Execution) -> None:
        coroutine = InterruptibleCell(cell.run_async(), self._interrupts)
        # The same context as synchronous cells use, so that context variables persist; 3.10 can only copy it.
        more: dict[str, Any] = {"context": self.context} if sys.version_info >= (3, 11) else {}
        coroutine.task = self._loop.create_task(coroutine, **more)
        self._interrupts.cell = coroutine

        def done(task: asyncio.Task[Any]) -> None:
            self._interrupts.cell = None
            if not task.cancelled() and (error := task.exception()) is not None:
                cell.fail(error)
            elif task.cancelled():
                cell.fail(KeyboardInterrupt())
            self._reply(cell)
            self._schedule()

        coroutine.task.add_done_callback(done, context=self.context)

    def _reply(self, cell: Execution) -> None:
        try:
            cell.reply(self._take_cells, self.subshell_id)
        except BaseException as error:
            assert cell.parent.request is not None
            self._answer_with_error(cell.parent.request, error)
        finally:
            self._finish(cell.parent)

    def _finish(self, parent: Parent) -> None:
        self._cell = None
        self._native.status("idle", parent.header)
        self._interrupts.disarm()
        if self._exiting:
            self._exit()
        if self.on_idle is not None:
            self._loop.call_soon(self._prepare)

    def _prepare(self) -> None:
        """Use idle time for what later cells need; whatever arrives meanwhile goes first."""
        if self.idle() and self.on_idle is not None and self.on_idle():
            self.on_idle = None

    def _take_cells(self) -> list[Request]:
        """The execute requests that wait, which wait no more; other requests do."""
        cells = [request for request in self._waiting if request.msg_type == "execute_request"]
        others = [request for request in self._waiting if request.msg_type != "execute_request"]
        self._waiting = deque(others)
        return cells
