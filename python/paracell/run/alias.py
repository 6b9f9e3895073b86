"""Find, just before a region begins, whether something that the compute part reads is changed by the commit part.

Names are compared by the objects that they reach: `ys = xs`, `cfg["results"] is results`, a view of the same array.
Where nobody but the notebook's name holds what is changed, that is known at once; else both sides are walked.
"""

from __future__ import annotations

import sys
import weakref
from array import array
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from types import BuiltinFunctionType, CellType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from ..attributes import attribute, package_of
from ..cell.beside import NOTHING, has_parts, part
from ..cell.dotted import root_of
from ..cell.memo import acts, kept
from ..cell.roots import DRAWN
from . import dotted, doubts, handed, memory, unsaid
from .beneath import HOLDERS, LEAVES, LIMIT, is_iterator, keeper, moved, sources
from .counted import counted
from .drawn import figures
from .paths import describe
from .reach import ATOMS, Reach, Unbounded, is_users, named

if TYPE_CHECKING:
    from ..cell import Refusal, Region

_OWNED = frozenset({list, dict, set, bytearray, deque, defaultdict, Counter, OrderedDict})
"""Types whose objects nobody can change who does not refer to them."""
_CONTAINERS = (list, tuple, dict, set, frozenset, deque)
_STATE = ("queue", "_queue", "multiprocessing.queues", "sqlite3", "socket", "subprocess")
"""Modules of objects that even reading changes."""


def conflict(region: Region, namespace: Mapping[str, Any], iterable: Any, source: str = "") -> Refusal | None:
    """Why the region cannot be split after all, or None. `source`: the cell."""
    reads = {name: namespace[name] for name in sorted(region.computed_from) if name in namespace}
    for own in region.slices:  # of a sliced variable each iteration reads its own element alone (``own``)
        reads.pop(own.name, None)
    everything = list(named(reads))
    for name, value in everything:
        if is_iterator(value) or (type(value).__module__ in _STATE and not isinstance(value, type)):
            return doubts.reads_iterator(region, name)
        for function in kept(value):
            if (what := acts(function, namespace)) is not None:
                return doubts.acts_once(region, function.__name__, what)
    if (reason := counted(region, everything, namespace, source)) is not None:
        return reason
    if region.may_stop:
        moves = moved(iterable)
        kept_as = keeper(namespace, moves, region.closed) if moves else None
        if kept_as is not None:
            return doubts.reads_ahead(region, kept_as)
    whole = {root: namespace[root] for root in map(root_of, region.parts) if root in namespace}
    if region.changes_items and (shared := _items_apart(iterable, {**reads, **whole})) is not None:
        return doubts.shared_items(region, shared)
    try:
        found = _aliases(region, namespace, reads, iterable)
    except Unbounded:
        return doubts.too_large(region)
    if found is None:
        return None
    path = found[0]
    for name in region.methods:
        path = path.replace(f"{name}.__self__", root_of(name))
    return doubts.same_object(region, path, *found[1:], copied=attribute(namespace.get(found[1]), "copy") is not None)


