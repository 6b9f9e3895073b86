"""An iteration that was computed once more made its objects anew: put in their place those that the commit part got.

``y = g(x); z = [y]; out.append(y)`` and then a ``break``: ``z`` is computed again, and ``z[0]`` must be ``out[-1]``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .beneath import LEAVES
from .residue import Replay
from .rows import Row, Rows

LIMIT = 100_000
DEEP = 50


def rejoin(again: Any, committed: Any, kept: dict[str, Any]) -> None:
    """Replace in `kept`, in place, what `again` (the slots of the second computation) shares with it by what
    `committed` (those of the first) has there. Bounded; objects that differ in shape are left as they are."""
    known: dict[int, Any] = {}
    _pair(again, slots_of(committed), known)
    if known:
        seen: dict[int, Any] = {}
        for name, value in kept.items():
            kept[name] = _replaced(value, known, seen)


def slots_of(value: Any) -> Any:
    """What an iteration has sent, without what else it left."""
    return value.slots if type(value) is Replay else value


def row_like(row: Row, old: Iterable[Any], new: Iterable[Any]) -> list[Any] | None:
    """The slots of the row that stands in `new` where `row` stands in `old`; None if there is none."""
    for some, others in zip(old, new, strict=False):
        if not isinstance(some, Rows) or not isinstance(others, Rows):
            continue
        for (_, one), (_, other) in zip(list.__iter__(some), list.__iter__(others), strict=False):
            found = (
                list(list.__iter__(other)) if one is row else row_like(row, list.__iter__(one), list.__iter__(other))
            )
            if found is not None:
                return found
    return None


def _pair(new: Any, old: Any, known: dict[int, Any]) -> None:
    waiting = [(new, old)]
    while waiting and len(known) < LIMIT:
        a, b = waiting.pop()
        if type(a) is not type(b) or isinstance(a, LEAVES) or a is b or id(a) in known:
            continue
        known[id(a)] = b
        if isinstance(a, (list, tuple)) and len(a) == len(b):
            waiting += zip(list.__iter__(a) if isinstance(a, list) else a, b, strict=False)
        elif isinstance(a, dict):
            waiting += [(v, b[k]) for k, v in a.items() if k in b]
        elif isinstance(held := getattr(a, "__dict__", None), dict):
            waiting += [(v, b.__dict__[k]) for k, v in held.items() if k in b.__dict__]


def _replace_in(value: Any, known: dict[int, Any], seen: dict[int, Any], depth: int) -> None:
    for key, held in list(value.items() if isinstance(value, dict) else enumerate(value)):
        new = _replaced(held, known, seen, depth)
        if new is not held:
            value[key] = new


def _replaced(value: Any, known: dict[int, Any], seen: dict[int, Any], depth: int = 0) -> Any:
    """What stands for `value`, its parts replaced in place."""
    if isinstance(value, LEAVES):
        return value
    if id(value) in known:
        return known[id(value)]
    if id(value) in seen:
        return seen[id(value)]
    if len(seen) > LIMIT or depth > DEEP:
        return value
    seen[id(value)] = value
    if type(value) is tuple:
        new = tuple(_replaced(v, known, seen, depth + 1) for v in value)
        seen[id(value)] = value = value if all(a is b for a, b in zip(new, value, strict=True)) else new
    elif type(value) in (list, dict):
        _replace_in(value, known, seen, depth + 1)
    elif isinstance(held := getattr(value, "__dict__", None), dict):
        _replace_in(held, known, seen, depth + 1)
    return value
