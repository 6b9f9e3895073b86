"""Kernel side: items and values on their way. What a value or a function holds as well is one object in workers, too.

``table[item]``, ``item in chosen`` and ``others.index(item)`` ask for the very object wherever a class does not define
what is equal.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

from .buffers import Sink
from .errors import ShipError, type_name
from .hashing import flat, rebase_memo
from .identity import WriterObjects, bearing
from .link import Link
from .orders import FROZEN, Frozen, Order, Orders, matters, orders
from .paths import find
from .pickler import Pickler

_FEW = 64
"""So many objects are told to every pickler; of more, only those that are among the items."""
_EQUAL = (tuple, frozenset, bytes)
"""Nobody asks whether it is this one or another one that is equal."""

Reference = tuple[int, int, int]
"""A source, the number of an object there, and the source's version."""


class Packed(NamedTuple):
    """Items or a value as they travel."""

    payload: bytes
    buffers: list[memoryview]
    objects: WriterObjects
    references: list[tuple[int, Reference]]
    """What its persistent ids stand for."""
    sets: Sequence[Order] = ()
    frozen: Sequence[Frozen] = ()
    """Frozensets that are among the references."""
    lost: Sequence[tuple[Any, str]] = ()
    """Sets that would be walked in another order, each with why."""

    @property
    def beside(self) -> tuple[Any, ...]:
        """What the reader needs beside the pickle."""
        return self.references, self.sets, self.frozen


class Known:
    """The objects that workers have of a job: of its values, and of what its definitions hold."""

    def __init__(self) -> None:
        self._held: list[tuple[int, WriterObjects, int]] = []
        """(source, its objects, its version); a source that comes first is the one that is named."""
        self._flat: dict[int, tuple[Any, Reference]] = {}
        """By identity: values that hold nothing with an identity of its own."""

    def value(self, serial: int, objects: tuple[Any, ...], held: WriterObjects) -> None:
        """A broadcast value, of several names if these share objects."""
        if len(objects) == 1 and flat(objects[0]):
            self._flat[id(objects[0])] = objects[0], (serial, 0, 0)
        else:
            self._held.append((serial, held, 0))

    def definition(self, number: int, held: WriterObjects, version: int) -> None:
        """What a function or class holds."""
        self._held.append((-number, held, version))

    def among(self, ids: Iterable[int]) -> list[tuple[Any, Reference]]:
        """(object, where it is) for those of the objects with these identities that workers have."""
        keys = set(ids)
        found = {at: self._flat[at] for at in keys & self._flat.keys()}
        for source, held, version in self._held:
            memo = held.memo
            for at in [at for at in keys if at in memo and at not in found]:
                number, obj = memo[at]
                if number >= held.primed and bearing(obj) and not isinstance(obj, _EQUAL):
                    found[at] = obj, (source, number - held.primed, version)
        return list(found.values())

    def pack(self, items: Any, link: Link, look: bool = True) -> Packed:
        """One pickle of `items`, which names what workers have. `look`: at the order of sets."""

        def pickler(file: Any, sink: Sink) -> Pickler:
            return Pickler(file, link, sink)

        def pack(items: Any, named: Sequence[tuple[Any, Reference]] = ()) -> Packed:
            return packed(pickler, items, named, look)

        if not self._held and not self._flat:
            return pack(items)
        if len(self._flat) + sum(len(held.memo) for _, held, _ in self._held) <= _FEW:
            every = [at for _, held, _ in self._held for at in held.memo]
            return pack(items, self.among([*self._flat, *every]))
        alone = pack(items)
        shared = self.among(alone.objects.memo)
        return pack(items, shared) if shared else alone


def packed(
    pickler: Callable[[Any, Sink], Pickler],
    root: Any,
    named: Sequence[tuple[Any, Reference]] = (),
    look: bool = True,
    frozen: Sequence[Frozen] = (),
) -> Packed:
    """One pickle of `root`, which refers to the objects that are `named`. `look`: at the order of sets."""
    file, sink = io.BytesIO(), Sink()
    writer = pickler(file, sink)
    if named:
        writer.memo = {id(obj): (at, obj) for at, (obj, _) in enumerate(named)}  # type: ignore[attr-defined]
    writer.dump(root)
    objects = WriterObjects(writer, len(named))
    found = orders(file.getvalue(), lambda: objects.memo, len(named)) if look else Orders()
    if found.frozen and not frozen:
        apart = [(value, (FROZEN, at, 0)) for at, (value, _) in enumerate(found.frozen)]
        return packed(pickler, root, [*named, *apart], look, [made for _, made in found.frozen])
    if not named:
        return Packed(file.getvalue(), sink.buffers, objects, [], found.sets, (), found.lost)
    rebased = rebase_memo(file.getvalue(), len(named))
    if rebased is None:
        return packed(pickler, root)
    references = [(at, named[at][1]) for at in rebased[1]]
    return Packed(rebased[0], sink.buffers, objects, references, found.sets, list(frozen), found.lost)


def check_orders(one: Packed, root: Any, name: str, pickle: Callable[[Any, Any], Pickler], walked: bool = True) -> None:
    """ShipError if a set in `root` would be walked in another order. `walked`: whether `root` itself may be."""
    for value, why in one.lost:
        if (walked if value is root else matters(value, why)) and _holds(pickle, root, value):
            path = find(root, name, partial(_miss, pickle, value))[0]
            raise ShipError(
                f"`{path}: {type_name(value)}` cannot be sent to a worker, where it would be walked in another order: "
                f"{why}. Use a list, or the keys of a dict, in its place, or `%%parallel threads`.",
                path,
                type_name(value),
            )


def _holds(pickle: Callable[[Any, Any], Pickler], root: Any, value: Any) -> bool:
    writer = pickle(io.BytesIO(), Sink())
    writer.dump(root)
    return id(value) in writer.memo.copy()  # type: ignore[attr-defined]


def _miss(pickle: Callable[[Any, Any], Pickler], value: Any, part: Any) -> None:
    """ValueError if `value` is in `part`."""
    if _holds(pickle, part, value):
        raise ValueError
