"""The object to which the cell's tree refers while it runs: opens regions, hands out residues, ends what is left."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, islice, starmap
from types import FunctionType, TracebackType
from typing import Any

from .. import _native
from ..cell import Plan, Region, surprise
from . import capture, dotted, events, streams
from .alias import conflict
from .bulk import Committer
from .callbacks import Callbacks as Callbacks
from .compute import function, futures, recompiled
from .doubts import located
from .draws import find, mentioned
from .filenames import reaches
from .giving import Giving
from .here import Here, watched
from .iterables import Zipped, length, package
from .job import Job, Run
from .marks import Marks
from .onward import Onward, below, container
from .own import overlap, tables
from .pull import Puller, nexts
from .readahead import disturbed
from .region import Active
from .residue import ABSENT, Replay, _reach
from .resume import Rest, Resumes
from .rows import Taken
from .serially import Serially
from .sources import digest
from .trial import Choice, Judge, Trial
from .trimmed import OUTSIDE, Outside, caught, top, trim
from .unchanged import doubt

OpenRun = Callable[[Region, Job], "Run | None"]
JudgeOf = Callable[[Region, "int | None"], "Judge | None"]
"""Makes the judge of a region's trial from the region and its number of items; None: nothing is tried here first."""


class During:
    """A region while it runs."""

    def __init__(self, runtime: Runtime, index: int) -> None:
        self._runtime, self._index = runtime, index

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        __tracebackhide__ = True
        try:
            self._runtime._end(self._index)
        finally:
            trim(error, trace)


