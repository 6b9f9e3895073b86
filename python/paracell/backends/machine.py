"""What ``auto`` measures on this machine: how the notebook's thread spends its time, how free the GIL is, which workers
are there."""

from __future__ import annotations

import contextlib
import operator
import os
from collections.abc import Callable, Collection, Iterable
from typing import Any

from paracell import _native
from paracell.backends import forksafe, loading, weigh
from paracell.backends.workers import Workers
from paracell.records import record

SAMPLES = 4
"""The GIL must have been asked for so often before anything is made of it."""
FORKS = 0.03
"""Seconds until workers that were forked are as far as others."""
FAULT = 1.7e-6
"""Seconds to touch a page of new memory first, at most. Threads take turns at that; the system's own clock is too
coarse to tell."""


Clocks = tuple[float, float, int, float, float]
"""Elapsed seconds, those run by this thread, its first touches of pages, seconds run by the whole process, and waited
by this thread for a core."""


@record(frozen=True)
class Shares:
    """How time was spent: the share waiting for something else than a core, the share spent on new
    memory, and how many cores the process has used."""

    waiting: float
    memory: float
    busy: float


class Machine:
    """One for a notebook, used from its main thread."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self.sent: Callable[[], Collection[str]] = frozenset
        """Names whose values workers may have already; they are sent again only if they have changed."""
        self.loads: list[str] = []
        """Packages that workers would have to import for what was weighed last."""
        self.loaded: set[str] = set()
        """Those that they have imported for earlier loops."""
        self._probe: _native.GilProbe | None = None
        self._measuring = False
        self._free: float | None = None
        self._schedule: int | None = None
        with contextlib.suppress(OSError):  # not on this system: then what waits for a core counts as waiting
            self._schedule = os.open("/proc/thread-self/schedstat", os.O_RDONLY | os.O_CLOEXEC)

    def clocks(self) -> Clocks:
        """What the clocks show now."""
        return _native.clocks(self._schedule)

    def shares(self, since: Clocks) -> Shares:
        """How the time since then was spent."""
        passed, ran, touched, process, queued = map(operator.sub, self.clocks(), since)
        wall = max(passed - queued, 1e-9)
        return Shares(min(max((wall - ran) / wall, 0.0), 1.0), min(touched * FAULT / wall, 1.0), process / wall)

    def queued(self, since: Clocks) -> float:
        """Seconds for which this thread was ready to run since then and another had its core."""
        if self._schedule is None:
            return 0.0
        try:
            return int(os.pread(self._schedule, 100, 0).split()[1]) * 1e-9 - since[-1]
        except (OSError, ValueError, IndexError):
            return 0.0

    def measure(self) -> None:
        """Begin to measure how free the GIL is, if that is not under way."""
        if self._measuring or self._free is not None:
            return
        self._measuring = True
        if self._probe is None:
            self._probe = _native.GilProbe()
        self._probe.begin()

    def end(self) -> None:
        """The trial is over."""
        if self._probe is not None and self._measuring:
            self._probe.end()
        self._measuring, self._free = False, None

    def free(self) -> float | None:
        """The share of time in which the GIL was free, where enough is known."""
        if self._probe is not None and self._measuring:
            samples, free = self._probe.read()
            if samples >= SAMPLES:
                self._measuring, self._free = False, free / samples
                self._probe.end()  # a second thread makes giving memory back dearer
        return self._free

    def broadcast(self, names: Iterable[str], namespace: dict[str, Any], item: Any = None) -> float:
        """Seconds to ship what iterations read under these names of the notebook, and what its functions read; or to
        fork workers that have it. With those to import what these and an `item` need."""
        known, new = 0.0, 0.0
        sent, reached = self.sent(), weigh.reached(names, namespace)
        for name, value in reached.items():
            if name in sent:
                known += weigh.seconds(value) / 20
            else:
                new += weigh.seconds(value)
        missing = loading.missing(reached, sent, item) if self._have_to_load() else []
        self.loads = [package for package in missing if package not in self.loaded]
        if new > FORKS and new >= weigh.MUCH * weigh.SECONDS_A_BYTE and forksafe.reason() is None:
            new = FORKS
        return known + new + loading.seconds(self.loads)

    def _have_to_load(self) -> bool:
        """Whether workers begin with nothing: no forks, which have what the notebook has."""
        return self._workers.pool.serving() > 0 or forksafe.reason() is not None

    def ready(self, count: int, forks: bool = False) -> bool:
        """Whether `count` worker processes take tasks, or (if `forks` would do) none has been started and forks can in
        their place; else they are started if they are not there, without waiting."""
        pool = self._workers.pool
        if pool.serving() >= count:
            return True
        if forks and self._workers.missing(count) is not None and forksafe.reason() is None:
            return True
        self._workers.expected = True
        pool.prestart(count)
        return False

    def shutdown(self) -> None:
        """The thread that measures ends, and its file is closed."""
        if self._probe is not None:
            self._probe.close()
            self._probe = None
        if self._schedule is not None:
            os.close(self._schedule)
            self._schedule = None
