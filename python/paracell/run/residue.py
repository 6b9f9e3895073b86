"""What an iteration leaves for the commit part, and how the commit part meets what it printed and raised.

An iteration's value is what ``compute`` returned: one slot's value, or a tuple of slots. Where it printed or failed,
the value is a Replay instead, which hands over the same slots and emits or raises at the place where serial Python
would have. Rows (of an inner loop) become replaying rows in place.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import repeat
from types import FrameType
from typing import Any

from .events import Live, play
from .trimmed import caller

try:
    from .._native import cancelled
except ImportError:  # the pure Python parts are usable without the extension

    def cancelled() -> bool:
        """Nobody cancels."""
        return False


class _Mark:
    """A value of its own, the same object in every process."""

    def __init__(self, name: str):
        self.name = name

    def __reduce__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<{self.name}>"


UNSET = _Mark("UNSET")
"""A slot that was not reached."""
ABSENT = _Mark("ABSENT")
"""A slot whose name was not bound."""


class Raised:
    """Stands in a slot whose expression raised."""

    def __init__(self, error: BaseException):
        self.error = error


class Replay:
    """An iteration's slots, with what they printed and raised. ``output`` holds (slot, kind, content) in order."""

    def __init__(self, slots: Any, output: list[tuple[int, str, Any]], error: BaseException | None):
        self.slots = slots
        self.output = output
        self.error = error
        self.kept: dict[str, Any] | None = None
        """What the compute part had bound when it failed."""

    def __getitem__(self, slot: int) -> Any:
        __tracebackhide__ = True
        return _reach(self, self.slots[slot], slot)


def _reach(holder: Any, value: Any, slot: int) -> Any:
    """Hand over a slot: emit what was printed for it (once), raise what it raised."""
    __tracebackhide__ = True
    if holder.output:
        mine = [o for o in holder.output if o[0] == slot]
        holder.output = [o for o in holder.output if o[0] != slot]
        for _, kind, content in mine:
            play(kind, content)
    if value is UNSET:
        raise again(holder.error or RuntimeError("paracell: a residue was asked for that was not computed"))
    if type(value) is Raised:
        raise again(value.error)
    return value


def again(error: BaseException) -> BaseException:
    """`error` as it left the compute part; a frame that repeats the line that now raises it is left out.

    Not the last one: IPython shows the innermost frame whatever it is, and that would be one of ours."""
    trace = error.__traceback__
    frame = caller()
    if (
        trace is not None
        and trace.tb_next is not None
        and frame is not None
        and trace.tb_lineno == frame.f_lineno
        and trace.tb_frame.f_code.co_filename == frame.f_code.co_filename
    ):
        trace = trace.tb_next
    return error.with_traceback(trace)


class Row(list):  # type: ignore[type-arg]
    """The slots of one iteration of an inner loop."""


class ReplayRow(Row):
    """A row that printed or failed."""

    output: list[tuple[int, str, Any]]
    error: BaseException | None

    def __getitem__(self, slot: Any) -> Any:
        __tracebackhide__ = True
        return _reach(self, list.__getitem__(self, slot), slot)


class Rows(list):  # type: ignore[type-arg]
    """(item, Row) for each iteration of an inner loop."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Slot by slot: a row by itself would cost ten times what is in it."""
        if type(self) is not Rows or not {type(row) for _, row in self} <= {Row}:
            return super().__reduce_ex__(protocol)
        return _rows, ([item for item, _ in self], [*zip(*(row for _, row in self), strict=True)])


def _rows(items: list[Any], slots: list[tuple[Any, ...]]) -> Rows:
    return Rows(zip(items, map(Row, zip(*slots, strict=True) if slots else repeat((), len(items))), strict=True))


class FailedRows(Rows):
    """The loop's iterator raised after these rows, or items."""

    error: BaseException

    def __reduce__(self) -> Any:  # the default would iterate, and so raise
        return _failed_rows, (list(list.__iter__(self)), self.error)

    def __iter__(self) -> Iterator[Any]:
        __tracebackhide__ = True
        yield from list.__iter__(self)
        raise again(self.error)


def _failed_rows(rows: list[Any], error: BaseException) -> FailedRows:
    made = FailedRows(rows)
    made.error = error
    return made


def replaying(row: Row) -> ReplayRow:
    """Make `row` one that replays."""
    if type(row) is Row:
        row.__class__ = ReplayRow  # type: ignore[assignment]
        row.output = []  # type: ignore[attr-defined]
        row.error = None  # type: ignore[attr-defined]
    return row  # type: ignore[return-value]


