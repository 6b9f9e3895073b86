"""Regions that run as they stand in the cell: when they begin, and how long they take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..cell import Region

_SIZED = (list, tuple, range, dict, set, frozenset, str, bytes)


class Watcher:
    """What a caller may want to know of regions that are not parallel; subclass and override."""

    def began_serially(self, region: Region) -> None:
        """A region that the plan refuses is about to run."""

    def ran_serially(self, region: Region, items: int | None, seconds: float) -> None:
        """It has ended, or was left by an exception; `items`: how many iterations, where that is known."""


class Serially:
    """Mixed into the runtime: what the trees of refused regions call."""

    _regions: list[Region]
    _watcher: Watcher
    _clocks: dict[int, tuple[float, int | None]]
    """Regions that run as they stand although their plan is parallel: since when, and how many items there are."""

    def _left_here(self, region: Region, total: int | None) -> None:
        """What objects show when it begins has kept it from running elsewhere."""
        self._clocks[region.index] = time.perf_counter(), total

    def _came_to_end(self, index: int) -> None:
        """All its iterations have run. One that is left by ``break`` or an exception is not timed."""
        began, total = self._clocks.pop(index, (0.0, None))
        if began:
            self._watcher.ran_serially(self._regions[index], total, time.perf_counter() - began)

    @contextmanager
    def serially(self, index: int) -> Iterator[None]:
        """Around a ``for`` loop."""
        __tracebackhide__ = True
        region = self._regions[index]
        self._watcher.began_serially(region)
        self._counted: int | None = None
        began, items = time.perf_counter(), None
        try:
            yield
            items = self._counted
        finally:
            self._watcher.ran_serially(region, items, time.perf_counter() - began)

    def counted(self, iterable: Any) -> Any:
        """The loop's iterable, as it is; its length is noted if asking for it cannot run code of the user's."""
        self._counted = len(iterable) if type(iterable) in _SIZED else None
        return iterable

    def clock(self, index: int) -> float:
        """Before an expression."""
        self._watcher.began_serially(self._regions[index])
        return time.perf_counter()

    def timed(self, index: int, began: float, value: Any) -> Any:
        """After the expression, whose value is handed on. One that an exception leaves is not timed."""
        region = self._regions[index]
        if region.kind in ("listcomp", "setcomp", "dictcomp"):
            self._watcher.ran_serially(region, None, time.perf_counter() - began)
        return value
