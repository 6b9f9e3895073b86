"""Whether a loop gets on where ``auto`` has sent it. What its results and its commit part cost there, nobody could
measure before."""

from __future__ import annotations

import time

WINDOW = 0.05, 8
"""Seconds and iterations over which it is measured, again and again: at least so many."""
SLOWER = 1.2
"""So many times what an iteration takes here is too slow: a machine that is busy for a while is no reason."""


class Pace:
    """One region's, from its first result on."""

    def __init__(self, each: float) -> None:
        """`each`: seconds an iteration took here."""
        self._each = each
        self._first: float | None = None
        """Seconds that a worker took for an iteration of the first task."""
        self._since = 0.0
        self._items, self._seconds = 0, 0.0
        self._lags = False
        """Whether it did the last time: once may be chance."""

    def lags(self, items: int, seconds: float) -> bool:
        """The result of a task has come, and all before it is committed; it has `items` iterations, for which a worker
        took `seconds`. Whether the loop would be faster here."""
        now = time.perf_counter()
        if self._first is None:
            self._first, self._since = max(seconds / items, 1e-9), now
            return False
        self._items += items
        self._seconds += seconds
        passed = now - self._since
        if passed < WINDOW[0] or self._items < WINDOW[1]:
            return False
        worker = self._seconds / self._items
        # Iterations may have become longer, and others may have the cores: both would be so here.
        here = max(self._each * max(worker / self._first, 1.0), worker)
        lagged, self._lags = self._lags, passed / self._items > SLOWER * here
        self._items, self._seconds, self._since = 0, 0.0, now
        return lagged and self._lags
