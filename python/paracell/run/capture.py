"""Output of iterations: ``sys.stdout`` and ``sys.stderr`` of a thread that runs a task go to the task.

Other threads' output passes through. The streams are put back when the last task has ended.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Sink = Callable[[str, str], None]

_local = threading.local()
_lock = threading.Lock()
_users = 0
_routers: dict[str, Router] = {}


class Router:
    """A text stream that asks at each write whether the writing thread runs a task."""

    def __init__(self, name: str, stream: Any):
        self._name = name
        self._stream = stream

    def write(self, text: str) -> int:
        sink: Sink | None = getattr(_local, "sink", None)
        if sink is None:
            return self._stream.write(text)
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        sink(self._name, text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if getattr(_local, "sink", None) is None:
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _install() -> None:
    global _users
    with _lock:
        _users += 1
        if _users == 1:
            for name in ("stdout", "stderr"):
                _routers[name] = Router(name, getattr(sys, name))
                setattr(sys, name, _routers[name])


def _remove() -> None:
    global _users
    with _lock:
        _users -= 1
        if _users == 0:
            for name, router in _routers.items():
                if getattr(sys, name) is router:
                    setattr(sys, name, router._stream)
            _routers.clear()


@contextmanager
def collected(sink: Sink | None) -> Iterator[None]:
    """Send what this thread writes to `sink`."""
    _install()
    before = getattr(_local, "sink", None)
    _local.sink = sink
    try:
        yield
    finally:
        _local.sink = before
        _remove()
