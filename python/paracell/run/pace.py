"""Whether a loop gets on where ``auto`` has sent it. What its results and its commit part cost there, nobody could
measure before."""

from __future__ import annotations

import time

ENOUGH = 3, 1e-3
"""Results, and seconds that this thread was busy with them, after which it is known whether they are too dear."""
WINDOW = 0.05, 8
"""Seconds and iterations over which the pace is measured, again and again: at least so many."""
SLOWER = 1.2
"""So many times what an iteration takes here is too slow: a machine that is busy for a while is no reason."""


class Pace:
    """One region's, from its first result on. Used by the thread that commits."""

    def __init__(self, each: float) -> None:
        """`each`: seconds an iteration took here."""
        self._each = each
        self._first: float | None = None
        """Seconds that a worker took for an iteration of the first task."""
        self._lags = False
        """Whether it did in the last window: once may be chance."""
        self._begin()

    def _begin(self) -> None:
        self._results, self._items, self._seconds = 0, 0, 0.0
        self._since, self._busy = time.perf_counter(), time.thread_time()

    def lags(self, items: int, seconds: float) -> bool:
        """The result of a task has come, and all before it is committed; it has `items` iterations, for which a worker
        took `seconds`. Whether the loop would be faster here."""
        if self._first is None:
            self._first = max(seconds / items, 1e-9)
            self._begin()
            return False
        self._results += 1
        self._items += items
        self._seconds += seconds
        worker = self._seconds / self._items
        # Iterations may have become longer, and others may have the cores: both would be so here.
        slow = SLOWER * self._items * max(self._each * max(worker / self._first, 1.0), worker)
        busy = time.thread_time() - self._busy
        if self._results >= ENOUGH[0] and busy > max(slow, ENOUGH[1]):
            return True  # to take what workers have done costs this thread more than to do it
        passed = time.perf_counter() - self._since
        if passed < WINDOW[0] or self._items < WINDOW[1]:
            return False
        lagged, self._lags = self._lags, passed > slow
        self._begin()
        return lagged and self._lags
