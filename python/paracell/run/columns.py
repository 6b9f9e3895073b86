"""Values of iterations that are tuples of slots, as one list for each slot: a tuple by itself takes longer to send than
what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Any


class Slots(list):  # type: ignore[type-arg]
    """A task's values, each a tuple that ``compute`` has made, which nobody else has."""

    def columns(self) -> list[list[Any]]:
        """A list for each slot."""
        return [[*map(itemgetter(slot), self)] for slot in range(len(self[0]))]


class Columns:
    """The same, as it arrives."""

    def __init__(self, columns: list[list[Any]]) -> None:
        self.columns = columns

    def __reduce__(self) -> tuple[Any, ...]:
        return Columns, (self.columns,)

    def __len__(self) -> int:
        return len(self.columns[0])

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return zip(*self.columns, strict=True)

    def __getitem__(self, at: int) -> tuple[Any, ...]:
        return tuple(column[at] for column in self.columns)

    def __add__(self, rest: Any) -> list[Any]:
        return [*self, *rest]

    def __radd__(self, before: list[Any]) -> list[Any]:
        return [*before, *self]
