"""Find, just before a region begins, whether something that the compute part reads is changed by the commit part.

Names are compared by the objects that they reach: `ys = xs`, `cfg["results"] is results`, a view of the same array.
Where nobody but the notebook's name holds what is changed, that is known at once; else both sides are walked.
"""

from __future__ import annotations

import gc
import sys
import weakref
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterator, Mapping
from io import IOBase
from types import BuiltinFunctionType, CellType, FunctionType, GeneratorType, ModuleType
from typing import TYPE_CHECKING, Any

from . import doubts, memory
from .paths import describe
from .reach import ATOMS, Reach, Unbounded, named

if TYPE_CHECKING:
    from ..cell import Refusal, Region

LIMIT = 100_000
LEAVES = (int, float, complex, str, bytes, bool, type(None), range, type, FunctionType, BuiltinFunctionType, ModuleType)
_OWNED = frozenset({list, dict, set, bytearray, deque, defaultdict, Counter, OrderedDict})
"""Types whose objects nobody can change who does not refer to them."""
_CONTAINERS = (list, tuple, dict, set, frozenset, deque)
_STATE = ("queue", "_queue", "multiprocessing.queues", "sqlite3", "socket", "subprocess")
"""Modules of objects that even reading changes."""


def conflict(region: Region, namespace: Mapping[str, Any], iterable: Any) -> Refusal | None:
    """Why the region cannot be split after all, or None."""
    reads = {name: namespace[name] for name in sorted(region.computed_from) if name in namespace}
    for own in region.slices:  # of a sliced variable each iteration reads its own element alone (``own``)
        reads.pop(own.name, None)
    for name, value in named(reads):
        if is_iterator(value) or (type(value).__module__ in _STATE and not isinstance(value, type)):
            return doubts.reads_iterator(region, name)
    if region.may_stop:
        held = {id(v): n for n, v in namespace.items() if is_iterator(v)}
        for source in sources(iterable):
            if id(source) in held:
                return doubts.reads_ahead(region, held[id(source)])
    if region.changes_items:
        reason = _items_apart(iterable, reads)
        if reason is not None:
            return doubts.shared_items(region, reason)
    try:
        found = _aliases(region, namespace, reads, iterable)
    except Unbounded:
        return doubts.too_large(region)
    return None if found is None else doubts.same_object(region, *found)


def _aliases(
    region: Region, namespace: Mapping[str, Any], reads: Mapping[str, Any], iterable: Any
) -> tuple[str, str, bool] | None:
    """What is read that reaches what is changed: (its path, the changed name, whether it is only part of that)."""
    changes = {
        name: deep
        for name, deep in sorted(region.changes.items())
        if name in namespace and _changeable(namespace[name]) and not (not deep and _nobody_else(namespace, name))
    }
    if not changes:
        return None
    changed: dict[int, Any] = {}
    owner: dict[int, str] = {}
    for name, deep in changes.items():
        value = namespace[name]
        inside = Reach([value], False, (namespace, sys.modules)).objects if deep else {}
        mine = {id(value): value, **{at: one for at, one in inside.items() if _changeable(one)}}
        if not deep and isinstance(held := getattr(value, "__dict__", None), dict):
            mine[id(held)] = held
        changed.update(mine)
        owner.update(dict.fromkeys(mine, name))
    sliced = {own.name: namespace[own.name] for own in region.slices if own.name in namespace}
    over = {own.name for own in region.slices if own.iterated}
    groups = [(reads, set()), *(({name: value}, {name}) for name, value in sliced.items())]
    for roots, exempt in [*groups, ({"the iterable": iterable}, over)]:
        found = _meets(roots, {at: one for at, one in changed.items() if owner[at] not in exempt})
        if found is not None:
            path, at = found
            return path, owner[at], at != id(namespace[owner[at]])
    return None


def _meets(roots: Mapping[str, Any], changed: Mapping[int, Any]) -> tuple[str, int] | None:
    """What `roots` reach and is, or shares memory with, something of `changed`: (its path, the id of that)."""
    # What runs when an iterable is asked for its items runs here (``readahead``): only what containers hold is read.
    code = "the iterable" not in roots or isinstance(roots["the iterable"], _CONTAINERS)
    read = Reach(roots.values(), code).objects
    at = next((at for at in changed if at in read), None)
    if at is None and (views := memory.spans(changed.values())):
        pair = memory.shared(views, memory.spans(read.values()))
        if pair is not None:
            return f"Memory of {describe(roots, id(pair[1]))}", id(pair[0])
    return None if at is None else (describe(roots, at), at)


