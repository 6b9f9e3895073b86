"""SIGINT: KeyboardInterrupt in the user's code, wherever it is, and nowhere else.

There are four states: *idle* (nothing to interrupt, but a task that blocks the loop), *armed* (a cell was announced as
busy, its code does not run yet: the interrupt is kept for it), *running* (its code is on the stack: raise there) and
*waiting* (an async cell is suspended: the loop throws into it). Until the first cell, `early` keeps them.
"""

from __future__ import annotations

import asyncio
import collections.abc
import os
import pdb
import signal
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from IPython.core import debugger

from paracell._native import InterruptHandler
from paracell.kernel import early

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import FrameType

    from paracell._native import Kernel


class Interrupts:
    """The state, changed by the main thread only."""

    def __init__(self, loop: asyncio.AbstractEventLoop, native: Kernel) -> None:
        self._loop, self._native = loop, native
        self._begun = False
        self._running = 0
        self._armed = False
        self._cells = 0
        self._kept = False
        self._raised = False
        """Whether the cell that runs has been interrupted."""
        self.cell: InterruptibleCell | None = None
        self.in_debugger: Callable[[FrameType | None], bool] | None = None
        """Whether a debugger waits in this frame; it then goes on, and the interrupt comes again."""

    def install(self) -> None:
        """Handle SIGINT from now on, also if it was inherited as ignored."""
        handle = InterruptHandler(self._is_for_code)
        signal.signal(signal.SIGINT, handle)
        handle.watch()
        # pdb's "continue" installs this method as the handler; it would drop into the debugger at some later interrupt,
        # with nobody to answer it.
        pdb.Pdb.sigint_handler = lambda _self, signum, frame: handle(signum, frame)  # type: ignore[assignment, method-assign]
        # An interrupt at pdb's prompt ends the debugger; pdb's own would ask again.
        debugger.Pdb = pdb.Pdb = debugger.InterruptiblePdb  # type: ignore[misc, assignment]
        pdb.set_trace = debugger.set_trace  # type: ignore[assignment]
        sys.unraisablehook = partial(self._unraisable, sys.unraisablehook)

    def _unraisable(self, former: Callable[[Any], object], lost: Any) -> None:
        """What a finalizer or a weak reference's callback raises goes no further, and an interrupt that fell there (the
        garbage may be anybody's) has not reached the cell: it comes again."""
        if self._raised and issubclass(lost.exc_type, KeyboardInterrupt) and (self._running or self.cell is not None):
            self._again()
        else:
            former(lost)

    def _again(self) -> None:
        """Interrupt this cell once the code that runs at the moment, which is nobody's to interrupt, is through."""
        cells = self._cells

        def kill() -> None:
            if self._cells == cells:
                os.kill(os.getpid(), signal.SIGINT)

        threading.Timer(0.01, kill).start()

    def _is_for_code(self, signum: int, frame: FrameType | None) -> bool:
        """Whether the code in `frame` is the user's, to be interrupted there; what else an interrupt means is done."""
        if self.in_debugger is not None and self.in_debugger(frame):
            self._again()
            return False
        if self._running:
            self._raised = True
            return True
        if self.cell is not None:
            self._loop.call_soon_threadsafe(self.cell.interrupt)
        elif self._armed:
            self._kept = True
            return False
        elif not self._begun:
            early.look(self._native)
        return asyncio.current_task(self._loop) is not None

    def arm(self) -> None:
        """A cell is announced as busy from here on."""
        self._kept, self._begun = early.take(), True
        # No user code runs now; an interrupt inside leave() may have kept the last one from being counted off.
        self._running = 0
        self._raised = False
        self._armed = True
        self._cells += 1
        handle = signal.getsignal(signal.SIGINT)
        if isinstance(handle, InterruptHandler):
            handle.watch()  # whoever has set a handler and put this one back has undone it

    def disarm(self) -> None:
        """The cell has been answered."""
        self._armed = False

    def enter(self) -> None:
        """User code begins. KeyboardInterrupt if an interrupt was kept. Pair with leave() in a ``finally``."""
        self._running += 1
        if self._kept:
            self._kept = False
            raise KeyboardInterrupt

    def leave(self) -> None:
        """User code has ended."""
        self._running -= 1


class NoInterrupts:
    """For a subshell: signals reach the main thread alone."""

    cell: InterruptibleCell | None = None

    def arm(self) -> None:
        """Nothing is kept."""

    disarm = enter = leave = arm


class InterruptibleCell(collections.abc.Coroutine):  # type: ignore[type-arg]
    """An async cell's coroutine; an interrupt while it waits is a KeyboardInterrupt at its ``await``."""

    def __init__(self, inner: Coroutine[Any, Any, Any], interrupts: Interrupts | NoInterrupts) -> None:
        self._inner = inner
        self._interrupts = interrupts
        self._interrupted = False
        self.task: asyncio.Task[Any] | None = None

    def interrupt(self) -> None:
        """Wake the cell; called by the loop."""
        if self.task is not None and not self.task.done():
            self._interrupted = True
            self.task.cancel()

    def __await__(self) -> Any:
        return self._inner.__await__()

    def send(self, value: Any) -> Any:
        return self._step(self._inner.send, value)

    def throw(self, *error: Any) -> Any:
        if self._interrupted:
            self._interrupted = False
            error = (KeyboardInterrupt(),)
        return self._step(self._inner.throw, *error)

    def _step(self, step: Any, *args: Any) -> Any:
        try:
            self._interrupts.enter()
            return step(*args)
        finally:
            self._interrupts.leave()

    def close(self) -> None:
        self._inner.close()
