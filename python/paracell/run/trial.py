"""A region's first iterations, run where they stand and timed, until it is known where the others are to run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Protocol


@dataclass(frozen=True)
class Choice:
    """Where the rest of a region is to run, and why."""

    backend: str
    """"processes" or "threads"."""
    workers: int
    reason: str
    """One line for people."""


class Judge(Protocol):
    """Decides one region's trial."""

    def look(self, items: int, seconds: float) -> int | Choice:
        """`items` iterations have taken `seconds` here so far. How many to run here before the next look (0: all that
        there are), or where to run the rest."""

    def over(self, items: int, seconds: float) -> None:
        """No more iterations will run here: the loop has ended, was left, or goes on elsewhere."""


class Trial:
    """The iterations that run here: ``blocks`` feeds them to the loop or comprehension as it stands in the cell."""

    def __init__(self, total: int | None, judge: Judge, begin: Callable[[Trial, Choice, Iterator[Any]], bool]) -> None:
        self.items = 0
        """Iterations that have run here. The last ones are not counted where the iterable has no length."""
        self.seconds = 0.0
        self.elsewhere = False
        """Whether the rest runs elsewhere."""
        self.settled = False
        """Whether all that remain run here."""
        self.clock: Callable[[], float] = time.perf_counter
        self._total = total
        self._judge = judge
        self._begin = begin

    def blocks(self, iterator: Iterator[Any]) -> Iterator[Iterable[Any]]:
        """Runs of items, each ended by a look at the clock. Only the generator holds `iterator`: it goes when the loop
        is left."""
        __tracebackhide__ = True
        iterator = chain(iterator)  # which asks no more once it has been told the end: zip would take another item
        began, clock, size = self.clock(), self.clock, 1
        try:
            while size:
                # Whether there is a next item is asked when its turn has come, and not before.
                try:
                    first = next(iterator)
                except StopIteration:
                    return
                self.items += 1
                yield (first,)
                if size > 1:
                    yield islice(iterator, size - 1)
                    self.items += size - 1
                self.seconds = clock() - began
                verdict = self._judge.look(self.items, self.seconds)
                if isinstance(verdict, Choice):
                    self.elsewhere = self._begin(self, verdict, iterator)
                    if self.elsewhere:
                        return
                    verdict = 0
                size = verdict
            self.settled = True
            yield iterator
            self.items = max(self.items, self._total or 0)
        finally:
            self.seconds = clock() - began
            if self._total is not None:
                self.items = min(self.items, self._total)
            self._judge.over(self.items, self.seconds)


def lazily(plain: Iterator[Any], trial: Trial) -> Iterator[Any]:
    """The values of a lazy region's trial; only the time that it takes to make them counts, not its consumer's."""
    __tracebackhide__ = True
    spent, since = 0.0, None
    now = time.perf_counter

    def clock() -> float:
        return spent + (now() - since if since is not None else 0.0)

    trial.clock = clock
    while not trial.settled:
        since = now()
        try:
            value = next(plain)
        except StopIteration:
            return
        finally:
            spent += now() - since
            since = None
        yield value
    yield from plain


def feed(trial: Trial, iterator: Iterator[Any]) -> Iterator[Any]:
    """The items of a trial, at the speed of C between two looks."""
    return chain.from_iterable(trial.blocks(iterator))
