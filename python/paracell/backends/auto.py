"""Where a loop's iterations run under ``auto``: judged by its first iterations, which run here and are kept.

Times are seconds. A loop moves elsewhere only if that is clearly shorter by the estimate of what remains, and it is
looked at again from time to time as long as it runs here: its later iterations may be longer than its first.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from paracell.backends import weigh
from paracell.backends.machine import FORKS
from paracell.records import record, replace
from paracell.run import dotted
from paracell.run.trial import Choice

if TYPE_CHECKING:
    from paracell.backends.machine import Clocks, Machine, Shares
    from paracell.cell import Region

EVIDENCE = 0.001
"""Nothing is chosen before iterations have taken so long."""
OPENING = 0.003
"""Packing a job, handing out its first tasks and ending the run."""
COMMIT = 1e-6
"""Handing over one iteration's value to a statement's commit part; a comprehension takes a task at once."""
HANDOVER = 20e-6
"""One iteration on a thread: switches between threads that want the GIL."""
MARGIN = 0.8
"""What is estimated for elsewhere must be below so much of what is estimated for here,"""
GAIN = 0.01
"""and shorter by so much: less is not noticed, and a busy machine takes it back."""
UNKNOWN = 0.3
"""What remains takes at least so long where nobody knows what its results cost: a wrong guess costs 15 ms."""
SLICE = 0.02
"""Iterations that run here are looked at again after so long."""
WORTH = 0.005
"""The GIL is not asked for sooner: a second thread makes returning memory dearer."""
FREE, SHARE = 1e-3, 0.05
"""Planning may cost so much, and this share of what the loop takes."""
WAITS = 0.5
"""Iterations that wait for so much of their time are held up by something else than this machine's cores."""


@record(frozen=True)
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


class Cell(Protocol):
    """The cell of a region whose trial is judged."""

    def settle(self, region: Region) -> bool:
        """Plan it, if that has been put off; whether it is parallel."""

    def workers_for(self, backend: str) -> int:
        """How many there may be."""


