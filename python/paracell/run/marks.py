"""Marks of a loop's items: enough to see, when the loop is to go on, whether it would still go over the same ones.

A mark is taken when an item is pulled, before any iteration can have changed it. It costs tens of nanoseconds for
numbers and text; of larger things only a little is looked at.
"""

from __future__ import annotations

from array import array
from types import FunctionType
from typing import Any

from paracell._native import item_marks

from ..attributes import package_of

LIMIT = 1 << 20
"""Items beyond this many are not marked (8 MB)."""
_PARTS = 16
"""Of an array, this many elements are looked at."""


class Marks:
    """One number for each of `LIMIT` items of a loop, from number `first` on; ``before`` has marks of earlier ones."""

    def __init__(self, first: int = 0, shallow: bool = False, before: Marks | None = None) -> None:
        self._first = first
        self._before = before
        self._numbers = array("q")
        self._shallow = shallow
        """The loop changes its items: only their types stay what they were."""
        self._later: list[list[Any]] = []
        """Items that are still to be marked."""
        self._count = 0

    def add(self, items: list[Any], kept: bool = False) -> None:
        """Mark the next items. `kept`: nothing can change them, and another list keeps them; they are marked when the
        marks are looked at, if that ever comes."""
        if self._count < LIMIT:
            self._later.append(items)
            self._count += len(items)
            if not kept:
                self._settle()

    def _settle(self) -> None:
        for items in self._later:
            self._numbers += self._of(items)
        self._later.clear()

    def difference(self, items: list[Any], start: int) -> int | None:
        """The number of the first of `items` (which begin with number `start`) that is another than it was."""
        self._settle()
        earlier = self._before.difference(items[: max(self._first - start, 0)], start) if self._before else None
        if earlier is not None:
            return earlier
        for number, (item, mark) in enumerate(zip(items, self._of(items), strict=True), start):
            at = number - self._first
            # Each NaN has a hash of its own.
            if (
                0 <= at < len(self._numbers)
                and mark != self._numbers[at]
                and not (type(item) is float and item != item)
            ):
                return number
        return None

    def _of(self, items: list[Any]) -> array[int]:
        return array("q", item_marks(items, _mark, self._shallow))


def _mark(value: Any, depth: int) -> int:
    """Of what is none of Python's own containers and atoms."""
    kind = type(value)
    try:
        return hash((kind.__qualname__, _content(value, kind) if depth else None))
    except Exception:
        return hash(kind.__qualname__)


def _content(value: Any, kind: type) -> Any:
    module = package_of(kind)
    if module == "numpy" and hasattr(value, "dtype"):
        return value.shape, str(value.dtype), value.ravel()[:_PARTS].tobytes() if value.dtype != object else None
    if module == "pandas" and hasattr(value, "shape"):
        return value.shape, repr(getattr(value, "name", None)), repr(value.iloc[:4])
    # An object's own hash says what is in it, but not the one that goes by its address, nor may user code run here.
    if kind.__hash__ not in (None, object.__hash__) and not isinstance(kind.__hash__, FunctionType):
        return hash(value)
    return None
