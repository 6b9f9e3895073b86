"""A region's first iterations, run where they stand and timed, until it is known where the others are to run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Protocol

_FEW = 64
"""So many items are handed out in one go, or more of them if they take less than _SHORT seconds."""
_SHORT = 30e-6
_SOON = 0.001
"""Seconds by which the next look may be late."""


@dataclass(frozen=True)
class Choice:
    """Where the rest of a region is to run, and why."""

    backend: str
    """"processes" or "threads"."""
    workers: int
    reason: str
    """A few words for people."""


class Judge(Protocol):
    """Decides one region's trial."""

    def look(self, items: int, seconds: float, item: Any) -> int | Choice:
        """`items` iterations have taken `seconds` here; `item` is the next one's. How many to run here before the next
        look (0: all that there are), or where to run the rest."""

    def confirm(self, choice: Choice, value: Any) -> Choice | None:
        """The same once more, now that `value` is known, the latest value of a comprehension; None: here."""


class Trial:
    """The iterations that run here: ``blocks`` feeds them to the loop or comprehension as it stands in the cell.

    `total` is the number of items, where it is known; `begin` opens a run for what remains; `over` is called once, when
    no more iterations will run here. With `waits`, ``pending`` is left to be confirmed by whoever has the values."""

    def __init__(
        self,
        total: int | None,
        judge: Judge,
        begin: Callable[[Trial, Choice, Iterator[Any]], bool],
        over: Callable[[Trial], None],
        waits: bool,
    ) -> None:
        self.items = 0
        """Iterations that have run here. The last ones are not counted where the iterable has no length."""
        self.seconds = 0.0
        self.elsewhere = False
        """Whether the rest runs elsewhere."""
        self.group = 1
        """Items that are handed out in one go."""
        self.settled = False
        """Whether all that remain run here."""
        self.clock: Callable[[], float] = time.perf_counter
        self.judge = judge
        self.pending: tuple[Choice, Iterator[Any]] | None = None
        self.begin = begin
        self.over = over
        self.total = total
        self._waits = waits

    def blocks(self, iterator: Iterator[Any]) -> Iterator[Iterable[Any]]:
        """Runs of items, each ended by a look at the clock. Only the generator holds `iterator` and its items: they go
        when the loop is left."""
        __tracebackhide__ = True
        iterator = chain(iterator)  # which asks no more once it has been told the end: zip would take another item
        clock, upto, most, block = self.clock, 1, 1, []
        began = clock()
        due = began
        try:
            while upto:
                # Whether there is a next item is asked when its turn has come, and not before.
                try:
                    block.append(next(iterator))
                except StopIteration:
                    return
                if self.items and (self.items >= upto or clock() > due):
                    self.seconds = clock() - began
                    verdict = self.judge.look(self.items, self.seconds, block[0])
                    if isinstance(verdict, Choice):
                        iterator = chain((block.pop(),), iterator)
                        if self._elsewhere(verdict, iterator):
                            return
                        break
                    if not verdict:
                        iterator = chain((block.pop(),), iterator)
                        break
                    each = self.seconds / self.items
                    upto = self.items + verdict
                    # Later iterations may take much longer: then the next look is not to wait for as many.
                    due = clock() + 2 * verdict * each + _SOON
                    most = max(_FEW, int(_SHORT / max(each, 1e-9)))
                size = self.group = min(upto - self.items, most)
                yield (block.pop(),)
                self.items += 1
                if size > 1:
                    yield islice(iterator, size - 1)
                    self.items += size - 1
            self.settled = True
            yield iterator
            self.items = max(self.items, self.total or 0)
        finally:
            self.seconds = clock() - began
            if self.total is not None:
                self.items = min(self.items, self.total)
            if self.pending is None:
                self.over(self)

    def _elsewhere(self, choice: Choice, rest: Iterator[Any]) -> bool:
        if self._waits:
            self.pending = choice, rest
            return True
        self.elsewhere = self.begin(self, choice, rest)
        return self.elsewhere

    def confirmed(self, value: Any) -> Iterator[Any] | None:
        """Open the pending run, if that still seems right; else the items that remain are to be run here."""
        assert self.pending is not None
        choice, rest = self.pending
        again = self.judge.confirm(choice, value)
        self.elsewhere = again is not None and self.begin(self, again, rest)
        return None if self.elsewhere else rest


def lazily(plain: Iterator[Any], trial: Trial) -> Iterator[Iterator[Any] | tuple[Any]]:
    """The values of a lazy region's trial, in runs; only the time to make them counts, not its consumer's."""
    __tracebackhide__ = True
    spent, since = 0.0, None
    now = time.perf_counter

    def clock() -> float:
        return spent + (now() - since if since is not None else 0.0)

    trial.clock = clock
    while not trial.settled:
        since = began = now()
        try:
            value = next(plain)
        except StopIteration:
            return
        finally:
            took = now() - began
            spent, since = spent + took, None
        run = [(value,)]
        del value
        yield run.pop()
        if trial.group > 1 and not trial.settled:
            # To time each would cost more than many take: the first stands for those that come with it.
            began, more = now(), trial.group - 1
            yield islice(plain, more)
            spent += min(now() - began, took * more)
    yield plain


def feed(trial: Trial, iterator: Iterator[Any]) -> Iterator[Any]:
    """The items of a trial, at the speed of C between two looks."""
    return chain.from_iterable(trial.blocks(iterator))
