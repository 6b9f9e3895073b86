"""Kernel side: numbers and versions of the notebook's functions and classes.

A definition keeps its number as long as the object lives. Its version goes up when what would be sent of it has
changed (an attribute set on a class, a default, a closure cell), and workers then change their copy in place; a
redefinition is another object and so another number.
"""

from __future__ import annotations

import itertools
import weakref
from types import FunctionType
from typing import Any

from .buffers import Sink
from .functions import plain
from .hashing import content_hash
from .identity import WriterObjects
from .items import check_orders, packed
from .link import Link
from .pickler import DefinitionPickler, Pickler
from .trailer import behind


class Definition:
    """One function, class or functools.cache wrapper of the notebook."""

    __slots__ = ("_ref", "buffers", "code", "digest", "epoch", "number", "payload", "version")

    def __init__(self, obj: Any, number: int, on_death: Any) -> None:
        self._ref = weakref.ref(obj, on_death)
        self.number = number
        self.version = 0
        self.digest = b""
        self.payload = b""
        self.buffers: list[memoryview] = []
        self.code: Any = None
        """The code of a function that is nothing but its code, else None."""
        self.epoch = -1

    @property
    def object(self) -> Any:
        return self._ref()

    def refresh(self, link: Link, epoch: int) -> WriterObjects | None:
        """Bring payload and version up to date; `link` hears of everything that the definition names.

        What the definition holds; None if that is nothing but code. ShipError for what cannot travel."""
        obj: Any = self._ref()
        if self.code is not None and epoch == self.epoch and obj.__code__ is self.code and plain(obj):
            link.reached(self.code)
            return None

        def pickler(file: Any, sink: Sink) -> Pickler:
            return DefinitionPickler(file, link, sink, obj, self.number)

        made = packed(pickler, obj)
        if made.lost:
            check_orders(made, obj, obj.__qualname__, pickler)
        self.payload, self.buffers = made.payload + behind(made.beside), made.buffers
        digest = content_hash([self.payload, *self.buffers])
        if digest != self.digest or epoch != self.epoch:
            self.version += 1
            self.digest, self.epoch = digest, epoch
        is_plain = type(obj) is FunctionType and obj.__globals__ is link.namespace and plain(obj)
        self.code = obj.__code__ if is_plain else None
        return None if is_plain else made.objects


class Registry:
    """All definitions that have been sent or named so far, while their objects live."""

    def __init__(self) -> None:
        self._by_id: dict[int, Definition] = {}
        self._by_number: dict[int, Definition] = {}
        self._numbers = itertools.count(1)

    def of(self, obj: Any) -> Definition:
        """The definition that `obj` is."""
        found = self._by_id.get(id(obj))
        if found is not None and found.object is obj:
            return found
        number, key = next(self._numbers), id(obj)

        def forget(_: Any) -> None:
            gone = self._by_number.pop(number, None)
            if gone is not None and self._by_id.get(key) is gone:
                del self._by_id[key]

        found = Definition(obj, number, forget)
        self._by_id[key] = self._by_number[number] = found
        return found

    def alive(self) -> tuple[int, list[int]]:
        """(the highest number so far, the numbers up to it whose objects live): all others are gone for good."""
        numbers = sorted(self._by_number)
        return (numbers[-1] if numbers else 0), numbers

    def object(self, number: int) -> Any:
        """The object behind a number; KeyError if it is gone."""
        return self._by_number[number].object
