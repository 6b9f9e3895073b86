"""What lies beneath an iterable: iterators that are moved on when it is asked for an item, and containers of its items.

``enumerate``, ``zip``, ``map`` and their like, generators, a progress bar, ``csv.reader``: each asks another one in
turn. No code of the notebook's runs here: references come from the garbage collector.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from functools import partial
from io import IOBase
from itertools import (
    chain,
    combinations,
    combinations_with_replacement,
    islice,
    pairwise,
    permutations,
    product,
    zip_longest,
)
from types import BuiltinFunctionType, FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any

from ..cell import tables

LIMIT = 100_000
LEAVES = (int, float, complex, str, bytes, bool, type(None), range, type, FunctionType, BuiltinFunctionType, ModuleType)
HOLDERS = (list, tuple, dict, set, frozenset, range)
_ITERATORS: tuple[type, ...] = (type(iter(())), type(iter([])))
_BOUND = (BuiltinFunctionType, MethodType)
_LAZY = ("builtins", "itertools")
_CHOICES = (combinations, combinations_with_replacement, permutations)
_MOST, _WIDE, _DEEP = 5_000, 100, 3
"""Of the notebook's objects so many are looked at, so many of a container, and so far down."""


def is_iterator(value: Any) -> bool:
    """Whether reading `value` moves it on."""
    if isinstance(value, (GeneratorType, IOBase)):
        return True
    return not isinstance(value, type) and hasattr(type(value), "__next__")


def _handed_out(iterator: Any, held: Any) -> bool:
    """Whether `held` is the tuple that enumerate, zip or the like has given last and keeps for the next time."""
    if type(iterator) is product:  # it holds tuples of what there is to choose from
        return type(held) is tuple and not all(type(v) is tuple for v in held)
    if type(iterator) not in (enumerate, zip, zip_longest) or type(held) is not tuple:
        return False
    return not all(hasattr(v, "__next__") for v in gc.get_referents(held))


def sources(iterable: Any) -> Iterator[Any]:
    """The iterable, and what builtin iterators (enumerate, zip, dict views, ...) go over."""
    waiting = [iterable]
    seen: set[int] = set()
    while waiting and len(seen) < LIMIT:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if type(current).__module__ in ("builtins", "itertools") and not isinstance(current, (*HOLDERS, str)):
            waiting += (one for one in _within(current) if not isinstance(one, LEAVES))


def _within(iterator: Any) -> Iterator[Any]:
    """What a built-in iterator holds to go over, or to call."""
    held = gc.get_referents(iterator)
    if type(iterator) in _CHOICES:
        held = [one for one in held if type(one) is tuple][:1]  # the second one was handed out last
    if type(iterator) is pairwise:
        # After its class and what it goes over come the item for the next pair, and (Python 3.13) the last pair.
        held = [one for one in held if one is not pairwise][:1]
    if type(iterator) is chain and held:
        source = held.pop()  # what it goes over gives what its items come from
        for inner in gc.get_referents(source) if isinstance(source, _ITERATORS) else ():
            yield from inner
        yield source
    for one in held:
        if type(one) is tuple and type(iterator) in (zip, map, zip_longest, product):
            if not _handed_out(iterator, one):
                yield from gc.get_referents(one)  # zip_longest has nothing where an iterator is over
        elif not _handed_out(iterator, one):
            yield one


def wrapped(iterable: Any) -> Iterator[Any]:
    """The iterable and what it goes over, also where a generator or a class of the notebook's or a library's holds it
    (a progress bar)."""
    waiting, seen = [iterable], set[int]()
    while waiting:
        for source in sources(waiting.pop()):
            if id(source) in seen:
                continue
            seen.add(id(source))
            yield source
            if not isinstance(source, (*LEAVES, *HOLDERS)):
                waiting += (one for one in _attributes(source) if hasattr(type(one), "__next__"))


def _attributes(source: Any) -> list[Any]:
    if isinstance(source, GeneratorType):
        held = list(source.gi_frame.f_locals.values()) if source.gi_frame is not None else []
        # Of a method's generator, what the object goes over.
        return held + [one for value in held if not isinstance(value, HOLDERS) for _, one in _parts(value)]
    held = [one for _, one in _parts(source)]
    return held if type(source).__module__ in _LAZY else held + gc.get_referents(source)  # csv.reader has no attributes


def moved(iterable: Any) -> dict[int, Any]:
    """By identity: the objects that are others when `iterable` was asked for an item."""
    found = {}
    for source in wrapped(iterable):
        if is_iterator(source):
            found[id(source)] = source
        asks = type(source).__name__ == "callable_iterator"
        for one in gc.get_referents(source) if asks or isinstance(source, (map, filter)) else ():
            while isinstance(one, partial):
                one = one.func
            owner = one.__self__ if isinstance(one, _BOUND) else None
            if not isinstance(owner, LEAVES) and (asks or one.__name__ in tables.MUTATORS):
                found[id(owner)] = owner
    return found


def keeper(namespace: Mapping[str, Any], moves: Mapping[int, Any], without: frozenset[str]) -> str | None:
    """By what the notebook can still reach one of the objects `moves`, but for the names `without`; or None."""
    waiting = [(name, value, 0) for name, value in namespace.items() if name not in without and name != "__builtins__"]
    seen: set[int] = set()
    for path, value, depth in waiting:  # it grows
        if id(value) in moves:
            return path
        if isinstance(value, LEAVES) or id(value) in seen:
            continue
        seen.add(id(value))
        if is_iterator(value) and any(id(source) in moves for source in wrapped(value)):
            return path
        if depth < _DEEP and len(waiting) < _MOST:
            waiting += [(path + way, one, depth + 1) for way, one in islice(_parts(value), _WIDE)]
    return None


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        return ((f"[{key!r}]" if isinstance(key, (str, int)) else "[...]", one) for key, one in list(value.items()))
    if isinstance(value, (list, tuple)):
        return ((f"[{number}]", one) for number, one in enumerate(value))
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except (AttributeError, TypeError):
        return iter(())
    return ((f".{name}", one) for name, one in list(attributes.items())) if type(attributes) is dict else iter(())
