"""Output of iterations: what a thread that runs a task prints, displays, logs and warns goes to the task.

Other threads' output passes through. An interrupt may fall between any two steps: there is no lock that it could leave
taken and no count that it could falsify, each step can be done again, and ``reset`` puts the streams back.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from . import children, written
from .hooks import Hooks, Sink

_local = threading.local()

alone = False
"""Whether this is a worker process, whose descriptors nobody else writes to."""
_task: Sink | None = None
"""In a worker, which runs one task at a time: where the output of threads goes that the task has started."""


def current() -> Sink | None:
    """Where this thread's output goes, if it runs a task."""
    return getattr(_local, "sink", None) or _task


def _forked() -> None:
    """A child has no way to hand over what it says: it goes to its standard streams."""
    global _task
    _local.sink = _task = None


os.register_at_fork(after_in_child=_forked)

hooks = Hooks(current)
programs = children.Programs(current)


class Router:
    """A text stream that asks at each write whether the writing thread runs a task."""

    def __init__(self, name: str, stream: Any):
        self._name = name
        self._stream = self.beneath = stream
        held = getattr(stream, "__dict__", {}).get("write")
        self._write = held.__self__._write if held is not None and _is_ours(held) else stream.write
        # A logging handler made earlier holds the stream itself.
        with suppress(AttributeError, TypeError):
            stream.write = self.write

    def write(self, text: str) -> int:
        sink = current()
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
        if current() is None:
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
    if not alone:
        programs.put()
        written.take = children.take


@contextmanager
def collected(sink: Sink | None) -> Iterator[None]:
    """Send what this thread writes to `sink`; None: to where it would go without."""
    _install()
    if sink is not None:
        sink = written.before(sink)
    global _task
    before = getattr(_local, "sink", None)
    _local.sink = sink
    if hooks.remote:
        _task = sink
    try:
        yield
    finally:
        _local.sink = before
        if hooks.remote:
            _task = before
        if not alone and before is None:
            children.forget()


def interrupted() -> None:
    """This thread's task was interrupted, perhaps in the midst of `collected`."""
    _local.sink = None
    children.forget()


def reset_in_child(out: Any, err: Any) -> None:
    """In a worker that was forked: as if nothing had been collected, with these standard streams."""
    _owners.clear()
    reset(_owners)
    sys.stdout, sys.stderr = out, err


_owners: set[int] = set()
"""Who has tasks running; cells in the background have threads of their own."""


def begin(owner: object) -> None:
    """`owner` is about to run tasks."""
    _owners.add(id(owner))


def reset(owner: object) -> None:
    """When no task of `owner` runs: put the streams back, and right what an interrupt may have left."""
    interrupted()
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
        programs.take_away()
        written.take = None
