"""What regions go over, and what goes over regions."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from ..cell.regions import LOOP

CONSUMERS = frozenset(
    [
        "sum",
        "any",
        "all",
        "min",
        "max",
        "list",
        "tuple",
        "set",
        "frozenset",
        "dict",
        "sorted",
        "bytes",
        "enumerate",
        "zip",
        LOOP,
    ]
)
"""Functions that do no more with a generator than to go over it."""
AT_ONCE = CONSUMERS - {"enumerate", "zip", LOOP}
"""Those that do it at once, and spend next to no time on an item."""


class Zipped(zip):  # type: ignore[type-arg]
    """What a ``map`` over several iterables goes over."""

    def __init__(self, *iterables: Any) -> None:
        self.iterables = iterables

    def __len__(self) -> int:
        """TypeError where it is not known."""
        lengths = list(map(length, self.iterables))
        if None in lengths:
            raise TypeError("what has no length is among them")
        return min(one for one in lengths if one is not None)


def package(iterable: Any) -> str:
    """The package of the items that `iterable` gives, as far as can be told without taking one, or else its own."""
    one = iterable[0] if type(iterable) in (list, tuple) and iterable else iterable
    return str(type(one).__module__).partition(".")[0]


def length(iterable: Any) -> int | None:
    if isinstance(getattr(type(iterable), "__len__", None), FunctionType) and type(iterable).__module__ == "__main__":
        return None  # the loop itself does not ask, and the notebook's own code may do more than answer
    try:
        return len(iterable)
    except TypeError:
        return None
