"""Whether the cell asks a function that keeps its results how often that was of use (``cache_info``): workers, each of
which has a table of its own, count otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ..cell.resolve import Resolver
from ..ship.codes import reach
from . import doubts

if TYPE_CHECKING:
    from ..cell import Refusal, Region

_ASKS = "cache_info"


def counted(
    region: Region, values: Iterable[tuple[str, Any]], namespace: Mapping[str, Any], source: str
) -> Refusal | None:
    """Why the region is not parallel after all, or None. `values`: what it names, with what that is called; `source`:
    the cell."""
    name = next((name for name, value in values if _keeps(value)), None)
    if name is None:
        return None
    line = next((at for at, text in enumerate(source.splitlines(), 1) if _ASKS in text), None)
    where = f"line {line}" if line is not None else next(_asking(namespace), None)
    return None if where is None else doubts.counts(region, name, where)


def _keeps(value: Any) -> bool:
    """Whether it is a function that keeps its results, or an object of the notebook's with such a method."""
    own = (base for base in type(value).__mro__ if base.__module__ == "__main__")
    return any(hasattr(type(one), _ASKS) for one in (value, *(one for base in own for one in vars(base).values())))


def _asking(namespace: Mapping[str, Any]) -> Iterator[str]:
    """The notebook's functions that may ask."""
    members = [one for cls in Resolver(namespace, None).classes() for one in vars(cls).values()]
    for value in (*namespace.values(), *members):
        if isinstance(value, FunctionType) and value.__globals__ is namespace:
            names = reach(value.__code__)
            if _ASKS in names.attributes or _ASKS in names.text:
                yield f"{value.__qualname__}()"
