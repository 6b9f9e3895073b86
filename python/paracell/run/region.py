"""One region at work: feed the backend ahead, take results in order, and end cleanly whatever happens."""

from __future__ import annotations

import ast
import contextlib
import sys
import time
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import streams
from .columns import Columns, Slots
from .compute import nested, recompiled
from .enclosing import stand_around
from .events import WARNED, play, renew_filters
from .job import Job, Run, Task, TaskResult
from .leaving import Names
from .pace import Pace
from .pull import Puller
from .residue import Replay
from .resume import stop
from .shown import Shown
from .walk import Position, Walk

if TYPE_CHECKING:
    from ..cell import Region
    from .marks import Marks


class Active:
    """A region between ``open`` and ``end``."""

    def __init__(self, region: Region, job: Job, run: Run, namespace: dict[str, Any], callbacks: Any, first: int = 0):
        self.region = region
        self.job = job
        self.run = run
        self.namespace = namespace
        self.callbacks = callbacks
        self.iterable: Any = None
        self.puller: Puller | None = None
        self.marks_before: Marks | None = None
        """Marks of the items below the first one."""
        self.out: Any = None
        """What a comprehension has so far."""
        self.moved: set[str] = set()
        """Labels of the random sources that have moved on for this loop."""
        self.began = time.perf_counter()
        self.position = Position()
        self.names = Names(region, job, namespace, callbacks, self.position, first)
        self.index = 0
        self.first = first
        """Number of the region's first iteration that runs here; those below it are done."""
        self.start = first
        self.flying: deque[Task] = deque()
        self.left: list[Task] = []
        """Tasks that are to be run on the main thread, as the loop stands in the cell (``_fall_back``)."""
        self.fell_back = self.over = False
        self.items_draw: dict[int, tuple[int, Any]] = {}
        """Generators that came with items: id -> (iteration, the object)."""
        self.drew: set[int] = set()
        """Numbers of the unsure streams that iterations have drawn from."""
        self.shown = Shown()
        choice = job.options.get("choice")
        self.tried = choice is not None
        """Whether its first iterations ran as they stand in the cell (``auto``)."""
        self._pace = Pace(choice.each) if choice is not None and choice.each else None
        self.error: BaseException | None = None
        self.reported: BaseException | None = None
        """What workers say the iteration behind the committed ones has raised."""

    # ----------------------------------------------------------------------------------------------------- feeding

    def _feed(self, puller: Puller) -> None:
        while not puller.done and not puller.barrier:
            count = self.run.wanted()
            if (count <= 0 or puller.waits) and self.flying:
                return
            if not self.index and self.job.commits:
                count = 1  # what committing it changes is seen before more is computed in one go
            items, final = puller.take(puller.few(max(count, 1)))
            if not items:
                return
            if (self.index == 0 or self.items_draw) and not getattr(self.run, "in_order", False):
                self._apart(items)
            task = Task(self.index, self.start, items, final, puller.plain)
            self.index += 1
            self.start += len(items)
            self.flying.append(task)
            self.run.submit(task)

    def _apart(self, items: list[Any]) -> None:
        """Iterations that run at the same time may not draw from one generator that came with their items."""
        for number, item in enumerate(items):
            for engine in streams.engines(item):
                if id(engine) in self.items_draw:
                    raise streams.SharedGenerator(self.items_draw[id(engine)][0], self.start + number)
                self.items_draw[id(engine)] = (self.start + number, engine)
            if not self.items_draw:
                return

    def results(self, puller: Puller) -> Iterator[tuple[Task, TaskResult]]:
        """Each task with its result, in order; at the end what the user's iterator raised."""
        __tracebackhide__ = True
        self.puller = puller
        while True:
            puller.barrier = False if not self.flying else puller.barrier
            self._feed(puller)
            if not self.flying:
                break
            task = self.flying[0]
            try:
                # The lowest task may be a long one: the other workers are not to wait for it, nor who reads its output.
                while self.run.hungry(not puller.done and not puller.waits):
                    self.shown.play(self.run.said())
                    self._feed(puller)
                result = self._next()
            except KeyboardInterrupt as interrupt:
                yield from self._finished(puller)
                self.position.catch_up()
                self.run.took(self.first + self.position.items)
                self.run.cancel()
                self.flying.clear()
                raise interrupt
            lags = self._pace is not None and result.error is None and self._pace.lags(len(task.items), result.seconds)
            if lags or self._is_not_serials(result):
                self._fall_back(result)
                return
            self.flying.popleft()
            self._raised(result)
            streams.put_back(task.items, result.item_states)
            self.shown.rest(result)
            yield task, result
            if result.renewed:
                renew_filters()
            puller.committed(task.items)
            puller.barrier = False
        if puller.error is not None:
            stand_around(puller.error, self.region, self.job.filename, self.namespace)
            raise puller.error

    def _next(self) -> TaskResult:
        """The result of the lowest task."""
        result = self.run.next()
        if result.kept and not result.copied:
            from .recomputed import recomputed

            result.copied = recomputed(result, self.namespace)
        return result

    def _raised(self, result: TaskResult) -> None:
        """What a task that counts has set in its process."""
        self.drew.update(result.drew)
        for one, name, value in result.kept:
            object.__getattribute__(one, "__dict__").setdefault(name, value)
        if result.warned:
            self.namespace.setdefault(WARNED, {})
        if result.signals:
            from ..ship.environment import raise_signals

            raise_signals(result.signals)

    def _fall_back(self, result: TaskResult) -> None:
        """The lowest task is not committed: it changed what it had been sent, gives copies of what the notebook has, or
        could not have what its code asks for; or to go on elsewhere is slower.

        From here on the loop is serial.

        What is in flight has seen copies that the serial loop would have changed."""
        self.run.took(self.flying[0].start)
        self.run.cancel()
        self.fell_back = True
        self.left = list(self.flying)
        self.flying.clear()
        changed, copied = result.changed, "" if result.changed else result.copied
        if result.unable:
            self.callbacks.unable(self.region, result.unable + _lost(self.run.lost), self.left[0].start)
        elif not self._is_not_serials(result):
            self.callbacks.slower(self.region, self.left[0].start)
        elif changed or copied:
            self.callbacks.fell_back(self.region, changed, self.left[0].start, result.late, copied)
        else:
            assert self.job.seed is not None
            labels = [self.job.seed[number].label for number in result.drew]
            self.callbacks.draws_here(self.region, labels, self.left[0].start)

    def _is_not_serials(self, result: TaskResult) -> bool:
        """Whether a task gives something else than the serial loop."""
        return bool(result.changed or result.copied or result.unable) or self._draws_here(result)

    def _draws_here(self, result: TaskResult) -> bool:
        """Whether library code has drawn from global state in a loop of which the first iterations ran as they stand:
        then they all draw as in the serial cell, whenever the loop moved."""
        return self.tried and bool(result.drew)

    def rest(self, puller: Puller) -> Iterator[Any]:
        """The items of the iterations that are still to be run, each in its random streams."""
        number = self.left[0].start
        taken = deque(task.items for task in self.left)
        drawing = streams.Streams(self.job.seed, self.namespace) if self.job.seed and not self.tried else None
        try:
            while True:
                items = taken.popleft() if taken else puller.take(1)[0]
                if not items:
                    break
                for self.position.item in items:
                    self.position.items += 1
                    if drawing is not None:
                        drawing.enter(number)
                    number += 1
                    self.position.committing = True
                    with self.shown.skipping():
                        yield self.position.item
                    self.position.committing = False
                puller.committed(items)
            self.left = []
        finally:
            if drawing is not None:
                self.drew.update(drawing.leave())
        if puller.error is not None:
            raise puller.error

    def _finished(self, puller: Puller) -> Iterator[tuple[Task, TaskResult]]:
        """After an interrupt: the results that are there already, as far as they follow one another.

        The interrupt may have fallen where a result had left the run and had not arrived here: it is lost, and those
        behind it do not follow."""
        while self.flying and self.run.pending() == len(self.flying) and self.run.ready():
            try:
                result = self._next()
            except KeyboardInterrupt:
                return
            if self._is_not_serials(result):
                return
            self._raised(result)
            self.shown.rest(result)
            yield self.flying.popleft(), result

    # ------------------------------------------------------------------------------------------------- for statements

    def steps(self, puller: Puller) -> Iterator[Walk]:
        """The iterations, as many at a time as can be committed with nobody in between."""
        __tracebackhide__ = True
        for task, result in self.results(puller):
            self.position.kept = None
            values: Any = result.values
            if type(values) is Slots:
                values = Columns(values.columns())
            plain = type(values) is Columns or Replay not in map(type, values)
            if plain and (len(task.items) < 2 or not result.touched):
                yield from self.position.over(Walk(task.items, values, result.temporaries))
            else:
                last = len(result.values) - 1
                for number, (item, value) in enumerate(zip(task.items, result.values, strict=False)):
                    if type(value) is Replay:
                        self.names.failed = value.error
                        self.names.kept_by_failing = value.kept or {}
                    kept = result.temporaries if number == last else None
                    yield from self.position.over(Walk([item], [value], kept))
                    if self._goes_stale(task, result, number + 1):
                        return
            if result.error is not None:
                self.reported = result.error
                self._enter(task.items[len(result.values) :])
                raise result.error

    def _goes_stale(self, task: Task, result: TaskResult, done: int) -> bool:
        """Whether committing has changed what the task's iterations from its `done`-th on have read."""
        if done >= len(task.items) or not result.touched or not (why := self.run.missed()):
            return False
        self.flying.appendleft(Task(task.index, task.start + done, task.items[done:], task.final, task.plain))
        result.unable = why
        self._fall_back(result)
        return True

    def _enter(self, items: list[Any]) -> None:
        """The next iteration cannot be committed at all, but it was entered: the loop's variable has its item."""
        if items and self.region.target is not None:
            bind = ast.Assign([self.region.target], ast.Name("__paracell_item", ast.Load()), lineno=1)
            tree = ast.fix_missing_locations(ast.Module([bind], []))
            code = recompiled(tree, self.job.filename)
            bound = {"__paracell_item": items[0]}
            with contextlib.suppress(Exception):  # what is wrong with the item is not what is wrong now
                exec(code, {}, bound)
                del bound["__paracell_item"]
                self.namespace.update(bound)

    def exhausted(self) -> None:
        """Every iteration was committed: bind what the last one left."""
        self.over = True
        self.names.exhausted()

    # ------------------------------------------------------------------------------------------------- comprehensions

    def gather(self, puller: Puller, out: Any) -> Any:
        """The list, set or dict `out`, with the values of the iterations that remain."""
        __tracebackhide__ = True
        self.out = out
        add = out.extend if self.region.kind == "listcomp" else out.update
        for task, result in self.results(puller):
            _emit(result.output)
            try:
                add(result.values)
            except TypeError as error:  # of what cannot be hashed
                stand_around(error, self.region, self.job.filename, self.namespace)
                raise
            self.names.bind(result.temporaries or {})
            if result.error is not None:
                self.position.items += result.finished
                self.error = self.reported = result.error
                raise result.error
            self.position.items += len(task.items)
        if self.left:
            for item in self.rest(puller):
                add(self._one(item))
        return out

    def _one(self, item: Any) -> Any:
        """The values of one iteration, computed here."""
        keep: dict[str, Any] = {}
        try:
            return self.job.compute(iter([item]), keep) if self.job.temporaries else self.job.compute(iter([item]))
        except BaseException as error:
            if error.__traceback__ is not None:
                error.__traceback__ = error.__traceback__.tb_next
            raise
        finally:
            self.names.bind(keep)

    def values(self, puller: Puller) -> Iterator[Any]:
        """The values of a lazy region, each item's output at its turn."""
        __tracebackhide__ = True
        listed = nested(self.region)
        for task, result in self.results(puller):
            output = deque(result.output)
            for number, value in enumerate(result.values):
                while output and output[0][0] <= number:
                    _emit([output.popleft()])
                self.position.items += 1
                if self.region.kind == "filter":
                    if value[0]:
                        yield task.items[number]
                elif listed:
                    yield from value
                else:
                    yield value
            _emit(list(output))
            if result.error is not None:
                if self._ends(result.error):
                    return
                self.error = self.reported = result.error
                raise result.error
        if self.left:
            for item in self.rest(puller):
                try:
                    values = self._one(item)
                except StopIteration as error:
                    if self._ends(error):
                        return
                    raise
                for value in values:
                    if self.region.kind == "filter":
                        if value[0]:
                            yield item
                    elif listed:
                        yield from value
                    else:
                        yield value

    def _ends(self, error: BaseException) -> bool:
        """Whether `error` is the values' end: ``map`` hands on what its function raises."""
        return isinstance(error, StopIteration) and self.region.kind in ("map", "filter")

    # ---------------------------------------------------------------------------------------------------------- ending

    def finish(self) -> None:
        """Bind what the stopped iteration had bound, drop what is in flight, end the run."""
        raised = sys.exc_info()
        self.position.catch_up()
        self.position.bind_bulk(self.namespace)
        over = self.over and not self.left
        try:
            if not self.over and self.region.kind == "for" and self.position.items:
                self.names.stopped(raised[1])
        finally:
            self.over = True
            try:
                if not self.fell_back and (changed := self.run.settle()):
                    self.callbacks.fell_back(self.region, changed, self.first + self.position.items, True, "")
                done = self.first + self.position.items + (self.reported is not None)
                if not self.fell_back and (self.flying or done < self.start):
                    self.run.took(done)
                    self.run.cancel()
                    self.flying.clear()
            finally:
                self.run.close()
                self._drawn()
                error = raised[1] or self.error
                if isinstance(error, GeneratorExit):
                    error = None  # a consumer that has had enough is no failure
                committed = self.position.items - (self.position.committing and error is not None)
                self.callbacks.ended(self.region, committed, time.perf_counter() - self.began, error)
                if error is not None and not over and (stopped := stop(self, committed, error)) is not None:
                    self.callbacks.stopped(stopped)

    def _drawn(self) -> None:
        """Library code did draw: then the notebook's source moves on, as it does for what the code names."""
        if self.drew and self.job.seed:
            self.advance(sorted(self.drew))

    def advance(self, numbers: list[int]) -> None:
        """The notebook's own sources with these numbers move on, once for the loop."""
        assert self.job.seed is not None
        labels = [self.job.seed[number].label for number in numbers]
        new = [number for number, label in zip(numbers, labels, strict=True) if label not in self.moved]
        streams.advance(self.job.seed, self.namespace, new)
        self.moved.update(labels)
        self.callbacks.drew(self.region, labels)


def _lost(files: list[str]) -> str:
    """What is said of files that iterations have changed ahead of time."""
    if not files:
        return ""
    names = ", ".join(f"'{name}'" for name in files[:3]) + (" and others" if len(files) > 3 else "")
    return f" (what iterations that are run again had done to {names} could not be taken back)"


def _emit(output: list[tuple[int, int, str, Any]]) -> None:
    for _, _, kind, content in output:
        play(kind, content)