class Judge:
    """Decides one region's trial (``run.trial.Judge``)."""

    reason = "it is over at once"
    """Why it runs here, in a few words."""
    _items, _seconds, _first = 0, 0.0, 0.0
    _latest: float | None = None
    """Seconds an iteration between the last two looks."""
    _found: Found | None = None
    _broadcast: float | None = None
    _rejected = 0.0, 0.0
    """Seconds an iteration, and of those that remained, when that was too short to be planned."""

    def __init__(
        self,
        region: Region,
        namespace: dict[str, Any],
        total: int | None,
        machine: Machine,
        cell: Cell,
        threads: int | None = None,
    ) -> None:
        """`threads`: no more than so many."""
        self.region = region
        self._namespace = namespace
        self._total = total
        self._machine = machine
        self._cell = cell
        self._threads = threads
        self._began: Clocks = machine.clocks()

    def look(self, items: int, seconds: float, item: Any) -> float | Choice | None:
        """See ``run.trial.Judge``."""
        if not self._items:
            self._first = seconds
            if seconds < EVIDENCE / 2:
                self._items, self._seconds = items, seconds
                return EVIDENCE / 2 - seconds
        seconds = self._without_others(seconds)
        each = self._each(items, seconds)
        left = None if self._total is None else self._total - items
        rest = each * left if left is not None else 2 * seconds
        self._items, self._seconds = items, seconds
        if seconds < EVIDENCE:
            return EVIDENCE - seconds
        if items <= 2 and seconds <= SLICE:
            return 0.0
        if not _pays(EVIDENCE, rest):  # however many workers there are
            self.reason = f"{_time(each)} an item: it is over soon"
            # Later iterations may take longer.
            return min(2 * rest + EVIDENCE, SLICE)
        if not self._may_move(each, rest, item):
            return min(max(seconds, EVIDENCE / 4), SLICE)
        if not self._cell.settle(self.region):
            return None
        self._found = self._find(each, rest, item)
        choice = self._choose(self._found)
        if choice is not None:
            self._machine.end()
            if choice.backend == "processes":
                self._machine.loaded.update(self._machine.loads)
            return choice
        return min(max(seconds / 2, EVIDENCE / 4), SLICE)

    def _without_others(self, seconds: float) -> float:
        """`seconds` without those for which others had the core: they say nothing about the loop."""
        return max(seconds - self._machine.queued(self._began), 1e-9)

    def _may_move(self, each: float, rest: float, item: Any) -> bool:
        """Whether the region is planned, or is to be planned now: because it might move, and that would be worth it."""
        region = self.region
        if region.later is None:
            return True
        if each <= 1.2 * self._rejected[0] and rest <= self._rejected[1]:
            return False
        if each < HANDOVER and not _pays(OPENING + rest / self._most[0], rest):
            self.reason = f"{_time(each)} an item is less than handing it out costs"
            return False
        self._rejected = each, rest
        found = self._find(each, rest, item)
        self._broadcast = None  # what it reads is not known yet
        if not _pays(min(self._on_threads(found, 1.0)[0], self._on_processes(found)[0]), rest):
            self.reason = self._too_short(found)
            return False
        if region.planning < FREE + SHARE * (self._seconds + rest):
            return True
        self._rejected = 0.0, 0.0
        self.reason = f"{_time(each)} an item: it was over before it was worth a look"
        return False

    def _find(self, each: float, rest: float, item: Any) -> Found:
        shares = self._machine.shares(self._began)
        free = self._machine.free() if shares.waiting < WAITS else shares.waiting
        if self._broadcast is None:
            self._broadcast = self._machine.broadcast(self.region.computed_from, self._namespace, item)
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
        """Seconds an iteration, as far as can be said: the first may have been a long one, and so may the last few. Not
        the mean of all: iterations may have become longer."""
        if items == 1:
            return max(seconds, 1e-9)
        latest = (seconds - self._seconds) / (items - self._items)
        before = self._latest if self._latest is not None else (seconds - self._first) / (items - 1)
        self._latest = latest
        return max(min(before, latest), 1e-9)

    def _choose(self, found: Found) -> Choice | None:
        rest, per = found.rest, f"{_time(found.each)} an item"
        if self.region.inner and rest < UNKNOWN:
            self.reason = f"{per}: it is over before it was known what the results of its inner loops cost"
            return None
        on_processes, processes = self._on_processes(found)
        on_threads, threads, why = self._on_threads(found, found.free or 0.0)
        if _pays(on_threads, rest) and on_threads <= on_processes:
            return Choice("threads", threads, f"{per}, {why}", rest, found.each)
        ideal = self._on_threads(found, 1.0)[0]
        if found.free is None and ideal < MARGIN * min(rest, on_processes) and _pays(ideal, rest):
            if self._seconds > WORTH:
                self._machine.measure()  # it matters whether threads would do, and that is known in a moment
            self.reason = f"{per}: it was over before much was known"
        elif _pays(on_processes, rest):
            # Forks have what is to be sent as well.
            if self._machine.ready(processes, _pays(on_processes + max(FORKS - found.broadcast, 0.0), rest)):
                return Choice("processes", processes, f"{per}, Python code holds the GIL", rest, found.each)
            self.reason = f"{per}: it was over before there were workers"
        else:
            self.reason = self._too_short(found)
        return None

    def _too_short(self, found: Found) -> str:
        """Why it is not worth handing out, in a few words."""
        per = f"{_time(found.each)} an item"
        if found.shares.busy > 1.5:
            return f"{per}, on {found.shares.busy:.1f} cores already"
        if self._machine.loads and found.broadcast > found.rest / 2:
            return f"{per}: sooner over than workers would have imported {self._machine.loads[0]}"
        if found.ship > found.each / 2:
            return f"{per} is less than shipping it costs"
        return f"{per} is less than handing it out costs"

    @cached_property
    def _most(self) -> tuple[int, int]:
        return self._cell.workers_for("processes"), self._threads or self._cell.workers_for("threads")

    def _on_processes(self, found: Found) -> tuple[float, int]:
        """(seconds, processes)."""
        processes = max(1, min(self._most[0], int(found.left)))
        commit = 0.0 if self.region.whole_task else COMMIT
        cores = max(processes / max(found.shares.busy, 1.0), 1.0)
        busiest = max(found.rest / cores + found.left * found.ship, found.left * (found.ship + commit))
        return OPENING + found.broadcast + busiest, processes

    def _on_threads(self, found: Found, free: float) -> tuple[float, int, str]:
        """(seconds, threads, why)."""
        processes, threads = self._most
        if found.shares.waiting >= WAITS or threads == 1:
            why = f"{free:.0%} of it waiting"
        else:
            threads, why = round(processes / max(found.shares.busy, 1.0)), f"the GIL is free for {free:.0%} of it"
        threads = max(1, min(threads, int(found.left)))
        # Threads take turns at the memory of their process, too.
        alone = found.rest * max(1 - free, min(found.shares.memory, 1.0 - found.shares.waiting))
        return max(alone, found.rest / threads) + found.left * HANDOVER + EVIDENCE, threads, why

    def _stored(self) -> float:
        """Seconds to bring back what an iteration leaves, going by what the last ones have left in containers."""
        spent = 0.0
        for name in self.region.changes:
            held = dotted.value(name, self._namespace)
            if isinstance(held, list) and held:
                spent += weigh.seconds(held[-1])
            elif isinstance(held, dict) and held:
                spent += weigh.seconds(next(reversed(held.values())))
        return spent


def _pays(there: float, here: float) -> bool:
    """Whether to do in `there` seconds what takes `here` seconds here is worth the while."""
    return there < min(MARGIN * here, here - GAIN)


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"
