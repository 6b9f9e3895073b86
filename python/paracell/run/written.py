"""What iterations write past Python's streams: in a worker process C code and child processes, to its descriptors; on
threads child processes alone (see ``children``)."""

from __future__ import annotations

from collections.abc import Callable

from .hooks import Sink

take: Callable[[], list[tuple[str, bytes]] | None] | None = None
"""What is new of the task that this thread runs; None: nobody looks."""

MANY = 1000
"""Iterations of a task, above which a system call after each would be felt."""
STRIDE = 64


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


def stride(iterations: int) -> int:
    """After how many iterations of a task to look, 0: never. Where they are tiny, not after each until something is
    written."""
    if take is None:
        return 0
    return 1 if iterations <= MANY else STRIDE