def _changeable(value: Any) -> bool:
    """Whether an object of this type can be changed by code that is not looked at otherwise."""
    if type(value) in ATOMS or isinstance(value, (tuple, frozenset, ModuleType, type)):
        return isinstance(value, ModuleType)
    return not isinstance(value, FunctionType) or bool(value.__dict__ or value.__closure__ or value.__defaults__)


def _nobody_else(namespace: Mapping[str, Any], name: str) -> bool:
    """Whether only the namespace refers to the object of `name`."""
    value = namespace[name]
    kind = type(value)
    if kind not in _OWNED and not (kind.__name__ == "ndarray" and getattr(value, "base", 0) is None):
        return False
    return sys.getrefcount(value) <= _ALONE and not weakref.getweakrefcount(value)


def _alone() -> int:
    """``sys.getrefcount`` of what one dictionary holds, as ``_nobody_else`` sees it."""
    held: dict[str, Any] = {"name": []}
    value = held["name"]
    return sys.getrefcount(value)


_ALONE = _alone()


def reaches(value: Any, changed: Mapping[int, str], path: str) -> tuple[str, str] | None:
    """The way from `value` (called `path`) to one of the `changed` objects, by identity, and the name of that."""
    if not changed:
        return None
    at = next((at for at in Reach([value], False).objects if at in changed), None)
    return None if at is None else (describe({path.strip("'"): value}, at), changed[at])


def is_iterator(value: Any) -> bool:
    """Whether reading `value` moves it on."""
    if isinstance(value, (GeneratorType, IOBase)):
        return True
    return not isinstance(value, type) and hasattr(type(value), "__next__")


def _handed_out(iterator: Any, held: Any) -> bool:
    """Whether `held` is the tuple that enumerate or zip has given last and keeps for the next time."""
    return type(iterator) in (enumerate, zip) and type(held) is tuple and not all(hasattr(v, "__next__") for v in held)


def sources(iterable: Any) -> Iterator[Any]:
    """The iterable, and what builtin iterators (enumerate, zip, dict views, ...) go over."""
    waiting = [iterable]
    seen: set[int] = set()
    while waiting and len(seen) < 100:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if type(current).__module__ in ("builtins", "itertools") and not isinstance(
            current, (list, tuple, dict, set, str)
        ):
            waiting += [
                r for r in gc.get_referents(current) if not isinstance(r, LEAVES) and not _handed_out(current, r)
            ]


def _items_apart(iterable: Any, reads: Mapping[str, Any]) -> str | None:
    """The loop changes its items: neither one another nor anything that workers read may reach them."""
    if isinstance(iterable, range):
        return None
    containers = [s for s in sources(iterable) if isinstance(s, (list, tuple, dict))]
    direct = containers[:1] == [iterable] and isinstance(iterable, (list, tuple))
    if not containers:
        return "the loop changes its items, and could not be shown that they are apart"
    owner: dict[int, int] = {}
    arrays: list[memory.Span] = []
    number = 0
    for container in containers:
        for item in container.values() if isinstance(container, dict) else container:
            number += 1
            if type(item) in ATOMS or (direct and id(item) in owner and owner[id(item)] < 0):
                continue
            held = {at: one for at, one in Reach([item], False).objects.items() if _held(one)}
            if not owner.keys().isdisjoint(held):
                return "the loop changes its items, and some of them share an object"
            owner.update(dict.fromkeys(held, number))
            if id(item) in held:
                owner[id(item)] = -number
            mine = memory.spans(held.values())
            if mine and memory.shared(mine, arrays) is not None:
                return "the loop changes its items, and some of them share memory"
            arrays += mine
            if len(owner) > LIMIT:
                return "the loop changes its items, which are too many to see whether they share an object"
    for name, value in reads.items():
        held = Reach([value], True).objects
        if not owner.keys().isdisjoint(held):
            return f"the loop changes its items, and '{name}' reaches one of them"
        if arrays and memory.shared(arrays, memory.spans(held.values())) is not None:
            return f"the loop changes its items, and '{name}' shares memory with one of them"
    return None


def mutable(value: Any) -> Iterator[Any]:
    """Every object that `value` reaches and that could change, itself among them, once each."""
    return (one for one in Reach([value], False).objects.values() if _held(one))


def _held(value: Any) -> bool:
    """Whether two items that hold `value` share something that could change."""
    return not isinstance(value, (tuple, frozenset, type, FunctionType, ModuleType, CellType))
