"""Worker side: the notebook's functions and classes, one object per number, changed in place by new versions."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from enum import EnumMeta
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

from . import memos
from .enums import own_attributes
from .fingerprint import fingerprint, memo_names
from .functions import CachedType
from .identity import Resolver, reader_objects
from .lines import Lines
from .link import Link, Source
from .orders import FROZEN, frozen, put_right
from .trailer import read_behind

_FIXED = (
    int, float, complex, str, bytes, bool, type(None), FunctionType, BuiltinFunctionType, ModuleType, type,
    staticmethod, classmethod, property, functools.cached_property, GetSetDescriptorType, MemberDescriptorType,
    WrapperDescriptorType,
)  # fmt: skip
"""Class attributes of these types change only by being bound anew, which is seen by identity."""

_MEMO_ATTRIBUTES = frozenset(
    {"__abstractmethods__", "_abc_impl", "__annotations_cache__", "__slotnames__", "_value2member_map_", "__doc__"}
)
"""Attributes that the interpreter itself fills in."""


class WorkerLink(Link):
    """Builds definitions when they are first referred to."""

    returns = True

    def __init__(self, module: ModuleType) -> None:
        super().__init__(module, module.__dict__)
        self._objects: dict[int, Any] = {}
        self._versions: dict[int, int] = {}
        self._numbers: dict[int, int] = {}
        self._offered: dict[int, tuple[int, Any, Sequence[Any]]] = {}
        self._seen: dict[int, dict[str, Any]] = {}
        """The attributes of each class, and (for classes and functions) a hash of what is no code in them."""
        self._states: dict[int, bytes | None] = {}
        self._codes: dict[int, CodeType] = {}
        self._adopted: set[int] = set()
        """Definitions whose object exists while its contents are being read."""
        self._sentinels: dict[int, object] = {}
        self._sentinel_numbers: dict[int, int] = {}
        self._parts: dict[int, list[tuple[int, Any]]] = {}
        """What each definition came with (defaults, closures, class attributes), as its pickle numbers it."""
        self.lines = Lines()

    def show(self, filename: str, source: Source) -> None:
        self.lines.show_part(filename, *source)

    def offer(self, number: int, version: int, payload: Any, buffers: Sequence[Any]) -> None:
        """A job has this version of a definition; it is built if this worker has another one."""
        if self._versions.get(number) == version:
            self._offered.pop(number, None)
        elif payload is not None:
            self._offered[number] = (version, payload, buffers)

    def withdraw(self) -> None:
        """Forget what an earlier job offered and this worker failed to build."""
        self._offered.clear()
        self._adopted.clear()

    def build_all(self) -> None:
        """Build what was offered and is not there yet."""
        while self._offered:
            self._build(next(iter(self._offered)))

    def lookup(self, number: int) -> Any:
        if number in self._offered and number not in self._adopted:
            self._build(number)
        return self._objects[number]

    def _build(self, number: int) -> None:
        version, payload, buffers = self._offered[number]
        self._versions.pop(number, None)  # until it is whole
        try:
            # A load of its own: definitions refer to each other by number only.
            named, sets, apart = read_behind(payload)
            unpickler = Resolver(payload, buffers, dict(named), {FROZEN: [frozen(one) for one in apart]})
            made = unpickler.load()
            put_right(sets, unpickler)
            self._parts[number] = [(n, one) for n, one in reader_objects(unpickler, made) if one is not made]
        finally:
            self._adopted.discard(number)
            self._offered.pop(number, None)
        self._versions[number] = version
        self._seen.pop(number, None)
        self._states.pop(number, None)
        self._codes.pop(number, None)

    def parts(self, number: int) -> list[tuple[int, Any]]:
        """(number in its pickle, object) of what the definition came with that has an identity."""
        return self._parts.get(number, [])

    def unchanged(self, number: int) -> bool:
        """Whether the definition holds what it came with."""
        before = self._states.get(number)
        return before is None or _state_print(self._objects.get(number)) == before

    def names(self, number: int) -> tuple[str, ...]:
        """What the definition is called."""
        return (getattr(self._objects.get(number), "__qualname__", "a function"),)

    def knows(self, address: int) -> bool:
        """Whether a definition is there."""
        return address in self._numbers

    def sentinel(self, obj: object) -> int | None:
        return self._sentinel_numbers.get(id(obj))

    def sentinel_of(self, number: int) -> object:
        found = self._sentinels.get(number)
        if found is None:
            found = self._sentinels[number] = object()
            self._sentinel_numbers[id(found)] = number
        return found

    def keeping(self, function: Any) -> Any:
        def note() -> None:
            self.keeps = True

        return memos.noting(function, note)

    def kept(self, objects: dict[int, Any]) -> str | None:
        """The function whose ``functools.cache`` holds one of `objects` that could be told from a copy."""
        for one in list(self._objects.values()) if self.keeps else ():
            if type(one) is CachedType and memos.holds(one, objects):
                return str(getattr(one, "__name__", "a function"))
        return None

    def remembering(self) -> dict[type, frozenset[str]]:
        """The notebook's classes whose instances keep what they have computed, with the attributes."""
        classes = (one for one in self._objects.values() if isinstance(one, type))
        return {cls: names for cls in classes if (names := memo_names(cls))}

    def watch(self, numbers: Iterable[int], more: bool = False) -> None:
        """From now on, ``drifted`` reports changes of these definitions, one job's (`more`: beside the others)."""
        if not more:
            self._seen.clear()
            self._states.clear()
            self._codes.clear()
        for number in numbers:
            obj = self._objects.get(number)
            if isinstance(obj, type) and number not in self._seen:
                self._seen[number] = dict(obj.__dict__)
            if isinstance(obj, FunctionType):
                self._codes.setdefault(number, obj.__code__)
            if number not in self._states and (isinstance(obj, FunctionType) or _state(obj)):
                self._states[number] = _state_print(obj)

    def drifted(self) -> list[str]:
        """Classes and functions that the worker's own run has changed; they will be built anew."""
        found = []
        for number, before in list(self._states.items()):
            obj = self._objects.get(number)
            code = self._codes.get(number)
            recoded = code is not None and getattr(obj, "__code__", code) is not code
            if obj is not None and (recoded or (before is not None and _state_print(obj) != before)):
                del self._states[number]
                self._codes.pop(number, None)
                self._versions.pop(number, None)
                found.append(obj.__qualname__)
        for number, seen in list(self._seen.items()):
            cls = self._objects.get(number)
            if cls is None or (
                all(cls.__dict__.get(n, self) is v for n, v in seen.items()) and len(seen) == len(cls.__dict__)
            ):
                continue
            now = cls.__dict__
            names = [n for n in {*seen, *now} if seen.get(n, self) is not now.get(n, self)]
            if "__annotations__" not in seen and not now.get("__annotations__"):
                names = [n for n in names if n != "__annotations__"]  # made by whoever asks for them
            del self._seen[number]
            if any(name not in _MEMO_ATTRIBUTES for name in names) and cls.__qualname__ not in found:
                self._versions.pop(number, None)
                found.append(cls.__qualname__)
        return found

    def existing(self, number: int | None) -> Any:
        return self._objects.get(number) if number is not None else None

    def adopt(self, number: int | None, obj: Any) -> None:
        if number is None:
            return
        old = self._objects.get(number)
        if old is not None and old is not obj:
            self._numbers.pop(id(old), None)
        self._objects[number] = obj
        self._numbers[id(obj)] = number
        self._adopted.add(number)

    def refer(self, obj: Any) -> int | None:
        return self._numbers.get(id(obj))

    def cell_token(self, cell: Any) -> Any:
        # Apart from the kernel's own tokens, which are plain numbers.
        return ("worker", id(cell))

    def prune(self, newest: int, alive: set[int]) -> None:
        """Forget definitions whose objects the notebook no longer has."""
        for number in [n for n in self._objects if n <= newest and n not in alive]:
            obj = self._objects.pop(number)
            self._numbers.pop(id(obj), None)
            self._versions.pop(number, None)
            self._seen.pop(number, None)
            self._states.pop(number, None)
            self._codes.pop(number, None)
            self._parts.pop(number, None)


def _state_print(obj: Any) -> bytes | None:
    """A hash of what `obj` holds; of a function that is nothing but code, no bytes."""
    state = _state(obj)
    return fingerprint(state) if state else b""


def _state(obj: Any) -> Any:
    """What of a function or class is neither code nor fixed: defaults, attributes, closure; None if there is none."""
    if isinstance(obj, FunctionType):
        cells = []
        for name, cell in zip(obj.__code__.co_freevars, obj.__closure__ or (), strict=True):
            if obj.__module__ == "functools" and name in ("dispatch_cache", "cache_token"):
                continue  # of singledispatch: a memo table
            try:
                cells.append(cell.cell_contents)
            except ValueError:
                cells.append(None)
        state = [obj.__defaults__, obj.__kwdefaults__, obj.__dict__, cells]
        return state if any(state) else None
    if isinstance(obj, type):
        held = {k: v for k, v in obj.__dict__.items() if _mutable(k, v)}
        if isinstance(obj, EnumMeta):
            held["of members"] = list(map(own_attributes, obj.__members__.values()))
        return held or None
    return None


def _mutable(name: str, value: Any) -> bool:
    return not (name.startswith("__") and name.endswith("__")) and not isinstance(value, _FIXED)
