"""The names that a loop leaves: what an iteration had bound in a worker is bound here when the loop is left."""

from __future__ import annotations

import sys
from functools import cached_property
from types import CodeType, GeneratorType
from typing import TYPE_CHECKING, Any, NamedTuple

from ..ship.errors import ShipError, Unshipped
from . import capture, streams
from .firsts import Firsts
from .job import Job
from .rejoin import rejoin, row_like, slots_of
from .residue import UNSET
from .state import State
from .walk import Position

if TYPE_CHECKING:
    from ..cell import Region

STOOD = "__paracell_stood"


class _Parked(NamedTuple):
    """The iteration that bound a name last, in a worker."""

    number: int
    item: Any
    value: Any
    slot: int | None
    """Where in its values the name stands, if an iteration may bind it several times."""
    row: Any
    """The inner loop's row that has the slot; None: it is the iteration's own."""


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
        self._parked: dict[str, _Parked] = {}
        self._computed: dict[int, dict[str, Any]] = {}
        """Number of an iteration -> what it has bound when it was computed once more."""
        self.firsts = Firsts(region, namespace)

    def park(self, name: str, slot: int | None, row: Any) -> None:
        """The current iteration has bound `name`, in the worker (see ``Runtime.park``)."""
        self.firsts.bound(name)
        self.position.catch_up()
        self._parked[name] = _Parked(self.position.items, self.position.item, self.position.value, slot, row)

    def exhausted(self) -> None:
        """Every iteration was committed: bind what the last one left."""
        self.firsts.left()
        kept = self.position.kept
        self._fetch(kept or {})
        self.bind(kept if kept is not None else self._again(0))

    def stopped(self, error: BaseException | None) -> None:
        """The loop was left in an iteration: names have the values that they had there."""
        self.firsts.left()
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
        for name, value in self._stood().items():
            self._parked.pop(name)
            self._give(name, value)
        self._fetch({})
        self.bind(now)

    def _fetch(self, kept: dict[str, Any]) -> None:
        """Bind the parked names: from what the current iteration kept, else by computing theirs once more."""
        computed: dict[int, dict[str, Any]] = {self.position.items: kept}
        for name, (number, item, value, _, _) in self._parked.items():
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

    def _stood(self) -> dict[str, Any]:
        """Of names that the iteration may have bound otherwise by its end: the values where it was left."""
        if not any(
            parked.slot is not None and parked.number == self.position.items for parked in self._parked.values()
        ):
            return {}
        return self._compute(self.position.item, self.position.value, self.position.items - 1)[STOOD]

    def _compute(self, item: Any, value: Any, number: int) -> dict[str, Any]:
        """What an iteration binds, by computing it once more: names, and under `STOOD` where they were parked."""
        if number not in self._computed:
            keep: dict[str, Any] = {}
            again = streams.within(self.job.seed, self.namespace, self.first + number)
            state = State()
            state.again = True
            with capture.collected(lambda kind, content: None), again:
                made = self.job.compute(item, keep, state)
            alone = len(self.region.residues) == 1 and not state.special
            keep[STOOD] = self._slots(number + 1, (made,) if alone else made)
            rejoin(made, value, keep)
            self._computed[number] = keep
        return self._computed[number]

    def _slots(self, number: int, made: tuple[Any, ...]) -> dict[str, Any]:
        """Name -> what stands in the slot where it was parked in this iteration, computed again as `made`."""
        found: dict[str, Any] = {}
        for name, parked in self._parked.items():
            if parked.number == number and parked.slot is not None:
                slots = made if parked.row is None else row_like(parked.row, slots_of(parked.value), made)
                if slots is not None and slots[parked.slot] is not UNSET:
                    found[name] = slots[parked.slot]
        return found

    def bind(self, values: dict[str, Any]) -> None:
        for name in self.job.temporaries:
            if name in values:
                self._give(name, values[name])
        self.firsts.arrange()

    def _give(self, name: str, value: Any) -> None:
        if type(value) is GeneratorType and value.gi_frame is not None and value.gi_code in self._own:
            # It would go on with the names as the worker had them, where the notebook's may be others by then.
            value = Unshipped(name, ShipError(f"`{name}` is a generator that has not come to its end", name))
        if type(value) is Unshipped:
            # An earlier value of this name would be a wrong one.
            self.namespace.pop(name, None)
            self.callbacks.unbound(self.region, name, str(value.error))
        else:
            self.namespace[name] = value

    @cached_property
    def _own(self) -> set[CodeType]:
        """Code that stands in the compute function itself."""
        return {code for code in self.job.compute.__code__.co_consts if isinstance(code, CodeType)}
