"""Each iteration draws from its own random streams, so that results do not depend on who runs it, where, and when.

A region's streams are derived from the notebook's state of each source as it stands when the region begins. Around
a task the sources of that process are saved and put back: what is drawn elsewhere (the commit part, other code of a
worker) never meets the streams. The notebook's own sources move on by one draw for the region.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from types import FunctionType
from typing import Any

from paracell.records import record

from . import sources
from .draws import find, resolve


@record(frozen=True)
class Stream:
    """One source that a region's iterations draw from, or may draw from."""

    paths: tuple[tuple[Any, ...], ...]
    """Ways to the source from the compute function's globals (``draws.resolve``): as copies have been made of it in
    another process, they may lead to several objects there."""
    label: str
    """What it is called in messages."""
    key: bytes
    """Derived from the source's state in the notebook and the region."""
    sure: bool
    """Whether the code names it; else library code may draw from it."""


def plan(compute: FunctionType, items: Any, region: int) -> tuple[Stream, ...] | None:
    """The streams of a region that is about to begin; None if it draws nothing. Changes nothing."""
    streams = []
    for found in find(compute, items):
        key = blake2b(sources.digest(found.source), key=b"region %d" % region, digest_size=16).digest()
        streams.append(Stream(tuple(found.paths), found.label, key, found.sure))
    return tuple(streams) or None


def sure(streams: Sequence[Stream] | None) -> list[str]:
    """Labels of the sources that the code names."""
    return [stream.label for stream in streams or () if stream.sure]


def advance(streams: Sequence[Stream], namespace: dict[str, Any], numbers: Sequence[int]) -> None:
    """The notebook's own sources with these numbers move on by one draw."""
    for number in numbers:
        source = resolve(streams[number].paths[0], namespace)
        if source is not None:
            sources.advance(source)


class Streams:
    """The streams of the iterations of one task, in this process."""

    def __init__(self, streams: Sequence[Stream], namespace: dict[str, Any]) -> None:
        self._saved: list[tuple[Any, Any]] = []
        self._enter: list[sources.Enter] = []
        self._watched: dict[int, tuple[Callable[[], Any], Any]] = {}
        self._drawn: set[int] = set()
        seen: set[int] = set()
        for number, stream in enumerate(streams):
            for path in stream.paths:
                source = resolve(path, namespace)
                if source is None or id(sources.engine(source)) in seen:
                    continue
                seen.add(id(sources.engine(source)))
                self._saved.append((source, sources.save(source)))
                self._enter.append(sources.entering(source, stream.key, stream.sure))
                if not stream.sure:
                    self._watched[number] = (sources.watching(source), None)

    def enter(self, iteration: int) -> None:
        """The next iteration to run in this thread is the region's `iteration`-th."""
        if self._watched:
            self._look()
        for enter in self._enter:
            enter(iteration)
        for number, (watch, _) in self._watched.items():
            self._watched[number] = (watch, watch())

    def _look(self) -> None:
        for number, (watch, before) in list(self._watched.items()):
            if before is not None and watch() != before:
                self._drawn.add(number)
                del self._watched[number]

    def items(self, items: list[Any], start: int) -> Items:
        """Iterations ``start ..`` of the region, each in its own streams."""
        return Items(items, start, self)

    def leave(self) -> tuple[int, ...]:
        """Put the sources back; the numbers of the unsure streams that were drawn from."""
        self._look()
        for source, state in self._saved:
            sources.restore(source, state)
        return tuple(sorted(self._drawn))


class Items:
    """An iterator over a task's items that enters each iteration's streams as it hands out its item."""

    def __init__(self, items: list[Any], start: int, streams: Streams) -> None:
        self._items = iter(items)
        self._next = start
        self._streams = streams

    def __iter__(self) -> Items:
        return self

    def __next__(self) -> Any:
        item = next(self._items)
        self._streams.enter(self._next)
        self._next += 1
        return item

    def __length_hint__(self) -> int:
        return operator.length_hint(self._items)


@contextmanager
def within(streams: Sequence[Stream] | None, namespace: dict[str, Any], iteration: int) -> Iterator[None]:
    """Run one iteration once more on the main thread, with the draws that it had."""
    if not streams:
        yield
        return
    live = Streams(streams, namespace)
    try:
        live.enter(iteration)
        yield
    finally:
        live.leave()


class SharedGenerator(RuntimeError):
    """Two iterations were given the same generator as part of their items."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(
            f"iterations {first} and {second} draw from one and the same generator, which came with their items: run "
            "at the same time they would draw the same numbers, or numbers that depend on timing. Give each iteration "
            "its own (rng.spawn(n)), use the generator by its name inside the loop, or run the cell serially."
        )


def engines(item: Any) -> list[Any]:
    """What holds the states of an item's generators."""
    return list({id(e): e for e in map(sources.engine, sources.held(item))}.values())


def put_back(items: Sequence[Any], states: Sequence[Sequence[Any]]) -> None:
    """The items' own generators are left as their copies were in a worker."""
    for item, left in zip(items, states, strict=False):
        for source, state in zip(sources.held(item), left, strict=False):
            sources.restore(source, state)


class SharedWatch:
    """Threads share the state that library code may draw from: notices whether it was drawn from."""

    def __init__(self, streams: Sequence[Stream], namespace: dict[str, Any]) -> None:
        found = [(stream.label, resolve(stream.paths[0], namespace)) for stream in streams]
        self._watched = [(label, source, sources.digest(source)) for label, source in found if source is not None]

    def drawn(self) -> list[str]:
        """Labels of what has been drawn from since."""
        return [label for label, source, before in self._watched if sources.digest(source) != before]


def first_note(labels: Sequence[str]) -> str:
    """What is said the first time that a session's loop draws random numbers."""
    return (
        f"Random numbers: each iteration draws from its own stream of {' and '.join(labels)}. They differ from the "
        "serial cell's draws, but not with the number of workers or the backend, and a seed set before gives them "
        "again; to keep the serial draws, draw before the loop and let it go over them."
    )
