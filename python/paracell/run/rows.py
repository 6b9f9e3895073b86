"""What an inner loop leaves for the commit part, which goes over it once more: its items, each with its slots.

An iterator of the user's may print and fail, too. What it did between two items happens between those two.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any

from .. import _native
from .events import play
from .residue import _reach


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


class Played(list):  # type: ignore[type-arg]
    """What an iterator gave that printed or failed. ``output`` holds (how many it had given, kind, content)."""

    output: list[tuple[int, str, Any]]
    error: BaseException | None
    """What it raised behind all of them."""

    def __reduce_ex__(self, protocol: Any) -> Any:  # the default would iterate, and so print and raise
        return played, (list(list.__iter__(self)), self.output, self.error, type(self))

    def __iter__(self) -> Iterator[Any]:
        return self._given() if self.error is None else chain(self._given(), _native.Raising(self.error))

    def _given(self) -> Iterator[Any]:
        """What it gave before it failed, and all that it said, which it says once."""
        __tracebackhide__ = True
        said, self.output = self.output[::-1], []
        for at, item in enumerate(list.__iter__(self)):
            while said and said[-1][0] <= at:
                play(*said.pop()[1:])
            yield item
        while said:
            play(*said.pop()[1:])


class Taken(Played):
    """What an operand gave that was an iterator."""

    def given(self) -> Iterator[Any]:
        """An iterator that does as that one did."""
        if self.error is None or self.error.__traceback__ is None:
            return iter(self)
        return self._failing(self.error)  # where it stands there may be a word of its type

    def _failing(self, error: BaseException) -> Iterator[Any]:
        __tracebackhide__ = True
        yield from self._given()
        raise error


class PlayedRows(Played, Rows):
    """The same with rows."""


def played(
    items: list[Any], output: list[tuple[int, str, Any]], error: BaseException | None, kind: type[Played] = Played
) -> Played:
    """What has given `items`, and said and raised that."""
    made = kind(items)
    made.output, made.error = output, error
    return made


def replaying(row: Any) -> ReplayRow | Played:
    """Make `row`, or rows, such as replay."""
    if type(row) is Row:
        row.__class__ = ReplayRow
    elif type(row) is Rows:
        row.__class__ = PlayedRows
    else:
        return row  # type: ignore[no-any-return]
    row.output, row.error = [], None
    return row  # type: ignore[no-any-return]
