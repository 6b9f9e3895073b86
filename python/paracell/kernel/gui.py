"""GUI toolkits' event loops, run by the main thread while no request waits: ``%gui qt``, ``%matplotlib tk``.

The loops are those of ``ipykernel.eventloops`` and what libraries add to them with its ``register_integration``:
functions that take the kernel, run the toolkit's loop, and return once ``kernel.shell_stream`` has something to read.
In between asyncio has the thread.
"""

from __future__ import annotations

import contextlib
import select
import sys
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from paracell.kernel.facade import Socket

if TYPE_CHECKING:
    from collections.abc import Callable

    from paracell._native import Kernel as Native
    from paracell.kernel.dispatch import Dispatcher
    from paracell.kernel.facade import Kernel
    from paracell.kernel.interrupts import Interrupts

PAUSE = 0.001
"""Seconds that asyncio has between two runs of a toolkit's loop."""
PAUSE_OF_BUSY = 0.01
"""Seconds until it is asked again whether an async cell has ended."""

WITHOUT_LOOP = (None, "inline", "agg", "asyncio", "nbagg", "webagg", "notebook", "ipympl", "widget")
"""What is drawn by the client, or by asyncio."""


class ShellStream(Socket):
    """The shell channel, as far as a toolkit's loop looks at it."""

    def __init__(self, native: Native) -> None:
        super().__init__("shell")
        self._native = native

    def getsockopt(self, option: int) -> int:
        """The descriptor that is readable while a request waits, whatever is asked for: loops ask for nothing else."""
        return self._native.request_fd()

    get = getsockopt

    def flush(self, flag: Any = None, limit: int | None = None) -> int:
        """How many requests wait, 1 standing for any number; they are handled when the toolkit's loop has returned."""
        return len(select.select([self._native.request_fd()], [], [], 0)[0])


class GuiLoop:
    """Runs the chosen loop whenever the main shell is idle, as part of the cell that ran last."""

    def __init__(self, kernel: Kernel, dispatcher: Dispatcher, interrupts: Interrupts) -> None:
        self._kernel, self._dispatcher, self._interrupts = kernel, dispatcher, interrupts
        if kernel.eventloop is not None:  # chosen by the configuration
            self.begin(kernel.eventloop)

    def begin(self, run: Callable[[Any], None]) -> None:
        """Run this loop whenever it may, until ``kernel.eventloop`` is another."""
        self._schedule(PAUSE, run)

    def _schedule(self, seconds: float, run: Callable[[Any], None]) -> None:
        self._kernel.loop.call_later(seconds, self._advance, run, context=self._dispatcher.context)

    def _advance(self, run: Callable[[Any], None]) -> None:
        """A turn of the toolkit's loop. An error ends it, and is shown."""
        if self._kernel.eventloop is not run:
            return
        idle = self._dispatcher.idle()
        try:
            if idle:
                self._turn(run)
        except KeyboardInterrupt:
            pass
        except Exception:
            self._kernel.eventloop = None
            self._kernel.shell.showtraceback()
            return
        if self._kernel.eventloop is run:
            self._schedule(PAUSE if idle else PAUSE_OF_BUSY, run)

    def _turn(self, run: Callable[[Any], None]) -> None:
        try:
            self._interrupts.enter()
            run(self._kernel)
        finally:
            self._interrupts.leave()

    def end(self) -> None:
        """The kernel ends: no turn any more, and what the integration registered for that."""
        leave = getattr(self._kernel.eventloop, "exit_hook", None)
        self._kernel.eventloop = None
        if leave is not None:
            with contextlib.suppress(Exception):
                leave(self._kernel)


def enable(gui: str | None, kernel: Kernel) -> None:
    """Choose a toolkit's loop by its name. UsageError for one that nobody has registered."""
    if gui in WITHOUT_LOOP and "ipykernel.eventloops" not in sys.modules:
        return
    from ipykernel.eventloops import enable_gui

    try:
        # asyncio runs anyway, and would be asked all the time whether it does.
        enable_gui(None if gui == "asyncio" else gui, kernel)
    except ValueError as error:
        raise UsageError(str(error)) from error