class State:
    """The third argument of ``compute``: what its code needs to leave residues. One for each running task."""

    absent = ABSENT
    every = BaseException
    unbound = NameError

    again = False
    """Whether an iteration is computed once more, for the values that had stayed in its worker."""

    def __init__(self) -> None:
        self.unset = UNSET  # an instance's attribute is had in less time, and each iteration asks for this one
        self.slot = 0
        self.row: Row | None = None
        self.output: list[tuple[int, str, Any]] = []
        self.live: Live | None = None
        """Who is to know of events at once, as long as they come before all that the commit part does."""
        self.leading = 0
        """Slots below this one are reached before the commit part does anything."""
        self.special = False
        """Whether the current iteration's value needs a Replay."""
        self.error: BaseException | None = None
        self.kept: dict[str, Any] | None = None
        """What the failing iteration had bound."""
        self.ask: Callable[[], None] | None = None
        """To be called when the current iteration's value comes to need a Replay."""

    def _replays(self) -> None:
        """The current iteration's value needs a Replay."""
        self.special = True
        if self.ask is not None:
            self.ask()

    def write(self, kind: str, content: Any) -> None:
        """An event of the current iteration (see ``events``)."""
        if self.row is not None:
            self.live = None
            replaying(self.row).output.append((self.slot, kind, content))
        else:
            self._replays()
            self.output.append((self.slot, kind, content))
            if self.live is not None and (self.slot >= self.leading or not self.live(kind, content)):
                self.live = None

    def failed(self, error: BaseException, slots: tuple[Any, ...]) -> Any:
        """The iteration ended with `error`: hand over what there is."""
        self.caught(error)
        self._replays()
        self.error = error
        self.kept = {}
        _locals(sys._getframe(1), self.kept)
        return slots

    def caught(self, error: BaseException) -> None:
        """An error is to be kept for the commit part; cancellation goes on."""
        if isinstance(error, KeyboardInterrupt) and cancelled():
            raise error
        trace = error.__traceback__
        if trace is not None:
            error.__traceback__ = trace
        if self.row is not None:
            # The last one counts: what a guard has caught before stands in its own slots.
            replaying(self.row).error = error

    def fault(self, error: BaseException, value: Any, slot: int | None = None) -> Any:
        """What goes into a slot of a guarded block that raised `error`: its value if it had one.

        `value` is the slot's value, or with `slot` the row in which it is."""
        if slot is not None:
            value = list.__getitem__(value, slot)
        if value is UNSET:
            if self.row is not None:
                replaying(self.row)
            self._replays()
            return Raised(error)
        return value

    def rows(self, iterable: Any) -> Rows:
        """Begin an inner loop (``iter()`` may raise here)."""
        rows = Rows()
        rows.source = iter(iterable)  # type: ignore[attr-defined]
        return rows

    def each(self, rows: Rows, slots: int) -> Iterator[tuple[Any, Row]]:
        """The inner loop's items, each with its row."""
        iterator = rows.__dict__.pop("source")
        while True:
            self.row = None
            try:
                item = next(iterator)
            except StopIteration:
                return
            except BaseException as error:
                rows.__class__ = FailedRows  # type: ignore[assignment]
                rows.error = error  # type: ignore[attr-defined]
                raise
            row = Row([UNSET] * slots)
            rows.append((item, row))
            yield item, row

    def items(self, iterable: Any) -> list[Any]:
        """The items of an inner loop of which only those are computed (``iter()`` may raise here)."""
        found: list[Any] = []
        iterator = iter(iterable)
        try:
            for item in iterator:
                found.append(item)
        except BaseException as error:
            return _failed_rows(found, error.with_traceback(error.__traceback__ and error.__traceback__.tb_next))
        return found

    def last(self, items: list[Any]) -> list[Any]:
        """The last of them, if there is one: what the loop's variable is bound to. Raises what the iterator did."""
        if isinstance(items, FailedRows):
            raise items.error
        return items[-1:]

    def keep(self, keep: dict[str, Any]) -> None:
        """Leave the caller's locals in `keep`."""
        _locals(sys._getframe(1), keep)


def _locals(frame: FrameType, into: dict[str, Any]) -> None:
    for name, value in dict(frame.f_locals).items():
        if not name.startswith("__paracell_"):
            into[name] = value
