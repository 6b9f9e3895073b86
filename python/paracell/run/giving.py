"""Regions that give values: comprehensions, generator expressions, ``map`` and ``filter``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from paracell import _native

from .compute import function
from .enclosing import generator
from .iterables import AT_ONCE, CONSUMERS
from .trial import lazily
from .trimmed import top

if TYPE_CHECKING:
    from ..cell import Plan, Region
    from .pull import Puller
    from .region import Active
    from .resume import Resumes
    from .trial import Trial


class Giving:
    """Mixed into the run time."""

    _plan: Plan
    _regions: list[Region]
    _namespace: dict[str, Any]
    _filename: str
    _futures: int
    _active: dict[int, Active]
    _iterators: dict[int, Iterator[Any]]
    _trials: dict[int, Trial]
    _standing: dict[int, Any]
    resumes: Resumes | None
    _came_to_end: Callable[[int], None]
    _finish: Callable[[int], None]
    _puller: Callable[[Active, Iterator[Any]], Puller]

    def _whole(self, index: int, first: Any) -> Any:
        """A whole list, set or dict, of which `first` has been made."""
        self._standing.pop(index, None)
        self._came_to_end(index)
        trial = self._trials.pop(index, None)
        if trial is not None and trial.pending is not None:
            rest = trial.confirmed(_latest(first))
            if rest is not None:
                return self._here(self._plan.regions[index], trial, first, rest)
            trial.over(trial)
        if self.resumes is not None and self.resumes.index == index:
            first = self.resumes.joined(first)
        if index not in self._active:
            return first
        try:
            active = self._active[index]
            return active.gather(self._puller(active, self._iterators.pop(index)), first)
        finally:
            self._finish(index)

    whole = _native.Untraced(_whole, top)

    def _here(self, region: Region, trial: Trial, first: Any, rest: Iterator[Any]) -> Any:
        """The rest of a list, set or dict runs here after all."""
        __tracebackhide__ = True
        began = time.perf_counter()
        bound: dict[str, Any] = {}
        try:
            compute = function(region, self._filename, self._namespace, self._futures)
            values = compute(rest, bound) if region.temporaries else compute(rest)
            (first.extend if region.kind == "listcomp" else first.update)(values)
            trial.items = trial.total or trial.items
            return first
        finally:
            self._namespace.update(bound)
            trial.seconds += time.perf_counter() - began
            trial.over(trial)

    def lazy(self, index: int, plain: Iterator[Any]) -> Iterator[Any]:
        """A generator expression's, map's or filter's values, in order, closed when its consumer stops. `plain` makes
        those of the trial."""
        self._standing.pop(index, None)
        trial = self._trials.pop(index, None)
        if trial is not None:
            runs = self._runs(index, trial, plain)
            if self._is_at_once(index):
                return chain.from_iterable(runs)
            return self._generator(index, chain.from_iterable(runs))
        if index not in self._active:
            return plain
        if self._is_at_once(index):
            return chain.from_iterable(self._untraced(index))
        return self._generator(index, self._lazily(index, self._active[index], self._iterators.pop(index)))

    def _generator(self, index: int, values: Iterator[Any]) -> Iterator[Any]:
        return generator(self._regions[index], self._filename, self._namespace, values)

    def _is_at_once(self, index: int) -> bool:
        """Whether its values may come from a chain, which is as fast as C: that has no close() and no send()."""
        region = self._regions[index]
        return region.kind in ("map", "filter") or self._is_builtin(region.consumer, CONSUMERS)

    def _is_builtin(self, name: str, among: frozenset[str]) -> bool:
        """Whether `name` is one `among` the builtins."""
        return name in among and name not in self._namespace

    def _runs(self, index: int, trial: Trial, plain: Iterator[Any]) -> Iterator[Iterable[Any]]:
        errors: list[BaseException] = []
        if self._is_builtin(self._regions[index].consumer, AT_ONCE):
            yield plain
        else:
            yield from self._until(lazily(plain, trial, self._regions[index].kind in ("map", "filter")), errors)
            yield from map(_raising, errors)
        if index in self._active and not errors:
            yield from self._untraced(index)

    def _untraced(self, index: int) -> Iterator[Iterable[Any]]:
        """The values, then the error with which they end."""
        errors: list[BaseException] = []
        yield self._until(self._lazily(index, self._active[index], self._iterators.pop(index)), errors)
        yield from map(_raising, errors)

    @staticmethod
    def _until(values: Iterator[Any], errors: list[BaseException]) -> Iterator[Any]:
        try:
            yield from values
        except GeneratorExit:
            raise
        except BaseException as error:
            errors.append(error)

    def _lazily(self, index: int, active: Active, iterator: Iterator[Any]) -> Iterator[Any]:
        __tracebackhide__ = True
        try:
            yield from active.values(self._puller(active, iterator))
        finally:
            self._finish(index)


def _raising(error: BaseException) -> Iterator[Any]:
    """What raises it with none of our frames above what it has come from."""
    top(error)
    return _native.Raising(error)


def _latest(values: Any) -> Any:
    """A value that a comprehension has made, the latest one if that is easily told; None if there is none."""
    if isinstance(values, list):
        return values[-1] if values else None
    return next(reversed(values.items()), None) if isinstance(values, dict) else next(iter(values), None)
