"""What iterations on threads could change behind paracell's back: the notebook's own objects that they reach.

Followed are containers, the notebook's functions, classes and instances, and what code names. A library's object is its
own affair (a session, a connection, a model: they are made for threads, or say that they are not), but what it holds of
the notebook's is followed too. Of each object that can change a picture is taken (``pictures``), and what cannot be
put back is found (``Holdings.moving``): iterators, open files, and the like.
"""

from __future__ import annotations

import gc
import logging
import sys
import weakref
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    MappingProxyType,
    MemberDescriptorType,
    ModuleType,
)
from typing import Any, NamedTuple

from ..attributes import package_of
from ..cell.memo import acts, kept
from ..ship.codes import reach
from . import pictures
from .hidden import MAKERS, OF_NEW_CLASSES, Runs, acting, makes_classes, names_of, text_of, texts_of
from .kinds import CALLERS, PLAIN, WRAPPERS, attributes_of, holds_data, inside, moves, through
from .reach import is_users

MOST = 0.02
"""Seconds that looking at what one name leads to may take; what is beyond that is not watched."""
_LOOK = 1e-6
"""Seconds to look at one object, reckoned."""
_NAMED = ""
"""How code leads to what it names; None: something holds it under no name; else it is an attribute of this name."""
_LASTING = (FunctionType, ModuleType, type)
_LIBRARY = 300
"""So many objects are looked at inside a library's object."""
_MEMO = ("cached_property", "cached_method")


class Moving(NamedTuple):
    """Something that cannot be put back, and the name that leads to it; ``attribute``: of an object that holds it."""

    name: str
    value: Any
    attribute: str | None


