"""The order in which a set is walked, kept on its way.

A pickle holds the elements of a set in the order in which it is walked, and the set that is made of them may be walked
in another one: where its elements stand depends on the size of its table and on what was taken from it. So whoever
writes a pickle makes its sets again, as the reader will, and compares. Sets that come out differently are put right by
the reader, in place; frozensets, which cannot be, travel apart, as what the other objects name.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import BuiltinFunctionType, FunctionType
from typing import Any

from paracell.records import field, record
from paracell.run.hashseed import salted

from .hashes import by_address
from .hashing import makes_sets
from .settable import Insertion, fill, insertion

FROZEN = -(1 << 62)
"""The source of frozensets that travel apart, beside the sources of ``identity``."""
_PLAIN = frozenset({int, bool, float, complex, str, bytes, type(None)})

_ADDRESSES = "the hashes of its elements are their addresses"

_ASKED = (type, FunctionType, BuiltinFunctionType, type(None))
"""What sets are mostly asked whether it is in them."""

Order = tuple[int, Insertion, "list[int]"]
"""The number of a set in its pickle, how to make it, and its elements in the order in which it is walked, numbered in
the order in which the reader's is."""
Frozen = tuple[bool, "list[Any]"]
"""Whether a frozenset has the table of one made from another set, and its elements in the order of insertion."""


@record
class Orders:
    """What there is to say of the sets of one pickle."""

    sets: list[Order] = field(default_factory=list)
    frozen: list[tuple[Any, Frozen]] = field(default_factory=list)
    """Frozensets that travel apart, each with what makes it."""
    lost: list[tuple[Any, str]] = field(default_factory=list)
    """Sets whose order cannot be had on the other side, each with why."""


Memo = Mapping[int, "tuple[int, Any]"]
"""Identity -> (number, object)."""


def orders(payload: bytes, memo: Callable[[], Memo], primed: int = 0, fresh: bool = False) -> Orders:
    """Compare the sets of `payload`, one pickle, whose writer's memo began with `primed` objects.

    `fresh`: elements with hashes by address are new; nobody can tell their order."""
    found = Orders()
    if not makes_sets(payload):
        return found
    for number, value in list(memo().values()):
        if number >= primed and isinstance(value, (set, frozenset)) and len(value) > 1:
            _compare(value, number - primed, found, fresh)
    return found


def _compare(value: Any, number: int, found: Orders, fresh: bool) -> None:
    items = list(set.__iter__(value) if isinstance(value, set) else frozenset.__iter__(value))
    if salted() and any(isinstance(item, (str, bytes)) for item in items):
        return  # which is said of the whole cell
    if not all(map(_same_hash, items)):
        if not fresh:
            found.lost.append((value, _ADDRESSES))
        return
    try:
        again = list(set(items))
    except Exception:  # a __hash__ or __eq__ of the notebook's: the reader will meet it, too
        return
    if _same(again, items):
        return
    made = insertion(value, items)
    if made is None:
        found.lost.append((value, "where they stand in it is not known"))
    elif isinstance(value, set) and _same(fill(set(), items, made), items):
        place = {id(item): at for at, item in enumerate(again)}
        found.sets.append((number, made, [place[id(item)] for item in items]))
    elif type(value) is frozenset and _plain(items) and (how := _frozen(items, made)) is not None:
        found.frozen.append((value, how))
    else:
        found.lost.append((value, "it cannot be made in that order again"))


def matters(value: Any, why: str) -> bool:
    """Whether to expect that a set deep in other objects is walked: one of classes or sentinels is mostly asked what is
    in it."""
    return why != _ADDRESSES or not all(_same_hash(i) or isinstance(i, _ASKED) for i in value)


def _same(one: Iterable[Any], other: Iterable[Any]) -> bool:
    return all(map(operator.is_, one, other))


def _same_hash(item: Any) -> bool:
    kind = type(item)
    if kind in (str, int):
        return True
    if isinstance(item, (tuple, frozenset)):
        return all(map(_same_hash, item))
    return not by_address(item, kind)


def _plain(items: Iterable[Any]) -> bool:
    return all(type(item) in _PLAIN or (type(item) is tuple and _plain(item)) for item in items)


def _frozen(items: list[Any], made: Insertion) -> Frozen | None:
    """What makes a frozenset that is walked in the order of `items`."""
    inserted = [items[step] for step in made.steps if step >= 0]
    for big in (False, True):
        if _same(frozen((big, inserted)), items):
            return big, inserted
    return None


def frozen(made: Frozen) -> frozenset[Any]:
    """The frozenset."""
    big, items = made
    return frozenset(dict.fromkeys(items) if big else items)


def put_right(found: Sequence[Order], unpickler: Any) -> None:
    """Reader: the sets that `unpickler` has read are walked as the writer's are."""
    objects = unpickler.memo.copy() if found else {}
    for number, made, positions in found:
        value = objects[number]
        again = list(set.__iter__(value))
        set.clear(value)
        fill(value, [again[at] for at in positions], Insertion(*made))
