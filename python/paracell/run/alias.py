"""Find, just before a region begins, whether something that the compute part reads is changed by the commit part.

Names are compared by the objects that they hold: `ys = xs`, `cfg["results"] is results`. The walk is bounded.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from io import IOBase
from types import BuiltinFunctionType, FunctionType, GeneratorType, ModuleType
from typing import TYPE_CHECKING, Any

from . import doubts

if TYPE_CHECKING:
    from ..cell import Refusal, Region

LIMIT = 100_000
LEAVES = (int, float, complex, str, bytes, bool, type(None), range, type, FunctionType, BuiltinFunctionType, ModuleType)


def conflict(region: Region, namespace: Mapping[str, Any], iterable: Any) -> Refusal | None:
    """Why the region cannot be split after all, or None."""
    roots = region.roots
    reads = {name: namespace[name] for name in sorted(roots.get("reads", ())) if name in namespace}
    changes = {name: namespace[name] for name in sorted(roots.get("changes", ())) if name in namespace}
    for name, value in reads.items():
        if _is_iterator(value):
            return doubts.reads_iterator(region, name)
    if region.may_stop:
        held = {id(v): n for n, v in namespace.items() if _is_iterator(v)}
        for source in sources(iterable):
            if id(source) in held:
                return doubts.reads_ahead(region, held[id(source)])
    if region.changes_items:
        reason = _items_apart(iterable, reads)
        if reason is not None:
            return doubts.shared_items(region, reason)
    sliced = {own.name: namespace[own.name] for own in region.slices if own.name in namespace}
    if not changes:
        return None
    for name, value in [*reads.items(), *sliced.items(), ("the iterable", iterable)]:
        # Of a sliced variable each iteration reads its own element alone (``own``).
        apart = {name} if name in sliced else {own.name for own in region.slices if own.iterated}
        apart = apart if name not in reads else set()
        changed = {id(v): n for n, v in changes.items() if not isinstance(v, LEAVES) and n not in apart}
        path = reaches(value, changed, name)
        if path is not None:
            return doubts.same_object(region, *path)
    return None


def _is_iterator(value: Any) -> bool:
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
    number = 0
    for container in containers:
        for item in container.values() if isinstance(container, dict) else container:
            number += 1
            if direct and id(item) in owner and owner[id(item)] < 0:
                continue
            for held in mutable(item):
                if id(held) in owner:
                    return "the loop changes its items, and some of them share an object"
                owner[id(held)] = -number if held is item else number
                if len(owner) > LIMIT:
                    return "the loop changes its items, which are too many to see whether they share an object"
    for name, value in reads.items():
        for held in mutable(value):
            if id(held) in owner:
                return f"the loop changes its items, and '{name}' reaches one of them"
    return None


def mutable(value: Any) -> Iterator[Any]:
    """Every mutable object that `value` reaches, itself among them, once each."""
    seen: set[int] = set()
    waiting = [value]
    while waiting and len(seen) <= LIMIT:
        current = waiting.pop()
        if isinstance(current, LEAVES) or id(current) in seen:
            continue
        seen.add(id(current))
        if not isinstance(current, (tuple, frozenset)):
            yield current
        waiting += [v for v, _ in _parts(current, "")]


def reaches(value: Any, changed: dict[int, str], path: str) -> tuple[str, str] | None:
    seen: set[int] = set()
    waiting = [(value, path)]
    while waiting and len(seen) < LIMIT:
        current, where = waiting.pop()
        if isinstance(current, LEAVES) or id(current) in seen:
            continue
        if id(current) in changed:
            return where, changed[id(current)]
        seen.add(id(current))
        waiting += _parts(current, where)
    return None


def _parts(value: Any, where: str) -> list[tuple[Any, str]]:
    """What `value` holds, with its path."""
    if isinstance(value, dict):
        return [(v, f"{where}[{k!r}]") for k, v in list(value.items())[:LIMIT] if not isinstance(v, LEAVES)]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [(v, f"{where}[{i}]") for i, v in enumerate(list(value)[:LIMIT]) if not isinstance(v, LEAVES)]
    return _attributes(value, where)


def _attributes(value: Any, where: str) -> list[tuple[Any, str]]:
    held = getattr(value, "__dict__", None)
    found = [(v, f"{where}.{k}") for k, v in held.items()] if isinstance(held, dict) else []
    base = getattr(value, "base", None) if type(value).__module__ == "numpy" else None
    if base is not None:
        found.append((base, f"{where}.base"))
    owner = getattr(value, "__self__", None)
    if owner is not None and not isinstance(owner, ModuleType):
        found.append((owner, f"{where}.__self__"))
    for name in (
        getattr(type(value), "__slots__", ())
        if isinstance(getattr(type(value), "__slots__", ()), (tuple, list))
        else ()
    ):
        if hasattr(value, name):
            found.append((getattr(value, name), f"{where}.{name}"))
    return found