def _aliases(
    region: Region, namespace: Mapping[str, Any], reads: Mapping[str, Any], iterable: Any
) -> tuple[str, str, bool] | None:
    """What is read that reaches what is changed: (its path, the changed name, whether it is only part of that)."""
    parted = set(map(root_of, region.parts))
    hidden, methods = unsaid.changed(namespace, region.changes, parted) if region.kind != "listcomp" else (set(), [])
    region.unsaid = methods
    read = region.computed_from | parted
    if both := hidden and hidden & unsaid.read(namespace, read):
        return f"'{min(both)}'", min(both), False
    changes = {
        name: deep
        for name, deep in sorted({**region.changes, **dict.fromkeys(hidden, True)}.items())
        if name in namespace
        and _holds(namespace[name])
        and (deep or name in region.added or not _nobody_else(namespace, name))
    }
    drawn = figures() if DRAWN in region.changes and reads else {}
    if not changes and not drawn:
        return None
    changed: dict[int, Any] = dict(drawn)
    owner: dict[int, str] = dict.fromkeys(drawn, DRAWN)
    holders = dotted.holders(region, namespace)
    for name, deep in changes.items():
        value = namespace[name]
        inside = _inside(value, namespace) if deep or unsaid.stores_deep(value) else {}
        mine = {id(value): value, **{at: one for at, one in inside.items() if _changeable(one) and not _library(one)}}
        if not deep and isinstance(held := getattr(value, "__dict__", None), dict):
            mine[id(held)] = held
        if not deep and name in region.added:
            mine.update((id(one), one) for one in unsaid.parts(value) if unsaid.added_in_place(one))
        changed.update(mine)
        owner.update(dict.fromkeys(mine, name))
        for called, some in holders.items():
            held = [one for one in some if name != root_of(called) or one is not some[0]]
            if any(id(one) in mine or id(getattr(one, "__dict__", None)) in mine for one in held):
                return f"'{called}'", name, True
    sliced = {own.name: namespace[own.name] for own in region.slices if own.name in namespace}
    over = {own.name for own in region.slices if own.iterated}
    groups = [(reads, set()), *(({name: value}, {name}) for name, value in sliced.items())]
    passed = _passed(region, namespace)
    iterables = {} if _is_index(iterable) else {"the iterable": iterable}
    for roots, exempt in [*groups, (iterables, over)]:
        mine = {at: one for at, one in changed.items() if owner[at] not in exempt}
        if "the iterable" in roots:
            mine = {at: one for at, one in mine.items() if at in passed.get(owner[at], mine)}
        said = {at: one for at, one in mine.items() if owner[at] not in hidden}
        # A logger's handlers may lead to the notebook's whole namespace in the end, which is no reading of it unless
        # that has a name; nor is it one that such a method itself reaches what it changes.
        all_of_it = [one for one in (namespace, sys.modules) if all(one is not root for root in roots.values())]
        found = _meets(roots, said, all_of_it)
        if found is None and len(said) < len(mine):
            found = _meets(roots, mine, (*all_of_it, *methods))
        if found is not None:
            path, at = found
            return path, owner[at], at in drawn or at != id(namespace[owner[at]])
    return None


def _passed(region: Region, namespace: Mapping[str, Any]) -> dict[str, set[int]]:
    """Names of whose objects the loop goes over one part and changes others -> ids of what it changes of them."""
    found: dict[str, set[int]] = {}
    for name, steps in region.beside.items():
        value = namespace.get(name)
        if all(has_parts(value, step) for step in steps):
            parts = [one for step in steps if (one := part(value, step)) is not NOTHING]
            inside = (at for one in parts for at in _inside(one, namespace))
            found[name] = {id(value), *map(id, parts), *inside}
    return found


def _inside(value: Any, namespace: Mapping[str, Any]) -> dict[int, Any]:
    """What `value` holds; what the classes of the notebook's hold that it or something in it is one of; and what
    functions of those hand out."""
    apart = (namespace, sys.modules)
    own = isinstance(value, ModuleType) and (is_users(value.__name__) or value.__name__ not in sys.modules)
    found = Reach([value, *(vars(value).values() if own else ())], False, apart).objects
    known: set[int] = set()
    while more := [one for at, one in found.items() if at not in known]:
        known.update(found)
        kinds = {id(base): base for one in more for base in (one if isinstance(one, type) else type(one)).__mro__}
        classes = [base for base in kinds.values() if base.__module__ == "__main__"]
        held = [one for base in classes for one in unsaid.data(base)] + handed.out(more, classes, namespace)
        if held:
            found = {**found, **Reach(held, False, apart).objects}
    return found


