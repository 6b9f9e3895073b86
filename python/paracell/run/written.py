"""What iterations write past Python's streams: in a worker process C code and child processes, to its descriptors; on
threads child processes alone (see ``children``)."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from .hooks import Sink

take: Callable[[], list[tuple[str, bytes]] | None] | None = None
"""What is new of the task that this thread runs; None: nobody looks."""

EVERY = 60e-6
"""Seconds between two looks where iterations are shorter: a look takes a fortieth of that."""


def flush(sink: Sink) -> bool:
    """Hand over what is new as events; whether there was any."""
    found = take() if take is not None else None
    for name, data in found or ():
        sink("raw", (name, data))
    return found is not None


def before(sink: Sink) -> Sink:
    """`sink`, told first of what was written before its own events."""
    if take is None:
        return sink

    def sink_(kind: str, content: object) -> None:
        flush(sink)
        sink(kind, content)

    return sink_


class Looks:
    """When to look while a task runs: after each iteration, but where they are tiny; and there, too, once something has
    been written."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._every = EVERY if take is not None else inf

    def look(self) -> float:
        """An iteration has ended that may have written something; in how many seconds to look again."""
        if flush(self._sink):
            self._every = 0.0
        return self._every
