"""The object to which the cell's tree refers while it runs: opens regions, hands out residues, ends what is left."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FunctionType
from typing import Any

from ..cell import Plan, Region, surprise
from . import capture, streams
from .alias import conflict
from .job import Job, Run
from .pull import Puller
from .region import Active
from .residue import ABSENT, Replay, _reach
from .unchanged import doubt

OpenRun = Callable[[Region, Job], "Run | None"]


class Callbacks:
    """What a caller may want to know; subclass and override."""

    def started(self, region: Region, job: Job, run: Run) -> None:
        """A region's run was opened."""

    def ended(self, region: Region, items: int, seconds: float, error: BaseException | None) -> None:
        """A region that was started has ended; `items` iterations were committed (the last one perhaps in part)."""

    def unbound(self, region: Region, name: str, why: str) -> None:
        """A name that the serial cell would have bound has no value: it stayed in a worker, which says `why`."""

    def drew(self, region: Region, labels: list[str]) -> None:
        """Iterations draw from streams of their own of these sources instead of from the notebook's."""

    def serial(self, region: Region, reason: str) -> None:
        """A region that the plan calls parallel runs serially: seen only just before it began."""


class Runtime:
    """Runs a plan's regions on whatever ``open_run(region, job)`` returns (None: run this region serially).

    It is in ``builtins`` under the plan's ``runtime_name`` until ``close()``. ``namespace`` must be the dict in which
    the tree runs. In the tree
    ``v``, ``v1``, ... are the residues of the current iteration and of inner loops' rows.  # noqa: E501
    """

    def __init__(
        self,
        plan: Plan,
        namespace: dict[str, Any],
        open_run: OpenRun,
        on_region: Callbacks | None = None,
    ):
        self._plan = plan
        self._namespace = namespace
        self._open_run = open_run
        self._callbacks = on_region or Callbacks()
        self._iterables: dict[int, Any] = {}
        self._active: dict[int, Active] = {}
        setattr(builtins, plan.runtime_name, self)

    def __enter__(self) -> Runtime:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End what is still open and take the name away. Idempotent."""
        for index in list(self._active):
            self._finish(index)
        self._iterables.clear()
        capture.reset()
        if builtins.__dict__.get(self._plan.runtime_name) is self:
            delattr(builtins, self._plan.runtime_name)

    # ------------------------------------------------------------------------------------------ called by the tree

    def open(self, index: int, iterable: Any) -> bool:
        """A region is about to begin: False if it is to run as it stands."""
        region = self._plan.regions[index]
        self._iterables[index] = iterable
        reason = (
            surprise(region, self._namespace)
            or conflict(region, self._namespace, iterable)
            or doubt(region, self._namespace, iterable)
        )
        if reason is not None:
            self._callbacks.serial(region, reason)
            return False
        job = self._job(region, sys._getframe(1).f_code.co_filename, iterable)
        run = self._open_run(region, job)
        if run is None:
            return False
        self._active[index] = Active(region, job, run, self._namespace, self._callbacks)
        self._callbacks.started(region, job, run)
        self._move_on(region, job)
        return True

    def iterable(self, index: int) -> Any:
        """The region's iterable, evaluated by ``open``."""
        return self._iterables.pop(index)

    iterables = iterable

    def loop(self, index: int) -> Iterator[Any]:
        """A ``for`` region's items, in order; sets ``v`` for each."""
        active = self._looping = self._active[index]
        return self._items(active, iter(self._iterables.pop(index)))

    def _items(self, active: Active, iterator: Iterator[Any]) -> Iterator[Any]:
        __tracebackhide__ = True
        single = _single(active.region)
        for item, value in active.steps(Puller(iterator, active.region.changes_items)):
            if type(value) is Replay and single:
                self.__dict__.pop("v", None)
                self._replay = value
            else:
                self.v = value
            yield item
        active.exhausted()

    def __getattr__(self, name: str) -> Any:
        __tracebackhide__ = True
        if name != "v" or "_replay" not in self.__dict__:
            raise AttributeError(name)
        replay: Replay = self._replay
        slots = replay.slots
        return _reach(replay, slots[0] if replay.error is not None else slots, 0)

    @staticmethod
    def bound(value: Any) -> bool:
        """Whether a name was bound by its compute statement."""
        return value is not ABSENT

    def park(self, name: str, value: Any) -> None:
        """A name that only workers know the value of was bound in this iteration (or not: ABSENT)."""
        if value is not ABSENT:
            self._looping.park(name)

    @contextmanager
    def during(self, index: int) -> Iterator[None]:
        """Around the loop: once it is over, whatever the way, bind what only workers had bound and end the run."""
        __tracebackhide__ = True
        try:
            yield
        finally:
            self._end(index)

    def _end(self, index: int) -> None:
        self.__dict__.pop("v", None)
        self.__dict__.pop("_replay", None)
        self._finish(index)

    def comprehension(self, index: int) -> Any:
        """A whole list, set or dict."""
        __tracebackhide__ = True
        active = self._active[index]
        try:
            iterator = iter(self._iterables.pop(index))
            return active.gather(Puller(iterator, False))
        finally:
            self._finish(index)

    def lazy(self, index: int) -> Iterator[Any]:
        """A generator expression's, map's or filter's values, in order, closed when its consumer stops."""
        active = self._active[index]
        iterable = self._iterables.pop(index)
        several = active.region.kind == "map" and isinstance(iterable, tuple) and active.job.options.get("several")
        return self._lazily(index, active, zip(*iterable, strict=False) if several else iter(iterable))

    def _lazily(self, index: int, active: Active, iterator: Iterator[Any]) -> Iterator[Any]:
        __tracebackhide__ = True
        try:
            yield from active.values(Puller(iterator, False))
        finally:
            self._finish(index)

    # ---------------------------------------------------------------------------------------------------- internals

    def _finish(self, index: int) -> None:
        active = self._active.pop(index, None)
        if active is not None:
            active.finish()
        if not self._active:
            capture.reset()

    def _move_on(self, region: Region, job: Job) -> None:
        """The sources that the code names move on as the region begins: the next region has other streams."""
        labels = streams.sure(job.seed)
        if job.seed and labels:
            numbers = [number for number, stream in enumerate(job.seed) if stream.sure]
            streams.advance(job.seed, self._namespace, numbers)
            self._callbacks.drew(region, labels)

    def _job(self, region: Region, filename: str, iterable: Any) -> Job:
        assert region.compute is not None
        several = _several(region)
        try:
            total = min(len(i) for i in iterable) if several else len(iterable)
        except TypeError:
            total = None
        compute = function(region, filename, self._namespace)
        return Job(
            compute=compute,
            whole_task=region.whole_task,
            filename=filename,
            line=region.line,
            source=region.source,
            text=self._plan.source,
            total=total,
            temporaries=tuple(region.temporaries),
            seed=streams.plan(compute, iterable, region.index),
            options={
                "partial": tuple(sorted(region.partial)),
                "skips": region.skips,
                "lazy": region.kind in ("genexp", "map", "filter"),
                "several": several,
            },
        )


def _several(region: Region) -> bool:
    """Whether a map goes over several iterables at once."""
    return region.kind == "map" and any(isinstance(n, ast.Starred) for n in ast.walk(region.compute))  # type: ignore[arg-type]


def _single(region: Region) -> bool:
    return len(region.residues) <= 1


def function(region: Region, filename: str, namespace: Mapping[str, Any]) -> FunctionType:
    """The region's compute function, with the notebook's namespace as its globals."""
    code = compile(region.compute, filename, "exec")  # type: ignore[arg-type]
    inner = next(c for c in code.co_consts if hasattr(c, "co_code") and c.co_name == "compute")
    names = {"co_name": "<module>"}
    if sys.version_info >= (3, 11):
        names["co_qualname"] = "<module>"
    return FunctionType(inner.replace(**names), namespace, "compute")  # type: ignore[arg-type]