class Holdings:
    """What some named values reach."""

    def __init__(self, bound: Iterable[str] = (), apart: Iterable[Any] = (), seconds: float = MOST) -> None:
        """`bound`: names of the notebook that the loop itself gives values; `apart`: objects that it changes;
        `seconds`: what looking at one name may take."""
        self.pictures: list[pictures.Picture] = []
        self.owners: dict[int, tuple[str, Any]] = {}
        """Id of a picture -> the name that led to it, and the object that holds what it shows."""
        self._moving: list[Moving] = []
        self._bound = frozenset(bound)
        self._seen: dict[int, Any] = {id(one): one for one in apart}
        self._inside: dict[int, Any] = {}
        """What was seen of libraries' objects."""
        self.runs: list[Runs] = []
        """The user's functions that were found."""
        self._keeping: list[Any] = []
        """What keeps the results of its functions."""
        self._loose: set[int] = set()
        """Functions (by id) that were found in a container, a closure or the like."""
        self._called: set[str] = set()
        """Methods that are called by their name as text."""
        self._held: set[int] = set()
        """Classes (by id) of objects that were found, and their bases."""
        self._owners: dict[int, type] = {}
        self._named: set[int] = set()
        """Classes (by id) that code can name, or find in a container."""
        self._kinds: dict[type, bool] = {}
        self._made: dict[type, _Made] = {}
        self._name = ""
        self._seconds = seconds
        self._left = 0.0
        self._own: dict[int, Any] | None = None
        """What was seen of the items that are being looked at."""
        self._shared: list[Any] = []
        """What those lead to that is not theirs alone."""

    def add(self, name: str, value: Any) -> None:
        """Follow `value`, which is called `name`."""
        self._name, self._left = name, self._seconds
        self._walk(value)

    def items(self, items: list[Any], seconds: float) -> tuple[list[pictures.Picture], list[pictures.Picture], float]:
        """(pictures of the items, of what they lead to that outlives them, seconds that it took, reckoned)."""
        count, before, self.pictures = len(self.pictures), self.pictures, []
        self._own, inside, self._inside, self._left = {}, self._inside, {}, seconds
        for item in items:
            self._walk(item)
        own, self.pictures = self.pictures, before
        self._own, self._inside, spent = None, inside, seconds - self._left
        for one in self._shared:
            self.add("items", one)
        self._shared = []
        return own, self.pictures[count:], spent

    def _walk(self, value: Any) -> None:
        waiting: list[tuple[Any, str | None]] = [(value, _NAMED)]
        while waiting:
            one, attribute = waiting.pop()
            kind = type(one)
            if kind in PLAIN:
                continue
            if attribute is None and kind is FunctionType:
                self._loose.add(id(one))
            if isinstance(one, type) and attribute != "__class__":
                self._named.add(id(one))
            if id(one) in self._seen or not self._is_new(one):
                continue
            if self._left < 0:
                return
            self._left -= _LOOK
            waiting += self._follow(one, kind, attribute)

    def _is_new(self, one: Any) -> bool:
        """Note that `one` is seen; False if it was before, or if its turn is later."""
        seen = self._seen if self._own is None else self._own
        if id(one) in seen:
            return False
        seen[id(one)] = one
        if self._own is not None and isinstance(one, _LASTING):
            self._shared.append(one)
            return False
        return True

    def code(self, function: FunctionType) -> None:
        """Follow what `function` names."""
        self.runs.append(Runs(function, None, _NAMED))
        for name, value in self._of_code(function):
            self.add(name, value)

    def moving(self) -> list[Moving]:
        """What cannot be put back; of what an attribute leads to, what code that may run names."""
        names = names_of(self.runs, self._named) if self._moving else set()
        return [one for one in self._moving if not one.attribute or one.attribute in names]

    def acting(self, namespace: Mapping[str, Any]) -> tuple[str, str] | None:
        """A function that may run without being called by name and changes what is shared, and what it does."""
        names = names_of(self.runs, self._named)
        runs = [one for one in self.runs if one.attribute or id(one.function) in self._loose]
        if not any(makes_classes(one.function.__code__) for one in self.runs):
            runs = [one for one in runs if one.attribute not in OF_NEW_CLASSES]
        return acting(runs, names, self._called | texts_of(self.runs), self._held, namespace)

    def once(self, namespace: Mapping[str, Any]) -> tuple[str, str] | None:
        """A function whose results are kept and that does more than to compute them, and what it does."""
        functions = {id(function): function for one in self._keeping for function in kept(one)}
        found = ((function.__name__, acts(function, namespace)) for function in functions.values())
        return next(((name, what) for name, what in found if what is not None), None)

    # -------------------------------------------------------------------------------------------------- what is held

    def _follow(self, one: Any, kind: type, attribute: str | None) -> Iterator[tuple[Any, str | None]]:
        handler = _HANDLERS.get(kind)
        if handler is not None:
            return iter(handler(self, one, attribute) if kind is FunctionType else handler(self, one))
        if hasattr(kind, "cache_info"):
            self.picture(pictures.OfMemo(one), one)
            self._keeping.append(one)
        if kind in WRAPPERS:
            way = attribute if kind not in CALLERS else None
            return ((part, way) for part in through(one))
        if isinstance(one, type):
            return iter(self._class(one))
        if moves(one):
            self._moving.append(Moving(self._name, one, attribute))
            return iter(())
        if isinstance(one, (logging.Logger, logging.LoggerAdapter)):
            return iter(())  # its handlers run when the task is committed
        if self._is_users(kind):
            return iter(self._instance(one))
        return iter(self._library(one))

    def _is_users(self, kind: type) -> bool:
        """Whether a class that the user has written, or that holds a user's data, is among those of `kind`."""
        found = self._kinds.get(kind)
        if found is None:
            found = self._kinds[kind] = any(holds_data(base) for base in kind.__mro__[:-1])
        return found

    def picture(self, picture: pictures.Picture, owner: Any) -> None:
        """Keep a picture of what `owner` holds."""
        self.pictures.append(picture)
        if self._own is None:
            self.owners[id(picture)] = self._name, owner
        self._left -= picture.cost

    def _list(self, one: Any) -> Iterable[tuple[Any, str | None]]:
        self.picture(pictures.OfList(one), one)
        return _parts(list.__iter__(one))

    def _tuple(self, one: Any) -> Iterable[tuple[Any, str | None]]:
        self._left -= 0.03 * _LOOK * len(one)
        return _parts(one)

    def _dict(self, one: Any) -> Iterable[tuple[Any, str | None]]:
        picture = pictures.OfDict(one)
        self.picture(picture, one)
        return _parts(picture.saved)

    def _set(self, one: Any) -> Iterable[tuple[Any, str | None]]:
        picture = pictures.OfSet(one)
        self.picture(picture, one)
        return _parts(picture.saved.values())

    def _deque(self, one: Any) -> Iterable[tuple[Any, str | None]]:
        picture = pictures.OfDeque(one)
        self.picture(picture, one)
        return _parts(picture.saved)

    def _bytes(self, one: Any) -> Iterable[tuple[Any, str | None]]:
        if len(one) <= pictures.COPIED:
            self.picture(pictures.OfBytes(one), one)
        return ()

    def _cell(self, one: CellType) -> Iterable[tuple[Any, str | None]]:
        picture = pictures.OfCell(one)
        self.picture(picture, one)
        return _parts(picture.saved)

    def _builtin(self, one: Any) -> Iterable[tuple[Any, str | None]]:
        owner = one.__self__
        return () if owner is None or isinstance(owner, ModuleType) else [(owner, None)]

    def _weak(self, one: Any) -> Iterable[tuple[Any, str | None]]:
        return [(one(), None)]

    def _view(self, one: Any) -> Iterable[tuple[Any, str | None]]:
        return [(part, None) for part in gc.get_referents(one)]

    def _function(self, one: FunctionType, attribute: str | None = None) -> Iterable[tuple[Any, str | None]]:
        if not is_users(one.__globals__.get("__name__")):
            return self._library(one)  # a wrapper, say: what it keeps for itself is its own affair
        self.runs.append(Runs(one, self._owners.get(id(one)), attribute))
        attributes = pictures.OfDict(one.__dict__)
        self.picture(pictures.OfFunction(one), one)
        self.picture(attributes, one)
        found: list[tuple[Any, str | None]] = []
        found += [(part, None) for part in (one.__closure__, one.__defaults__, one.__kwdefaults__)]
        found += _parts(attributes.saved)
        owner = self._owners.get(id(one)) if one.__name__ in MAKERS else None  # naming it does not make one
        found += [(value, "__class__" if value is owner else _NAMED) for _, value in self._of_code(one)]
        return found

    def _of_code(self, function: FunctionType) -> list[tuple[str, Any]]:
        """What the function's code names, with its names."""
        names, namespace = reach(function.__code__), function.__globals__
        found = [name for name in (*names.globals, *names.text) if name not in self._bound]
        found = [name for name in found if name in namespace or not hasattr(_builtins, name)]
        if found:
            self.picture(pictures.OfNames(namespace, found), function)
        return [(name, namespace[name]) for name in found if name in namespace]

    def _module(self, one: ModuleType) -> Iterable[tuple[Any, str | None]]:
        if one.__name__ == "__main__" or not is_users(one.__name__):
            return ()
        names = [name for name in one.__dict__ if not name.startswith("__")]
        self.picture(pictures.OfNames(one.__dict__, names), one)
        return [(one.__dict__[name], name) for name in names]

    def _class(self, one: type) -> Iterable[tuple[Any, str | None]]:
        found: list[tuple[Any, str | None]] = []
        if is_users(one.__module__):
            picture = pictures.OfClass(one)
            self.picture(picture, one)
            for name, value in picture.saved.items():
                for plain in (value, *through(value)):
                    if isinstance(plain, FunctionType):
                        self._owners[id(plain)] = one
                found.append((value, name))
            found += [(base, "__class__") for base in one.__mro__[1:-1] if is_users(base.__module__)]
        return [*found, (type(one), "__class__")] if type(one) is not type else found

    def _instance(self, one: Any) -> Iterable[tuple[Any, str | None]]:
        self._held.update(map(id, type(one).__mro__))
        made = self._made.get(type(one))
        if made is None:
            made = self._made[type(one)] = _Made.of(type(one))
        found: list[tuple[Any, str | None]] = [(type(one), "__class__")]
        held = attributes_of(one)
        if held is not None:
            self.picture(pictures.OfInstance(one, held, made.memo), one)
            if not made.memo <= held.keys():
                self._keeping.append(one)
            self._is_new(held)
            found += [(value, name) for name, value in list(held.items()) if type(value) not in PLAIN]
        if made.slots:
            picture = pictures.OfSlots(one, made.slots)
            self.picture(picture, one)
            found += [(value, slot.__name__) for slot, value in zip(made.slots, picture.saved, strict=True)]
        if made.container is not None:
            return [*found, *made.container(self, one)]
        return [*found, *(self._library(one, held) if made.foreign else ())]

    # ------------------------------------------------------------------------------------------------ library objects

    def _library(self, one: Any, but: Any = None) -> Iterable[tuple[Any, str | None]]:
        """What a library's object holds of the notebook's."""
        for base, handler in _CONTAINERS:
            if isinstance(one, base):
                return handler(self, one)
        if hasattr(type(one), "__array_interface__"):
            return self._memory(one)
        if type(type(one)).__module__ == "_ctypes":
            self.picture(pictures.OfBuffer(one), one)
            return ()
        if package_of(type(one)) == "pandas":
            self._table(one)
            return ()
        if (text := text_of(one)) is not None:
            self._called.add(text)
        found: list[tuple[Any, str | None]] = []
        waiting = [part for part in inside(one) if part is not but]
        count = 0
        while waiting and count < _LIBRARY:
            part = waiting.pop()
            kind = type(part)
            if kind in PLAIN or id(part) in self._inside or id(part) in self._seen:
                continue
            self._inside[id(part)] = part
            count += 1
            if self._is_mine(part, kind):
                found.append((part, None))
            elif not isinstance(part, (type, ModuleType)):
                waiting += inside(part)
        self._left -= _LOOK * count
        return found

    def _is_mine(self, part: Any, kind: type) -> bool:
        if isinstance(part, FunctionType):
            return is_users(part.__globals__.get("__name__"))
        return is_users(part.__module__) if isinstance(part, type) else self._is_users(kind)

    def _memory(self, one: Any, owner: Any = None) -> Iterable[tuple[Any, str | None]]:
        base = getattr(one, "base", None)
        if isinstance(getattr(one, "nbytes", None), int) and hasattr(one, "flags") and one.flags.writeable:
            if pictures.SECONDS_A_BYTE * one.nbytes > self._left:
                return ()
            picture = pictures.OfMemory(one)
            self.picture(picture, one if owner is None else owner)
            if one.dtype.hasobject:
                return [(part, None) for part in picture.saved[0]]
        return [(base, None)] if base is not None else ()

    def _table(self, one: Any) -> None:
        manager: Any = getattr(one, "_mgr", None)
        if hasattr(manager, "blocks"):
            self.picture(pictures.OfTable(one), one)
            self.picture(pictures.OfDict(one.attrs), one)
            for block in manager.blocks:
                if hasattr(type(block.values), "__array_interface__"):
                    self._memory(block.values, one)


