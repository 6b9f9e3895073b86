"""A region's first iterations, run where they stand and timed, until it is known where the others are to run."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain, compress, islice, repeat
from typing import Any, Protocol

from paracell.records import record

from .._native import Handed, feed
from .pull import nexts

_RUN = 100e-6
"""Values of a lazy region are timed in runs of so many seconds."""


@record(frozen=True)
class Choice:
    """Where the rest of a region is to run, and why."""

    backend: str
    """"processes" or "threads"."""
    workers: int
    reason: str
    """A few words for people."""
    seconds: float | None = None
    """What remains would take so long here, by estimate."""
    each: float | None = None
    """Seconds an iteration takes here."""


class Judge(Protocol):
    """Decides one region's trial."""

    def look(self, items: int, seconds: float, item: Any) -> float | Choice | None:
        """`items` iterations have taken `seconds` here; `item` is the next one's. Seconds until the next look (None:
        all that there are run here), or where to run the rest. The first look is before the second iteration."""

    def confirm(self, choice: Choice, value: Any) -> Choice | None:
        """The same once more, now that `value` is known, the latest value of a comprehension; None: here."""


class Trial:
    """The iterations that run here: ``items_of`` feeds them to the loop or comprehension as it stands in the cell.

    `total` is the number of items, where it is known; `settle` says whether any may run elsewhere; `begin` opens a run
    for what remains; `over` is called once, when no more iterations will run here. With `waits`, ``pending`` is left to
    be confirmed by whoever has the values. ``onward(count)`` may give another iterator to go on with here, when `count`
    items were taken and it is known that the rest does not run elsewhere."""

    items = 0
    """Iterations that have run here."""
    seconds = 0.0
    elsewhere = False
    """Whether the rest runs elsewhere."""
    settled = False
    """Whether all that remain run here."""
    ended = False
    """Whether they have all run: the loop was not left before."""
    made = 0
    """Values that were made in runs."""
    pending: tuple[Choice, Iterator[Any]] | None = None
    _handed: Handed | None = None

    def __init__(
        self,
        total: int | None,
        judge: Judge,
        settle: Callable[[], bool],
        begin: Callable[[Trial, Choice, Iterator[Any]], bool],
        over: Callable[[Trial], None],
        waits: bool,
        onward: Callable[[int], Iterator[Any] | None] | None = None,
    ) -> None:
        self.clock: Callable[[], float] = time.perf_counter
        self.began = time.perf_counter()
        """What ``clock`` has shown when the first item was asked for."""
        self.judge = judge
        self.settle = settle
        self.begin = begin
        self.over = over
        self.total = total
        self._waits = waits
        self._onward = onward

    def items_of(self, iterator: Iterator[Any]) -> Iterator[Any]:
        """The items, at the speed of C between two looks.

        Whether there is a next one is asked when its turn has come, and not before, and no more once the end was told:
        ``zip`` would take another item."""
        looks = self._looks(iterator)
        next(looks)
        items, self._handed = feed(iterator, looks)
        return items

    def _looks(self, iterator: Iterator[Any]) -> Generator[float | Iterator[Any] | None, tuple[int, Any], None]:
        """Is asked for verdicts. Holds no item: they go when the loop is left."""
        __tracebackhide__ = True
        due = 0.0
        wait: float = 0.0
        try:
            while True:
                items, item = yield wait
                self.items, self.seconds = items, self.clock() - self.began
                if self.seconds < due:  # a consumer took its time
                    del item
                    wait = due - self.seconds
                    continue
                verdict = self.judge.look(items, self.seconds, item)
                if isinstance(verdict, Choice):
                    if self.settle() and self._elsewhere(verdict, chain((item,), nexts(iterator))):
                        return
                    verdict = None
                del item
                if verdict is None:
                    self.settled = True
                    # Nothing is asked any more.
                    yield self._onward(items + 1) if self._onward is not None else None
                    return
                wait, due = verdict, self.seconds + verdict if self.began == 0 else 0.0
        finally:
            self.seconds = self.clock() - self.began
            if self._handed is not None:
                self.items, self.ended = self._handed.items, self._handed.ended
            if self.pending is None:
                self.begin = _never  # it holds what the loop goes over: a generator ends when its loop is left
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


def _never(trial: Trial, choice: Choice, rest: Iterator[Any]) -> bool:
    return False


def lazily(plain: Iterator[Any], trial: Trial, stops: bool) -> Iterator[Iterable[Any]]:
    """The values of a lazy region's trial, in runs; only the time to make them counts, not its consumer's.

    `stops`: `plain` may say that it is over and go on when it is asked again, as ``map`` does whose function raises
    StopIteration."""
    __tracebackhide__ = True
    spent, since, most = 0.0, None, 1
    now = time.perf_counter

    def clock() -> float:
        return spent + (now() - since if since is not None else 0.0)

    trial.clock, trial.began = clock, 0.0
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
        trial.made += 1
        yield run.pop()
        most = min(2 * most, int(_RUN / max(took, 1e-9)))
        if most > 1 and not trial.settled:
            # To time each would cost more than many take: the first stands for those that come with it.
            began = now()
            wanted = repeat(True, most)
            # It says how many were made, at the speed of C.
            yield islice(compress(plain, wanted), most)
            missing = operator.length_hint(wanted)
            trial.made += most - missing
            if missing and stops:
                return
            spent += min(now() - began, took * most)
    yield plain
