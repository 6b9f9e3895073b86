"""One region at work: feed the backend ahead, take results in order, and end cleanly whatever happens."""

from __future__ import annotations

import ast
import contextlib
import sys
import time
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..ship.errors import Unshipped
from . import capture, streams
from .events import play
from .job import Job, Run, Task, TaskResult
from .pull import Puller
from .rejoin import rejoin
from .residue import Replay, State
from .resume import stop
from .shown import Shown

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
        self.items = 0
        self.parked: dict[str, tuple[int, Any, Any]] = {}
        """Name -> number, item and value of the iteration that bound it last, in a worker."""
        self.committing = False
        """Whether a for statement's body is at work on the last of these items."""
        self.index = 0
        self.first = first
        """Number of the region's first iteration that runs here; those below it are done."""
        self.start = first
        self.flying: deque[Task] = deque()
        self.item: Any = None
        """The item of the current iteration; ``before``: of the one before it."""
        self.before: Any = None
        self.value: Any = None
        """What workers computed for ``item``; ``value_before``: for ``before``."""
        self.value_before: Any = None
        self.kept: dict[str, Any] | None = None
        """Temporaries of the iteration that ended its task, if it was the last or failed."""
        self.failed: BaseException | None = None
        """What the current iteration's compute part raised; ``kept_by_failing`` is what it had bound."""
        self.kept_by_failing: dict[str, Any] = {}
        self.left: list[Task] = []
        """Tasks that are to be run on the main thread, as the loop stands in the cell (``_fall_back``)."""
        self.over = False
        self.items_draw: dict[int, tuple[int, Any]] = {}
        """Generators that came with items: id -> (iteration, the object)."""
        self.drew: set[int] = set()
        """Numbers of the unsure streams that iterations have drawn from."""
        self.shown = Shown()
        self.names_before = set(namespace)
        self.error: BaseException | None = None
        self.reported: BaseException | None = None
        """What workers say the iteration behind the committed ones has raised."""

    # ----------------------------------------------------------------------------------------------------- feeding

    def _feed(self, puller: Puller) -> None:
        while not puller.done and not puller.barrier:
            count = self.run.wanted()
            if count <= 0 and self.flying:
                return
            items, final = puller.take(max(count, 1))
            if not items:
                return
            if (self.index == 0 or self.items_draw) and not getattr(self.run, "in_order", False):
                self._apart(items)
            task = Task(self.index, self.start, items, final)
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
                while self.run.hungry(not puller.done and not puller.barrier):
                    self.shown.play(self.run.said())
                    self._feed(puller)
                result = self.run.next()
            except KeyboardInterrupt as interrupt:
                yield from self._finished(puller)
                self.run.cancel()
                self.flying.clear()
                raise interrupt
            if result.changed:
                self._fall_back(result)
                return
            self.flying.popleft()
            self.drew.update(result.drew)
            streams.put_back(task.items, result.item_states)
            self.shown.rest(result)
            yield task, result
            puller.committed(task.items)
            puller.barrier = False
        if puller.error is not None:
            raise puller.error

    def _fall_back(self, result: TaskResult) -> None:
        """The lowest task changed what it had been sent, so it is not committed: from here on the loop is serial.

        What is in flight has seen copies that the serial loop would have changed."""
        self.run.cancel()
        self.left = list(self.flying)
        self.flying.clear()
        self.callbacks.fell_back(self.region, result.changed, self.left[0].start, result.late)

    def rest(self, puller: Puller) -> Iterator[Any]:
        """The items of the iterations that are still to be run, each in its random streams."""
        number = self.left[0].start
        taken = deque(task.items for task in self.left)
        drawing = streams.Streams(self.job.seed, self.namespace) if self.job.seed else None
        try:
            while True:
                items = taken.popleft() if taken else puller.take(1)[0]
                if not items:
                    break
                for self.item in items:
                    self.items += 1
                    if drawing is not None:
                        drawing.enter(number)
                    number += 1
                    self.committing = True
                    with self.shown.skipping():
                        yield self.item
                    self.committing = False
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
                result = self.run.next()
            except KeyboardInterrupt:
                return
            if result.changed:
                return
            self.drew.update(result.drew)
            self.shown.rest(result)
            yield self.flying.popleft(), result

    # ------------------------------------------------------------------------------------------------- for statements

    def steps(self, puller: Puller) -> Iterator[tuple[Any, Any]]:
        """(item, value) of each iteration."""
        __tracebackhide__ = True
        for task, result in self.results(puller):
            self.kept = None
            last = len(result.values) - 1
            for number, value in enumerate(result.values):
                self.before, self.value_before, self.value = self.item, self.value, value
                self.item = item = task.items[number]
                self.items += 1
                if number == last:
                    self.kept = result.temporaries
                if type(value) is Replay:
                    self.failed = value.error
                    self.kept_by_failing = value.kept or {}
                self.committing = True
                yield item, value
                self.committing = False
            if result.error is not None:
                self.reported = result.error
                self._enter(task.items[len(result.values) :])
                raise result.error

    def _enter(self, items: list[Any]) -> None:
        """The next iteration cannot be committed at all, but it was entered: the loop's variable has its item."""
        if items and self.region.target is not None:
            bind = ast.Assign([self.region.target], ast.Name("__paracell_item", ast.Load()), lineno=1)
            code = compile(ast.fix_missing_locations(ast.Module([bind], [])), self.job.filename, "exec")
            bound = {"__paracell_item": items[0]}
            with contextlib.suppress(Exception):  # what is wrong with the item is not what is wrong now
                exec(code, {}, bound)
                del bound["__paracell_item"]
                self.namespace.update(bound)

    def park(self, name: str) -> None:
        """The current iteration has bound `name`, in the worker."""
        self.parked[name] = (self.items, self.item, self.value)

    def exhausted(self) -> None:
        """Every iteration was committed: bind what the last one left."""
        self.over = True
        self._fetch(self.kept or {})
        self._bind(self.kept if self.kept is not None else self._again(0))

    # ------------------------------------------------------------------------------------------------- comprehensions

    def gather(self, puller: Puller, out: Any) -> Any:
        """The list, set or dict `out`, with the values of the iterations that remain."""
        __tracebackhide__ = True
        self.out = out
        add = out.extend if self.region.kind == "listcomp" else out.update
        for task, result in self.results(puller):
            _emit(result.output)
            add(result.values)
            self._bind(result.temporaries or {})
            if result.error is not None:
                self.items += result.finished
                self.error = self.reported = result.error
                raise result.error
            self.items += len(task.items)
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
            self._bind(keep)

    def values(self, puller: Puller) -> Iterator[Any]:
        """The values of a lazy region, each item's output at its turn."""
        __tracebackhide__ = True
        nested = _nested(self.region)
        for task, result in self.results(puller):
            output = deque(result.output)
            for number, value in enumerate(result.values):
                while output and output[0][0] <= number:
                    _emit([output.popleft()])
                self.items += 1
                if self.region.kind == "filter":
                    if value[0]:
                        yield task.items[number]
                elif nested:
                    yield from value
                else:
                    yield value
            _emit(list(output))
            if result.error is not None:
                self.error = self.reported = result.error
                raise result.error
        if self.left:
            for item in self.rest(puller):
                for value in self._one(item):
                    if self.region.kind == "filter":
                        if value[0]:
                            yield item
                    elif nested:
                        yield from value
                    else:
                        yield value

    # ---------------------------------------------------------------------------------------------------------- ending

    def finish(self) -> None:
        """Bind what the stopped iteration had bound, drop what is in flight, end the run."""
        raised = sys.exc_info()
        over = self.over and not self.left
        try:
            if not self.over and self.region.kind == "for" and self.items:
                self._stopped(raised[1])
        finally:
            self.over = True
            try:
                if self.flying:
                    self.run.cancel()
                    self.flying.clear()
            finally:
                self.run.close()
                self._drawn()
                error = raised[1] or self.error
                if isinstance(error, GeneratorExit):
                    error = None  # a consumer that has had enough is no failure
                committed = self.items - (self.committing and error is not None)
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

    def _stopped(self, error: BaseException | None) -> None:
        """The loop was left in an iteration: names have the values that they had there."""
        partial: dict[str, Any] = {}
        wanted = self.job.temporaries
        if error is not None and error is self.failed:
            now = self.kept_by_failing
            partial = {n: v for n, v in now.items() if n in self.region.partial}
        elif wanted:
            line = self._line(error)
            now = {n: v for n, v in self._again(0).items() if self.region.temporaries.get(n, 0) <= line}
        else:
            now = {}
        if any(n not in now for n in wanted) and self.items > 1:
            now = {**self._again(1), **now}
        for name, value in partial.items():
            self.parked.pop(name, None)
            self._give(name, value)
        self._fetch({})
        self._bind(now)

    def _fetch(self, kept: dict[str, Any]) -> None:
        """Bind the parked names: from what the current iteration kept, else by computing theirs once more."""
        computed: dict[int, dict[str, Any]] = {self.items: kept}
        for name, (number, item, value) in self.parked.items():
            if number != self.items and self.region.variables.get(name) == "loop":
                continue  # an iteration since then has its item under that name
            if name not in computed.get(number, ()):
                computed[number] = self._compute(item, value, number - 1)
            if name in computed[number]:
                self._give(name, computed[number][name])

    def _line(self, error: BaseException | None) -> int:
        """The cell's line in which `error` left the loop; past every line if the loop was left in another way."""
        trace = error.__traceback__ if error is not None else None
        while trace is not None and trace.tb_frame.f_code.co_filename != self.job.filename:
            trace = trace.tb_next
        return trace.tb_lineno if trace is not None else sys.maxsize

    def _again(self, back: int) -> dict[str, Any]:
        """The temporaries of the current iteration (0) or the one before (1), by computing them once more."""
        if not self.job.temporaries or self.items <= back:
            return {}
        if back:
            return self._compute(self.before, self.value_before, self.items - 2)
        return self._compute(self.item, self.value, self.items - 1)

    def _compute(self, item: Any, value: Any, number: int) -> dict[str, Any]:
        keep: dict[str, Any] = {}
        again = streams.within(self.job.seed, self.namespace, self.first + number)
        with capture.collected(lambda kind, content: None), again:
            again_value = self.job.compute(item, keep, State())
        rejoin(again_value, value, keep)
        return keep

    def _bind(self, values: dict[str, Any]) -> None:
        for name in self.job.temporaries:
            if name in values:
                self._give(name, values[name])
        self._order()

    def _give(self, name: str, value: Any) -> None:
        if type(value) is Unshipped:
            # An earlier value of this name would be a wrong one.
            self.namespace.pop(name, None)
            self.callbacks.unbound(self.region, name, str(value.error))
        else:
            self.namespace[name] = value

    def _order(self) -> None:
        """Names that the loop made stand in the namespace in the order in which serial Python makes them."""
        made = [n for n in self.region.order if n in self.namespace and n not in self.names_before]
        if len(made) > 1 and [n for n in self.namespace if n in set(made)] != made:
            for name in made:
                self.namespace[name] = self.namespace.pop(name)


def _emit(output: list[tuple[int, int, str, Any]]) -> None:
    for _, _, kind, content in output:
        play(kind, content)


def _nested(region: Region) -> bool:
    """Whether a generator expression's tasks give a list of values for each item."""

    if region.kind != "genexp" or region.compute is None:
        return False
    value = region.compute.body[0].body[0].value  # type: ignore[attr-defined]
    return (
        isinstance(value, ast.ListComp)
        and isinstance(value.elt, ast.ListComp)
        and len(value.generators) == 1
        and getattr(value.generators[0].target, "id", "").startswith("__paracell_")
    )
