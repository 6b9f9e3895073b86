"""The names that a loop leaves: what an iteration had bound in a worker is bound here when the loop is left."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..ship.errors import Unshipped
from . import capture, streams
from .job import Job
from .rejoin import rejoin
from .residue import State
from .walk import Position

if TYPE_CHECKING:
    from ..cell import Region


class Names:
    """Binds a region's temporaries in `namespace`, as serial Python would have left them at `position`."""

    def __init__(
        self, region: Region, job: Job, namespace: dict[str, Any], callbacks: Any, position: Position, first: int
    ) -> None:
        self.region = region
        self.job = job
        self.namespace = namespace
        self.callbacks = callbacks
        self.position = position
        self.first = first
        self.failed: BaseException | None = None
        """What the current iteration's compute part raised; ``kept_by_failing`` is what it had bound."""
        self.kept_by_failing: dict[str, Any] = {}
        self._parked: dict[str, tuple[int, Any, Any]] = {}
        """Name -> number, item and value of the iteration that bound it last, in a worker."""
        self._before = set(namespace)

    def park(self, name: str) -> None:
        """The current iteration has bound `name`, in the worker."""
        self.position.catch_up()
        self._parked[name] = (self.position.items, self.position.item, self.position.value)

    def exhausted(self) -> None:
        """Every iteration was committed: bind what the last one left."""
        kept = self.position.kept
        self._fetch(kept or {})
        self.bind(kept if kept is not None else self._again(0))

    def stopped(self, error: BaseException | None) -> None:
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
        if any(n not in now for n in wanted) and self.position.items > 1:
            now = {**self._again(1), **now}
        for name, value in partial.items():
            self._parked.pop(name, None)
            self._give(name, value)
        self._fetch({})
        self.bind(now)

    def _fetch(self, kept: dict[str, Any]) -> None:
        """Bind the parked names: from what the current iteration kept, else by computing theirs once more."""
        computed: dict[int, dict[str, Any]] = {self.position.items: kept}
        for name, (number, item, value) in self._parked.items():
            if number != self.position.items and self.region.variables.get(name) == "loop":
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
        if not self.job.temporaries or self.position.items <= back:
            return {}
        if back:
            return self._compute(self.position.before, self.position.value_before, self.position.items - 2)
        return self._compute(self.position.item, self.position.value, self.position.items - 1)

    def _compute(self, item: Any, value: Any, number: int) -> dict[str, Any]:
        keep: dict[str, Any] = {}
        again = streams.within(self.job.seed, self.namespace, self.first + number)
        with capture.collected(lambda kind, content: None), again:
            again_value = self.job.compute(item, keep, State())
        rejoin(again_value, value, keep)
        return keep

    def bind(self, values: dict[str, Any]) -> None:
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
        made = [n for n in self.region.order if n in self.namespace and n not in self._before]
        if len(made) > 1 and [n for n in self.namespace if n in set(made)] != made:
            for name in made:
                self.namespace[name] = self.namespace.pop(name)