class Runtime(Serially, Onward, Giving):
    """Runs a plan's regions on whatever ``open_run(region, job)`` returns (None: run this region serially).

    It is in ``builtins`` under the plan's ``runtime_name`` until ``close()``. ``namespace`` must be the dict in which
    the tree runs. In the tree
    ``v``, ``v1``, ... are the residues of the current iteration and of inner loops' rows.  # noqa: E501
    With ``judge``, the first iterations run as they stand in the cell, until their judge says where the rest runs.
    """

    def __init__(
        self,
        plan: Plan,
        namespace: dict[str, Any],
        open_run: OpenRun,
        on_region: Callbacks | None = None,
        judge: JudgeOf | None = None,
    ):
        self._plan = plan
        self._regions = plan.regions
        self._namespace = namespace
        self._open_run = open_run
        self._callbacks = self._watcher = on_region or Callbacks()
        self._judge = judge
        self._filename = ""
        self._futures = 0
        self._computes: dict[int, FunctionType] = {}
        self._seeds: dict[int, tuple[streams.Stream, ...] | None] = {}
        self._states: dict[int, dict[str, bytes]] = {}
        """States of the sources from which a region's library code may draw, when it began to run here."""
        self._clocks = {}
        self._iterators: dict[int, Iterator[Any]] = {}
        self._trials: dict[int, Trial] = {}
        self._active: dict[int, Active] = {}
        self._standing: dict[int, Here] = {}
        """Regions that run as they stand in the cell and are not known to have ended."""
        self._rest: dict[int, Iterator[Any]] = {}
        self.resumes: Resumes | None = None
        """Set where the cell begins with a loop that was stopped before."""
        setattr(builtins, plan.runtime_name, self)

    def __enter__(self) -> Runtime:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End what is still open and take the name away. Idempotent."""
        for index in list(self._active):
            self._finish(index)
        self._callbacks.left(list(self._standing.values()))
        self._standing.clear()
        self._iterators.clear()
        self._trials.clear()
        capture.reset(self)
        if builtins.__dict__.get(self._plan.runtime_name) is self:
            delattr(builtins, self._plan.runtime_name)

    # ------------------------------------------------------------------------------------------ called by the tree

    Zipped = Zipped
    starmap = starmap
    caught = staticmethod(caught)

    def _trial(self, index: int, iterable: Any) -> Iterator[Any]:
        """A region is about to begin: the items of the iterations that run as they stand in the cell, first of all."""
        kind = type(iterable)
        if getattr(kind, "__iter__", getattr(kind, "__getitem__", None)) is None:
            return iterable  # type: ignore[no-any-return]  # the cell's own line says that there are no items
        region = self._plan.regions[index]
        code = sys._getframe(1).f_code
        filename = self._filename = code.co_filename
        self._futures = futures(code)
        total = length(iterable)
        judge = None
        if region.later is not None:
            found = mentioned(code, self._namespace, container(below(iterable)) if region.together else iterable)
            if found is None or (found and any(source.sure for source in found)):
                self.settle(region)
            elif found:  # only library code might draw, and that is seen when it has
                for one in region.together or (region,):
                    self._states[one.index] = {source.label: digest(source.source) for source in found}
        drawn = region.parallel and self._draws(region, filename, iterable)
        if self._judge is not None and type(iterable) is not Rest and not drawn:
            judge = self._judge(region, total)
        iterator: Iterator[Any] = iter(iterable)
        if type(iterable) is Zipped:
            iterable = iterable.iterables
        if judge is None:
            if self._begin(region, filename, iterable, iterator, total):
                return iter(())
            self._left_here(region, total)
            watched = self._watch(region, filename, iterable, iterator, total)
            items = nexts(iterator)
            return chain(items, self._over(index)) if watched and region.kind == "for" else items
        self._watch(region, filename, iterable, iterator, total)

        def begin(trial: Trial, choice: Choice, rest: Iterator[Any]) -> bool:
            left = None if total is None else max(total - trial.items, 0)
            return self._begin(region, filename, iterable, rest, left, trial.items, choice)

        def over(trial: Trial) -> None:
            if trial.ended or trial.elsewhere:
                self._standing.pop(index, None)
            self._callbacks.tried(region, trial)

        onward: Callable[[int], Iterator[Any] | None] | None = None
        if region.together:
            onward = partial(self._onward, region, iterable, filename)
            instead = onward(0) if region.refusal is not None else None
            if instead is not None:
                iterator, onward = instead, None
        waits = region.kind in ("listcomp", "setcomp", "dictcomp")
        trial = Trial(total, judge, lambda: self.settle(region), begin, over, waits, onward)
        if region.kind != "for":
            self._trials[index] = trial
        return trial.items_of(iterator)

    trial = _native.Untraced(_trial, top)

    def _over(self, index: int) -> Iterator[Any]:
        """Behind the items of a loop that runs as it stands: it has come to its end."""
        self._standing.pop(index, None)
        return
        yield

    def settle(self, region: Region) -> bool:
        """Plan `region`, if that has been put off; whether it is parallel."""
        if region.later is not None:
            together = region.together or (region,)
            for one in together:
                one.settle(self._namespace)
            for one in together:
                self._callbacks.planned(one)
        return region.parallel

    def _watch(self, region: Region, filename: str, iterable: Any, iterator: Iterator[Any], total: int | None) -> bool:
        """The region begins to run as it stands. Whether it is known how far it is."""
        here = watched(self, region, iterable, iterator, filename, total)
        if here is not None:
            self._standing[region.index] = here
        return here is not None

    def job_of(self, here: Here) -> Job | None:
        """See ``here.Owner``."""
        if not self.settle(here.region):
            return None
        return self._job(here.region, here.filename, here.iterable, here.total, None)

    def remain(self, index: int) -> bool:
        """Behind a loop that was not planned before it began: whether iterations remain that run elsewhere."""
        return index in self._active

    def completing(self, index: int) -> Outside:
        """Around ``completed``."""
        return OUTSIDE

    def completed(self, index: int) -> None:
        """They run, with a frame of their own: their statement was compiled before the loop was planned."""
        __tracebackhide__ = True
        tree = ast.Module(self._regions[index].remains, [])
        exec(recompiled(tree, self._filename, self._futures), self._namespace)

    def open(self, index: int) -> bool:
        """Whether iterations remain that run elsewhere."""
        self._standing.pop(index, None)
        self._came_to_end(index)
        return index in self._active

    def _begin(
        self,
        region: Region,
        filename: str,
        iterable: Any,
        iterator: Iterator[Any],
        total: int | None,
        first: int = 0,
        choice: Choice | None = None,
    ) -> bool:
        """Open a run for the region's iterations from `first` on; False if they are to run as they stand.

        `iterator` gives their items, `total` is how many they are; it goes over `iterable`."""
        rest = iterable if type(iterable) is Rest else None
        iterable = rest.iterable if rest is not None else iterable
        doubted = None
        reason = (
            surprise(region, self._namespace)
            or (region.parts and dotted.bind(region, self._namespace))
            or (doubted := conflict(region, self._namespace, iterable, self._plan.source))
            or (doubted := disturbed(region, self._namespace, iterable))
            or (doubted := overlap(region, self._namespace, iterable))
            or doubt(region, self._namespace, iterable)
        )
        if reason:
            dotted.unbind(region, self._namespace)
            if doubted is not None:
                reason = located(doubted, region, self._plan.source, self._namespace)
            self._callbacks.serial(region, reason)
            return False
        if choice is not None and (labels := self._drawn(region, iterable)):
            self._callbacks.draws_here(region, labels, first)
            dotted.unbind(region, self._namespace)
            return False
        job = self._job(region, filename, iterable, total, choice)
        if rest is not None:
            job.seed = rest.streams(job.seed)
        capture.begin(self)
        run = None
        try:
            run = self._open_run(region, job)
        finally:
            if run is None:
                dotted.unbind(region, self._namespace)
        if run is None:
            return False
        events.namespace = self._namespace
        self._iterators[region.index] = iterator
        active = self._active[region.index] = Active(region, job, run, self._namespace, self._callbacks, first)
        active.iterable = iterable
        if rest is not None:
            rest.go_on(active)
        self._callbacks.started(region, job, run)
        if job.seed and streams.sure(job.seed):
            active.advance([number for number, stream in enumerate(job.seed) if stream.sure])
        return True

    def left_of(self, iterable: Any) -> Rest:
        """What is left of a stopped loop's iterable."""
        assert self.resumes is not None
        return self.resumes.rest(iterable)

    def joined(self, values: Any) -> Any:
        """A comprehension's values behind those that there are from before."""
        assert self.resumes is not None
        return self.resumes.joined(values)

    def loop(self, index: int) -> Iterator[Any]:
        """(item, residue) of each of a ``for`` region's iterations, in order."""
        active = self._looping = self._active[index]
        return chain.from_iterable(self._runs_of(active, self._iterators.pop(index)))

    def _runs_of(self, active: Active, iterator: Iterator[Any]) -> Iterator[Iterator[Any]]:
        __tracebackhide__ = True
        single = _single(active.region)
        puller = self._puller(active, iterator)
        committer = _committer(active.region, self._namespace)
        new = committer is None and active.names.firsts.differ
        for walk in active.steps(puller):
            self.__class__ = Replaying if single and type(walk.values[0]) is Replay else Runtime
            if committer is not None:
                committer.most(walk)
            pairs = walk.pairs()
            if new:
                yield islice(pairs, 1)
                active.names.firsts.first_over(active.job.temporaries)
                new = False
            yield pairs
        self.__class__ = Runtime
        active.exhausted()
        if active.left:
            self._rest[active.region.index] = active.rest(puller)

    def rest(self, index: int) -> Iterator[Any]:
        """What is left of a ``for`` region's items for the loop as it stands in the cell: mostly nothing."""
        return self._rest.pop(index, None) or iter(())

    @staticmethod
    def bound(value: Any) -> bool:
        """Whether a name was bound by its compute statement."""
        return value is not ABSENT

    @staticmethod
    def given(value: Any) -> Any:
        """An operand that was an iterator is one again."""
        return value.given() if type(value) is Taken else value

    def park(self, name: str, value: Any, slot: int | None = None, row: Any = None) -> None:
        """A name that only workers know the value of was bound in this iteration (or not: ABSENT).

        `slot` (of the iteration's, or of the inner loop's `row`) is where it was, if it may be bound again."""
        if value is not ABSENT:
            self._looping.names.park(name, slot, row)

    def during(self, index: int) -> During:
        """Around the loop: once it is over, whatever the way, bind what only workers had bound and end the run."""
        return During(self, index)

    def _end(self, index: int) -> None:
        self.__class__ = Runtime
        self.__dict__.pop("v", None)
        self._finish(index)

    # ---------------------------------------------------------------------------------------------------- internals

    def _finish(self, index: int) -> None:
        active = self._active.pop(index, None)
        if active is not None:
            try:
                active.finish()
            finally:
                dotted.unbind(active.region, self._namespace)
        if not self._active:
            capture.reset(self)

    def _puller(self, active: Active, iterator: Iterator[Any]) -> Puller:
        return Puller(
            iterator, active.region.changes_items, Marks(active.first, active.region.changes_items, active.marks_before)
        )

    def _draws(self, region: Region, filename: str, iterable: Any) -> bool:
        """Whether each iteration is to draw from streams of its own, the first ones too."""
        compute = self._computes[region.index] = function(region, filename, self._namespace, self._futures)
        with dotted.bound(region, self._namespace):
            self._seeds[region.index] = streams.plan(compute, iterable, region.index)
        return bool(streams.sure(self._seeds[region.index]))

    def _drawn(self, region: Region, iterable: Any) -> list[str]:
        """Labels of the sources from which library code has drawn in the iterations that ran here."""
        states = self._states.pop(region.index, None)
        if states is not None:
            reached = find(function(region, self._filename, self._namespace, self._futures), iterable)
            return [one.label for one in reached if states.get(one.label) != digest(one.source)]
        before = self._seeds.get(region.index)
        if not before:
            return []
        now = streams.plan(self._computes[region.index], iterable, region.index) or ()
        keys = {stream.label: stream.key for stream in now}
        return [stream.label for stream in before if keys.get(stream.label) != stream.key]

    def _job(self, region: Region, filename: str, iterable: Any, total: int | None, choice: Choice | None) -> Job:
        assert region.compute is not None
        if region.index not in self._computes:
            self._draws(region, filename, iterable)
        compute = self._computes.pop(region.index)
        return Job(
            compute=compute,
            whole_task=region.whole_task,
            filename=filename,
            line=region.line,
            source=region.source,
            text=self._plan.source,
            total=total,
            temporaries=tuple(region.temporaries),
            seed=self._seeds.pop(region.index),
            options={
                "changes_items": region.changes_items,
                "partial": tuple(sorted(region.partial)),
                "skips": region.skips,
                "tables": tables(region, self._namespace),
                "own": tuple(own.name for own in region.slices),
                "binds": (*region.order, *region.changes),
                "unsaid": region.unsaid,
                "blind": region.blind or region.kind in ("genexp", "map", "filter"),
                "slots": region.slots,
                "leading": region.leading.slots(self._namespace),
                "lazy": region.kind in ("genexp", "map", "filter"),
                "files": reaches(compute),
                "package": package(iterable),
                **({"choice": choice} if choice is not None else {}),
            },
        )


class Replaying(Runtime):
    """The runtime in an iteration whose one residue is to be printed or raised where the commit part reads it."""

    @property
    def v(self) -> Any:
        __tracebackhide__ = True
        slots = self._replay.slots
        return _reach(self._replay, slots[0] if self._replay.error is not None else slots, 0)

    @v.setter
    def v(self, replay: Replay) -> None:
        self._replay = replay


def _committer(region: Region, namespace: dict[str, Any]) -> Committer | None:
    return Committer(region.bulk, region.slots, namespace) if region.bulk is not None else None


def _single(region: Region) -> bool:
    return len(region.residues) <= 1
