"""The items of a task, where each iteration is a call: as the extension hands them out, or without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

try:
    from .._native import item_done
except ImportError:  # the pure Python parts are usable without the extension

    def item_done(count: int = 1) -> None:
        """Nobody counts."""


try:
    from .._native import Iterations
except ImportError:  # a subinterpreter has but a few of its functions

    class Iterations:  # type: ignore[no-redef]
        """As the extension's."""

        def __init__(self, items: Iterator[Any], between: Callable[[], float | None], counts: bool) -> None:
            self._items = items
            self._between = between
            self._counts = counts
            self._begun = self._over = False
            self._due = 0.0

        def __iter__(self) -> Any:
            return self

        def __next__(self) -> Any:
            looked = True
            if self._over:
                raise StopIteration
            if self._begun:
                if self._counts:
                    item_done(1)
                looked = perf_counter() >= self._due
                if looked:
                    self._goes_on()
            for item in self._items:
                self._begun = True
                return item
            if not looked:
                self._goes_on()
            self._over = True
            raise StopIteration

        def _goes_on(self) -> None:
            wait = self._between()
            if wait is None:
                self._over = True
                raise StopIteration
            self._due = perf_counter() + wait

        def ask(self) -> None:
            """The iteration that runs is to be looked at."""
            self._due = 0.0
