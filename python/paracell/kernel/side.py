"""What the native side's own threads call: the debugger's questions, and subshells."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from paracell.kernel.debugger import Debugger
from paracell.kernel.packing import pack, unpack

if TYPE_CHECKING:
    from paracell._native import Subshell
    from paracell.kernel.dispatch import Dispatcher
    from paracell.kernel.facade import Kernel


class Side:
    """Handlers for ``Kernel.serve_beside``. Each method runs on a thread of its own, beside the main one."""

    def __init__(self, kernel: Kernel, make_dispatcher: Callable[[asyncio.AbstractEventLoop, Subshell], Dispatcher]):
        self._kernel = kernel
        self._make_dispatcher = make_dispatcher
        self._debugger: Debugger | None = None

    def debug(self, question: bytes) -> bytes:
        """Answer a question of the debugger (JSON in and out)."""
        self._hide()
        if self._debugger is None:
            self._debugger = Debugger(self._kernel)
        return pack(self._debugger.answer(unpack(question)))

    def subshell(self, subshell: Subshell) -> None:
        """Serve a subshell until it is deleted."""
        threading.current_thread().name = f"subshell-{subshell.name}"
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        dispatcher = self._make_dispatcher(loop, subshell)
        dispatcher.start()
        try:
            loop.run_forever()
        finally:
            dispatcher.stop()
            loop.close()
            # Before 3.12, threading keeps threads that it did not start for ever.
            threading._active.pop(threading.get_ident(), None)  # type: ignore[attr-defined]

    def _hide(self) -> None:
        """Debuggers do not stop in this thread, nor do they wait for it."""
        thread = threading.current_thread()
        if not hasattr(thread, "pydev_do_not_trace"):
            thread.name = "paracell-control"
            thread.pydev_do_not_trace = True  # type: ignore[attr-defined]
            thread.is_pydev_daemon_thread = True  # type: ignore[attr-defined]
