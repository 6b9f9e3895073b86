"""What the compute function's code is given to leave residues with: one for each running task."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any

from .events import Live
from .residue import ABSENT, UNSET, Raised
from .rows import Played, ReplayRow, Row, Rows, Taken, played, replaying

try:
    from .._native import cancelled
except ImportError:  # the pure Python parts are usable without the extension

    def cancelled() -> bool:
        """Nobody cancels."""
        return False


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
        self.row: Row | Rows | Played | None = None
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
        self.left: tuple[BaseException | None, TracebackType | None] = None, None
        """What an iterator has raised, and where: the commit part raises it from there."""
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
            row = replaying(self.row)
            row.output.append((len(row) if isinstance(row, Played) else self.slot, kind, content))
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
        if error is self.left[0]:
            error.__traceback__ = self.left[1]
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
        __tracebackhide__ = True
        iterator = rows.__dict__.pop("source")
        while True:
            self.row = rows
            try:
                item = next(iterator)
            except StopIteration:
                return
            except BaseException as error:
                self._leaves(error, replaying(rows))
                raise
            finally:
                self.row = None
            row = Row([UNSET] * slots)
            rows.append((item, row))
            yield item, row

    def items(self, iterable: Any) -> list[Any]:
        """The items of an inner loop of which only those are computed (``iter()`` may raise here)."""
        found = self._used_up(iter(iterable), Played)
        return found if found.output or found.error is not None else list(list.__iter__(found))

    def taken(self, value: Any) -> Any:
        """What an operand gives that is an iterator; another one is what it is."""
        return self._used_up(value, Taken) if hasattr(type(value), "__next__") else value

    def _used_up(self, iterator: Iterator[Any], kind: type[Played]) -> Any:
        found = played([], [], None, kind)
        row, self.row = self.row, found
        try:
            for item in iterator:
                found.append(item)
        except BaseException as error:
            self._leaves(error, found)
        finally:
            self.row = row
        return found

    def last(self, items: list[Any]) -> list[Any]:
        """The last of them, if there is one: what the loop's variable is bound to. Raises what the iterator did."""
        self.went(items)
        return list.__getitem__(items, slice(-1, None))

    def went(self, value: Any) -> None:
        """Raises what the iterator did whose values these are."""
        __tracebackhide__ = True
        if isinstance(value, Played) and value.error is not None:
            raise value.error

    def _leaves(self, error: BaseException, played: ReplayRow | Played) -> None:
        """An iterator has failed: `played` raises that where it is gone over, as it left the iterator."""
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        played.error = error
        self.left = error, error.__traceback__

    def keep(self, keep: dict[str, Any]) -> None:
        """Leave the caller's locals in `keep`."""
        _locals(sys._getframe(1), keep)


def _locals(frame: FrameType, into: dict[str, Any]) -> None:
    for name, value in dict(frame.f_locals).items():
        if not name.startswith("__paracell_"):
            into[name] = value
