"""Worker side: what ``functools.cache`` and ``cached_property`` keep, of which a result may not hold a copy.

A function that keeps its values gives the same object again and again. Each worker has tables of its own, so a list
that is kept in one of them and sent home would be another list than the one that the next worker sends. What an object
has computed for good goes home with the task that did it.
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any, NamedTuple

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


class Keeping(NamedTuple):
    """An object whose class has properties that keep what they compute."""

    obj: Any
    attributes: dict[str, Any]
    names: frozenset[str]

    def held(self) -> dict[str, Any]:
        """What it has computed so far."""
        return {name: self.attributes[name] for name in sorted(self.names & self.attributes.keys())}


def keeping(classes: Mapping[type, frozenset[str]], objects: Iterable[Any]) -> list[Keeping]:
    """Those of `objects` whose class is one of `classes`, which have such properties."""
    found = ((obj, classes.get(type(obj))) for obj in objects) if classes else ()
    some = ((obj, _attributes(obj), names) for obj, names in found if names)
    return [Keeping(obj, held, names) for obj, held, names in some if held is not None]


def _attributes(obj: Any) -> dict[str, Any] | None:
    """The dictionary of an instance, whatever its class makes of it."""
    try:
        found = object.__getattribute__(obj, "__dict__")
    except AttributeError:
        return None
    return found if isinstance(found, dict) else None


def holds(wrapper: Any, objects: Container[int]) -> bool:
    """Whether the memo table of `wrapper` holds one of `objects` that could be told from a copy."""
    front = [one for one in gc.get_referents(wrapper) if type(one) is dict and one is not vars(wrapper)]
    return reach(front, objects, {id(wrapper.__wrapped__)})


def reach(front: Iterable[Any], objects: Container[int] | None, seen: set[int]) -> bool:
    """Whether `front`, or what it holds, is one of `objects` (ids) that could be told from a copy; `seen` gets the ids
    of what was looked at. None: there is too much to know."""
    if objects is None:
        return True
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


def reached(value: Any) -> set[int] | None:
    """ids of `value` and of what it holds that could be told from a copy; None if that is too much."""
    seen: set[int] = set()
    return None if reach([value], (), seen) else seen
