"""Where a loop's iterations run under ``auto``: judged by its first iterations, which run here and are kept.

Times are seconds. A loop moves elsewhere only if that is clearly shorter by the estimate of what remains, and it is
looked at again from time to time as long as it runs here: its later iterations may be longer than its first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from paracell.backends import weigh
from paracell.run.trial import Choice

if TYPE_CHECKING:
    from paracell.backends.machine import Clocks, Machine, Shares
    from paracell.cell import Region

LEAST = 0.003
"""Less work than this is not worth a thought."""
EVIDENCE = 0.001
"""Nothing is chosen before iterations have taken so long."""
OPENING = 0.003
"""Packing a job, handing out its first tasks and ending the run."""
COMMIT = 1e-6
"""Handing over one iteration's value to a statement's commit part; a comprehension takes a task at once."""
HANDOVER = 20e-6
"""One iteration on a thread: switches between threads that want the GIL."""
MARGIN = 0.8
"""What is estimated for elsewhere must be below so much of what is estimated for here."""
SLICE = 0.02
"""Iterations that run here are looked at again after so long."""
WORTH = 0.005
"""Less is not worth asking for the GIL, nor is it asked for sooner: a second thread makes returning memory dearer."""
TINY = 1e-7
"""Iterations that are shorter are not looked at again: counting them would be noticed."""
WAITS = 0.5
"""Iterations that wait for so much of their time are held up by something else than this machine's cores."""


@dataclass(frozen=True)
class Found:
    """What a trial has shown so far: seconds an iteration, seconds and iterations that remain, how time was spent, the
    share of it in which the GIL was free (if known), seconds to ship an iteration's item and values, and those to ship
    what all iterations read."""

    each: float
    rest: float
    left: float
    shares: Shares
    free: float | None
    ship: float
    broadcast: float


class Judge:
    """Decides one region's trial (``run.trial.Judge``)."""

    def __init__(
        self,
        region: Region,
        namespace: dict[str, Any],
        total: int | None,
        machine: Machine,
        processes: int,
        threads: int,
    ) -> None:
        self.region = region
        self.reason = "it is over at once"
        """Why it runs here, in a few words."""
        self._namespace = namespace
        self._total = total
        self._machine = machine
        self._processes, self._threads = processes, threads
        self._began: Clocks = machine.clocks()
        self._items, self._seconds = 0, 0.0
        self._first = 0.0
        self._found: Found | None = None
        self._broadcast: float | None = None

    def look(self, items: int, seconds: float, item: Any) -> int | Choice:
        """See ``run.trial.Judge``."""
        # Time for which others had the core says nothing about the loop.
        seconds = max(seconds - (self._machine.queued() - self._began.queued), 1e-9)
        if not self._items:
            self._first = seconds
        each = self._each(items, seconds)
        left = None if self._total is None else self._total - items
        rest = each * left if left is not None else 2 * seconds
        self._items, self._seconds = items, seconds
        if rest >= LEAST and seconds >= EVIDENCE and (items > 2 or seconds > SLICE):
            self._found = self._find(each, rest, item)
            choice = self._choose(self._found)
            if choice is not None:
                self._machine.end()
                return choice
        if each < TINY and seconds >= EVIDENCE:
            return 0
        upto = min(max(seconds / 2, EVIDENCE / 4), SLICE)
        few = 8 * items if left is None else min(8 * items, left // 4)
        return max(1, min(int(upto / each), few))

    def _find(self, each: float, rest: float, item: Any) -> Found:
        shares = self._machine.shares(self._began)
        free = self._machine.free() if shares.waiting < WAITS else shares.waiting
        if self._broadcast is None:
            self._broadcast = self._machine.broadcast(self.region.reads, self._namespace)
        return Found(each, rest, rest / each, shares, free, weigh.seconds(item) + self._stored(), self._broadcast)

    def confirm(self, choice: Choice, value: Any) -> Choice | None:
        """See ``run.trial.Judge``."""
        assert self._found is not None
        ship = self._found.ship + weigh.seconds(value)
        return self._choose(replace(self._found, ship=ship))

    def ended(self) -> None:
        """The trial is over."""
        self._machine.end()

    def _each(self, items: int, seconds: float) -> float:
        """Seconds an iteration, as far as can be said: the first may have been a long one, and so may the last few."""
        if items == 1:
            return max(seconds, 1e-9)
        mean = (seconds - self._first) / (items - 1)
        latest = (seconds - self._seconds) / (items - self._items)
        return max(min(mean, latest), 1e-9)

    def _choose(self, found: Found) -> Choice | None:
        rest, per = found.rest, f"{_time(found.each)} an item"
        processes = max(1, min(self._processes, int(found.left)))
        commit = 0.0 if self.region.whole_task else COMMIT
        cores = max(processes / max(found.shares.busy, 1.0), 1.0)
        on_processes = (
            OPENING + found.broadcast + max(rest / cores + found.left * found.ship, found.left * (found.ship + commit))
        )
        on_threads, threads, why = self._on_threads(found, found.free or 0.0)
        if on_threads < MARGIN * rest and on_threads <= on_processes:
            return Choice("threads", threads, f"{per}, {why}")
        ideal = self._on_threads(found, 1.0)[0]
        if found.free is None and ideal < MARGIN * min(rest, on_processes) and rest - ideal > WORTH:
            if self._seconds > WORTH:
                self._machine.measure()  # it matters whether threads would do, and that is known in a moment
            self.reason = f"{per}: it was over before much was known"
        elif on_processes < MARGIN * rest:
            if self._machine.ready(processes):
                return Choice("processes", processes, f"{per}, Python code holds the GIL")
            self.reason = f"{per}: it was over before there were workers"
        elif found.shares.busy > 1.5:
            self.reason = f"{per}, on {found.shares.busy:.1f} cores already"
        elif found.ship > found.each / 2:
            self.reason = f"{per} is less than shipping it costs"
        else:
            self.reason = f"{per} is less than handing it out costs"
        return None

    def _on_threads(self, found: Found, free: float) -> tuple[float, int, str]:
        """(seconds, threads, why)."""
        if found.shares.waiting >= WAITS or self._threads == 1:
            threads, why = self._threads, f"{free:.0%} of it waiting"
        else:
            threads, why = int(self._processes / max(found.shares.busy, 1.0)), f"the GIL is free for {free:.0%} of it"
        threads = max(1, min(threads, int(found.left)))
        # Threads take turns at the memory of their process, too.
        alone = found.rest * max(1 - free, min(found.shares.memory, 1.0 - found.shares.waiting))
        return max(alone, found.rest / threads) + found.left * HANDOVER + EVIDENCE, threads, why

    def _stored(self) -> float:
        """Seconds to bring back what an iteration leaves, going by what the last ones have left in containers."""
        spent = 0.0
        for name in self.region.changes:
            held = self._namespace.get(name)
            if isinstance(held, list) and held:
                spent += weigh.seconds(held[-1])
            elif isinstance(held, dict) and held:
                spent += weigh.seconds(next(reversed(held.values())))
        return spent


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"