_builtins = sys.modules["builtins"]
_Handler = Callable[..., Iterable[tuple[Any, "str | None"]]]
_CONTAINERS: tuple[tuple[type, _Handler], ...] = (
    (list, Holdings._list),
    (dict, Holdings._dict),
    (tuple, Holdings._tuple),
    (set, Holdings._set),
    (frozenset, Holdings._tuple),
    (deque, Holdings._deque),
    (bytearray, Holdings._bytes),
    (array, Holdings._bytes),
)
_HANDLERS: Mapping[type, _Handler] = {
    **dict(_CONTAINERS),
    CellType: Holdings._cell,
    FunctionType: Holdings._function,
    BuiltinFunctionType: Holdings._builtin,
    ModuleType: Holdings._module,
    weakref.ref: Holdings._weak,
    MappingProxyType: Holdings._view,
    **dict.fromkeys((type({}.keys()), type({}.values()), type({}.items())), Holdings._view),
}


def _parts(values: Iterable[Any]) -> list[tuple[Any, str | None]]:
    return [(one, None) for one in values if type(one) not in PLAIN]


class _Made(NamedTuple):
    """What instances of a class of the user's are made of."""

    slots: list[Any]
    memo: frozenset[str]
    """Attributes that are computed when they are first asked for."""
    container: _Handler | None
    foreign: bool
    """Whether a library's class is among its bases."""

    @staticmethod
    def of(kind: type) -> _Made:
        own = [(name, value) for base in kind.__mro__[:-1] for name, value in base.__dict__.items()]
        slotted = [base for base in kind.__mro__[:-1] if "__slots__" in base.__dict__]
        slots = [one for base in slotted for one in base.__dict__.values() if isinstance(one, MemberDescriptorType)]
        memo = frozenset(name for name, value in own if type(value).__name__ in _MEMO)
        container = next((handler for base, handler in _CONTAINERS if issubclass(kind, base)), None)
        return _Made(slots, memo, container, not all(is_users(base.__module__) for base in kind.__mro__[:-1]))
