"""Worker side: what the memo tables of ``functools.cache`` hold that a result may not hold a copy of.

A function that keeps its values gives the same object again and again. Each worker has tables of its own, so a list
that is kept in one of them and sent home would be another list than the one that the next worker sends.
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable, Iterable
from typing import Any

_ATOMS = frozenset({int, float, complex, str, bytes, bool, type(None), type(Ellipsis)})
_MOST = 200_000
"""Objects that are looked at; what lies deeper is taken for sent."""


def atomic(value: Any) -> bool:
    """Whether nobody can tell `value` from a copy."""
    return type(value) in _ATOMS or (type(value) in (tuple, frozenset) and all(map(atomic, value)))


def noting(function: Callable[..., Any], note: Callable[[], None]) -> Callable[..., Any]:
    """`function`, with `note` called when it returns what a copy could be told from."""

    @functools.wraps(function)
    def called(*arguments: Any, **keywords: Any) -> Any:
        value = function(*arguments, **keywords)
        if not atomic(value):
            note()
        return value

    return called


def holds(wrapper: Any, objects: dict[int, Any]) -> bool:
    """Whether the memo table of `wrapper` holds one of `objects` that could be told from a copy."""
    front: Iterable[Any] = [one for one in gc.get_referents(wrapper) if type(one) is dict and one is not vars(wrapper)]
    seen: set[int] = {id(wrapper.__wrapped__)}
    while front:
        waiting: list[Any] = []
        for one in front:
            if id(one) in seen or isinstance(one, type) or atomic(one):
                continue
            if id(one) in objects:
                return True
            seen.add(id(one))
            waiting.append(one)
        if len(seen) > _MOST:
            return True
        front = [one for held in waiting for one in gc.get_referents(held) if not callable(one)]
    return False
