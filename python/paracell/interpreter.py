"""Entry of a subinterpreter: what it does with what ``backends.subinterpreter`` asks.

The extension cannot be loaded here. A module of its name stands in for it, with what runs of tasks need of it: plain C
functions of the same library, by ctypes.
"""

from __future__ import annotations

import contextvars
import ctypes
import logging  # noqa: F401 - records of iterations are caught where they arise
import pickle
from functools import partial
from types import ModuleType
from typing import Any

from paracell.run import unable

_server: _Server


class _Rewritten(ctypes.Structure):
    _fields_ = (
        ("payload", ctypes.c_void_p),
        ("length", ctypes.c_size_t),
        ("used", ctypes.POINTER(ctypes.c_uint32)),
        ("count", ctypes.c_size_t),
    )


class Library:
    """The extension's C functions."""

    def __init__(self, path: str) -> None:
        # Those that take a lock are called without the GIL, those that do not, with it.
        plain, brief = ctypes.CDLL(path), ctypes.PyDLL(path)
        self.enter, self.leave = plain.paracell_enter, plain.paracell_leave
        self.enter.argtypes = [ctypes.c_void_p]
        self.item_done, self.cancelled = brief.paracell_item_done, brief.paracell_cancelled
        self.item_done.argtypes = [ctypes.c_uint64]
        for function in (self.enter, self.leave, self.item_done, self.cancelled):
            function.restype = ctypes.c_bool
        self.give, self.say = brief.paracell_give, plain.paracell_say
        for function in (self.give, self.say):
            function.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
            function.restype = None
        self._rebase = brief.paracell_rebase
        self._rebase.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint32, ctypes.POINTER(_Rewritten)]
        self._rebase.restype = ctypes.c_bool
        current = ctypes.pythonapi.PyInterpreterState_Get
        current.restype = ctypes.c_void_p
        self.interpreter = current()

    def rebase_memo(self, payload: bytes, primed: int) -> tuple[bytes, list[int]] | None:
        """As the extension's."""
        found = _Rewritten()
        if not self._rebase(payload, len(payload), primed, found):
            return None
        return ctypes.string_at(found.payload, found.length), found.used[: found.count]


def begin(stand_in: ModuleType, path: str) -> None:
    """Make this interpreter ready to serve."""
    global _server
    library = Library(path)

    def item_done(count: int = 1) -> None:
        if library.item_done(count):
            raise KeyboardInterrupt

    stand_in.item_done = item_done  # type: ignore[attr-defined]
    stand_in.rebase_memo = library.rebase_memo  # type: ignore[attr-defined]
    stand_in.cancelled = library.cancelled  # type: ignore[attr-defined]
    _server = _Server(library)


def serve(names: dict[str, Any]) -> None:
    """Answer the message that stands among `names`, the globals of this interpreter's ``__main__``."""
    _server.serve(names.pop("__paracell_message__"))


class _Server:
    def __init__(self, library: Library) -> None:
        from paracell.run import capture, limit, task
        from paracell.ship.worker import Receiver
        from paracell.workershell import Settings

        self._library = library
        capture.hooks.remote = True
        limit.daemon = False
        self._receiver = Receiver(partial(task.run_task, live=self._say), Settings(), beside=True)
        self._context = contextvars.copy_context()
        """Context variables last from one call to the next; each comes with a thread state of its own."""
        unable.watch()

    def serve(self, message: tuple[Any, ...]) -> None:
        unable.NOTED.clear()
        answer: list[Any] = []
        # The interrupt of a cancelled run may come at any step until `leave` has returned, and one more.
        try:
            try:
                if not self._library.enter(self._library.interpreter):
                    answer = self._context.run(self._answer, *message)
            finally:
                self._leave()
        except KeyboardInterrupt:
            answer = []  # nobody waits for one
        for part in answer:
            part = bytes(part)
            self._library.give(part, len(part))

    def _leave(self) -> None:
        while True:
            try:
                self._library.leave()
                for _ in range(2):
                    pass
                return
            except KeyboardInterrupt:
                continue

    def _answer(
        self,
        dropped: tuple[bytes, ...],
        blobs: tuple[tuple[bytes, bytes, tuple[bytes, ...]], ...],
        job: bytes,
        payload: bytes,
        buffers: tuple[bytes, ...] | None = None,
    ) -> list[Any]:
        for key in dropped:
            self._receiver.forget(key)
        for key, data, more in blobs:
            self._receiver.define(key, data, _memory(more))
        if buffers is None:
            from paracell.ship.link import using

            failed = self._receiver.build(job)
            with using(self._receiver.link):  # for what the notebook has put into them
                for name in pickle.loads(payload):
                    self._imports(name)
            return [pickle.dumps((unable.NOTED, failed))]
        result, more_back = self._receiver.task(job, payload, _memory(buffers))
        return [pickle.dumps(unable.NOTED), result, *more_back]

    def _imports(self, name: str) -> None:
        """Load what functions import, and the notebook has loaded; what cannot be is noted."""
        try:
            __import__(name)
        except Exception:
            return  # an error of the iteration that imports it

    def _say(self, kind: str, content: Any) -> bool:
        """An event of an iteration for which the notebook may be waiting. What needs the notebook's code to be read
        waits for the result."""
        if kind in ("log", "warning", "figures"):
            return False
        try:
            words = pickle.dumps((kind, content), 5)
        except Exception:
            return False
        self._library.say(words, len(words))
        return True


def _memory(buffers: tuple[bytes, ...]) -> list[memoryview]:
    """Writable memory of this interpreter's own."""
    return [memoryview(bytearray(one)) for one in buffers]