def _meets(roots: Mapping[str, Any], changed: Mapping[int, Any], apart: Iterable[Any] = ()) -> tuple[str, int] | None:
    """What `roots` reach, not through `apart`, and is, or shares memory with, something of `changed`: (its path, the id
    of that)."""
    # What runs when an iterable is asked for its items runs here (``readahead``): only what containers hold is read.
    code = "the iterable" not in roots or isinstance(roots["the iterable"], _CONTAINERS)
    read = Reach(roots.values(), code, apart).objects
    at = next((at for at in (*map(id, roots.values()), *changed) if at in changed and at in read), None)
    if at is None and (views := memory.spans(changed.values())):
        pair = memory.shared(views, memory.spans(read.values()))
        if pair is not None:
            return f"Memory of {describe(roots, id(pair[1]))}", id(pair[0])
    return None if at is None else (describe(roots, at), at)


def _changeable(value: Any) -> bool:
    """Whether an object of this type can be changed by code that is not looked at otherwise."""
    if type(value) in ATOMS or isinstance(value, (tuple, frozenset, ModuleType, type)) or _is_dtype(value):
        return isinstance(value, ModuleType)
    if isinstance(value, BuiltinFunctionType):
        return not isinstance(value.__self__, (ModuleType, type, type(None)))
    return not isinstance(value, FunctionType) or bool(value.__dict__ or value.__closure__ or value.__defaults__)


def _library(value: Any) -> bool:
    """Whether it is a module of a library, which is changed under its own name or not at all."""
    return isinstance(value, ModuleType) and sys.modules.get(value.__name__) is value and not is_users(value.__name__)


def _is_index(value: Any) -> bool:
    """Whether it is an index of a table: it never changes, a table that does gets another one."""
    return package_of(type(value)) == "pandas" and hasattr(value, "get_indexer")


def _is_dtype(value: Any) -> bool:
    """Whether it is the type of an array's elements: there is one of each, and it never changes."""
    kind = type(value)
    return package_of(kind) in ("numpy", "pandas") and (kind.__name__ + type(kind).__name__).lower().count("dtype") > 0


def _holds(value: Any) -> bool:
    """Whether it, or what it holds, can be changed by code that is not looked at otherwise."""
    return _changeable(value) or isinstance(value, (tuple, frozenset, type))


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


def _items_apart(iterable: Any, reads: Mapping[str, Any]) -> str | None:
    """The loop changes its items: neither one another nor anything that workers read may reach them."""
    if isinstance(iterable, range):
        return None
    found = list(sources(iterable))
    containers = [one for one in found if isinstance(one, HOLDERS) and not isinstance(one, range)]
    direct = containers[:1] == [iterable] and isinstance(iterable, (list, tuple))
    if not containers or len(found) >= LIMIT or any(map(_unseen, found)):
        return "the loop changes its items, and could not be shown that they are apart"
    owner: dict[int, int] = {}
    arrays: list[memory.Span] = []
    number = 0
    for container in containers:
        for item in [*container, *container.values()] if isinstance(container, dict) else container:
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


def _unseen(source: Any) -> bool:
    """Whether it gives items that nobody can look at beforehand, and that may share something: rows of an array."""
    if isinstance(source, (*LEAVES, array)) or type(source).__module__ in ("builtins", "itertools"):
        return False
    if hasattr(type(source), "__next__"):
        return False  # what it gives is looked at one by one, when it comes (``pull``)
    if getattr(source, "ndim", 0) == 1 and str(getattr(source, "dtype", object)) != "object":
        return False
    return hasattr(type(source), "__iter__") or hasattr(type(source), "__getitem__")


def mutable(value: Any) -> Iterator[Any]:
    """Every object that `value` reaches and that could change, itself among them, once each."""
    return (one for one in Reach([value], False).objects.values() if _held(one))


def _held(value: Any) -> bool:
    """Whether two items that hold `value` share something that could change."""
    return not isinstance(value, (tuple, frozenset, type, FunctionType, BuiltinFunctionType, ModuleType, CellType))
