"""Output of iterations: what a thread that runs a task prints, displays, logs and warns goes to the task.

Other threads' output passes through. An interrupt may fall between any two steps: there is no lock that it could leave
taken and no count that it could falsify, each step can be done again, and ``reset`` puts the streams back.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from .hooks import Hooks, Sink

_local = threading.local()


def current() -> Sink | None:
    """Where this thread's output goes, if it runs a task."""
    return getattr(_local, "sink", None)


hooks = Hooks(current)


class Router:
    """A text stream that asks at each write whether the writing thread runs a task."""

    def __init__(self, name: str, stream: Any):
        self._name = name
        self._stream = stream
        held = getattr(stream, "__dict__", {}).get("write")
        self._write = held.__self__._write if held is not None and _is_ours(held) else stream.write
        # A logging handler made earlier holds the stream itself.
        with suppress(AttributeError, TypeError):
            stream.write = self.write

    def write(self, text: str) -> int:
        sink: Sink | None = getattr(_local, "sink", None)
        if sink is None:
            return self._write(text)
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


def _is_ours(write: Any) -> bool:
    return type(getattr(write, "__self__", None)) is Router


def _install() -> None:
    for name in ("stdout", "stderr"):
        if type(getattr(sys, name)) is not Router:
            setattr(sys, name, Router(name, getattr(sys, name)))
    hooks.put()


@contextmanager
def collected(sink: Sink | None) -> Iterator[None]:
    """Send what this thread writes to `sink`; None: to where it would go without."""
    _install()
    before = current()
    _local.sink = sink
    try:
        yield
    finally:
        _local.sink = before


_owners: set[int] = set()
"""Who has tasks running; cells in the background have threads of their own."""


def begin(owner: object) -> None:
    """`owner` is about to run tasks."""
    _owners.add(id(owner))


def reset(owner: object) -> None:
    """When no task of `owner` runs: put the streams back, and right what an interrupt may have left."""
    _local.sink = None
    _owners.discard(id(owner))
    if _owners:
        return
    for name in ("stdout", "stderr"):
        while type(stream := getattr(sys, name)) is Router:
            if _is_ours(getattr(stream._stream, "__dict__", {}).get("write")):
                del stream._stream.write
            setattr(sys, name, stream._stream)
    if not hooks.remote:
        hooks.take_away()
