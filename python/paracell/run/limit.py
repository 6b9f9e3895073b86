"""A time limit for code of this thread: TimeoutError is raised inside it when its time is up.

On the main thread a timer's signal ends system calls that wait, too. On other threads the exception comes when the
thread next runs Python code: a call that does not return to Python is not ended, and its limit is noticed afterwards.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from ..ship.errors import safe_repr


def overdue_text(index: int, item: Any, seconds: float) -> str:
    """What is wrong with an iteration that takes longer than `seconds`."""
    return f"iteration {index} (item {safe_repr(item, 80)}) took longer than {seconds:g} s (--timeout)"


@contextmanager
def limited(seconds: float, text: str) -> Iterator[None]:
    """Raise TimeoutError(text) in the body once `seconds` have passed."""
    here = threading.current_thread() is threading.main_thread()
    with _by_signal(seconds, text) if here else _by_watch(seconds, text):
        yield


@contextmanager
def _by_signal(seconds: float, text: str) -> Iterator[None]:
    def fire(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(text)

    before = signal.signal(signal.SIGALRM, fire)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    began = time.monotonic()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before if before is not None else signal.SIG_DFL)
        if left:  # somebody else's timer goes on
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), 1e-6), interval)


@contextmanager
def _by_watch(seconds: float, text: str) -> Iterator[None]:
    entry = watch.enter(threading.get_ident(), time.monotonic() + seconds, text)
    try:
        yield
    finally:
        if watch.leave(entry):
            # One that is still on its way ends here. (Taken back, as CPython offers, it would before 3.13 leave the
            # interpreter looking for it for ever: under a trace function an endless loop.)
            with suppress(TimeoutError):
                for _ in range(2):
                    pass


class _Entry:
    def __init__(self, ident: int, at: float, text: str) -> None:
        self.ident = ident
        self.at = at
        self.text = text
        self.fired = False

    def exception(self) -> type[TimeoutError]:
        """Only a class can be raised in another thread: one whose objects have our text."""

        def begin(self: TimeoutError, *args: Any) -> None:
            TimeoutError.__init__(self, *args)
            self.args = args or (text,)

        text = self.text
        return type("TimeoutError", (TimeoutError,), {"__init__": begin, "__module__": "builtins"})


daemon = True
"""Whether threads may be left behind; in a subinterpreter they may not."""


class _Watch:
    """One thread that waits for the next time that is up; it ends when there is nothing to wait for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._entries: list[_Entry] = []
        self._runs = False
        self._kept = 0
        """Runs for which it goes on, whatever there is to wait for."""

    def keep(self) -> None:
        """A run begins whose threads will ask. They had better not start one themselves: before Python 3.12 an
        exception that another thread sends them meanwhile ends the new one, for whose beginning they then wait for
        ever."""
        with self._changed:
            self._kept += 1
            self._begin()

    def let_go(self) -> None:
        """That run is over."""
        with self._changed:
            self._kept -= 1
            self._changed.notify()

    def _begin(self) -> None:
        if not self._runs:
            self._runs = True
            threading.Thread(target=self._serve, name="paracell-limit", daemon=daemon).start()

    def enter(self, ident: int, at: float, text: str) -> _Entry:
        entry = _Entry(ident, at, text)
        with self._changed:
            self._entries.append(entry)
            self._begin()
            self._changed.notify()
        return entry

    def leave(self, entry: _Entry) -> bool:
        """No exception of `entry` is sent any more; whether one may be on its way."""
        with self._changed:
            if entry in self._entries:
                self._entries.remove(entry)
            self._changed.notify()
        return entry.fired

    def _serve(self) -> None:
        import ctypes

        with self._changed:
            while self._entries or self._kept:
                if not self._entries:
                    self._changed.wait()
                    continue
                first = min(self._entries, key=lambda entry: entry.at)
                left = first.at - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
                self._entries.remove(first)
                first.fired = True
                raised = ctypes.py_object(first.exception())
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(first.ident), raised)
            self._runs = False


watch = _Watch()
