"""What an object holds at one moment: enough to see later whether it has changed, and to put it back.

Objects are compared by the identity of what they hold, memory by its bytes: no code of the user's runs. A picture keeps
what it shows alive.
"""

from __future__ import annotations

import contextlib
import sys
from array import array
from collections import OrderedDict, deque
from operator import is_
from types import CellType
from typing import Any

from ..ship.hashing import content_hash
from ..silence import Silence

ABSENT: Any = object()
COPIED = 4 << 20
"""Memory of more bytes than this is hashed and not copied: a change is noticed, and cannot be undone."""
SECONDS_A_BYTE = 0.5e-9
"""To copy memory, to hash it, or to compare it, reckoned."""
_OF_INTERPRETER = frozenset(
    ("__abstractmethods__", "_abc_impl", "__annotations_cache__", "__annotate_func__", "__slotnames__", "__doc__",
     "__dict__", "__weakref__", "__static_attributes__", "__firstlineno__")
)  # fmt: skip
"""Attributes of classes that the interpreter itself fills in."""


class Picture:
    """One object; subclasses say what is looked at. ``cost``: seconds to compare it, reckoned."""

    __slots__ = ("cost", "saved", "shown")

    def __init__(self, shown: Any) -> None:
        self.shown = shown
        self.saved = self.look()
        self.cost = 0.3e-6 + 30e-9 * len(self.saved)

    def look(self) -> Any:
        """What the object holds, as a container that has a length."""
        return list(self.shown)

    def same(self) -> bool:
        """Whether it still holds that. It may be changing meanwhile: RuntimeError."""
        return _identical(self.look(), self.saved)

    def restore(self) -> None:
        """Let it hold that again. Only while nobody else is at it."""
        raise NotImplementedError

    def undo(self) -> None:
        """Restore it if it has changed."""
        if not self.same():
            self.restore()


class OfMemo(Picture):
    """A function that keeps its results: that it keeps more of them is no change, and cannot be undone in part."""

    __slots__ = ()

    def look(self) -> Any:
        return [self.shown.cache_info().misses]

    def same(self) -> bool:
        return True

    def undo(self) -> None:
        if self.look() != self.saved:
            self.shown.cache_clear()


class OfList(Picture):
    __slots__ = ()

    def look(self) -> Any:
        return list.__getitem__(self.shown, slice(None))

    def restore(self) -> None:
        list.__setitem__(self.shown, slice(None), self.saved)


class OfDict(Picture):
    """Keys and values in order; `but`: keys that are memo."""

    __slots__ = ("but",)

    def __init__(self, shown: dict[Any, Any], but: frozenset[str] = frozenset()) -> None:
        self.but = but
        super().__init__(shown)

    def look(self) -> Any:
        shown = self.shown
        if self.but and not self.but.isdisjoint(shown):
            shown = {key: value for key, value in shown.items() if key not in self.but}
        held = OrderedDict if isinstance(shown, OrderedDict) else dict  # which have orders of their own
        return [*held.keys(shown), *held.values(shown)]

    def restore(self) -> None:
        held = OrderedDict if isinstance(self.shown, OrderedDict) else dict
        memo = {key: self.shown[key] for key in self.but if key in self.shown}
        half = len(self.saved) // 2
        held.clear(self.shown)
        for key, value in (*zip(self.saved[:half], self.saved[half : 2 * half], strict=True), *memo.items()):
            held.__setitem__(self.shown, key, value)


class OfInstance(OfDict):
    """The attributes of an instance, and its class."""

    __slots__ = ("instance",)

    def __init__(self, instance: Any, held: dict[Any, Any], but: frozenset[str]) -> None:
        self.instance = instance
        super().__init__(held, but)

    def look(self) -> Any:
        return [*super().look(), type(self.instance)]

    def restore(self) -> None:
        if type(self.instance) is not self.saved[-1]:
            self.instance.__class__ = self.saved[-1]
        super().restore()


class OfFunction(Picture):
    """A function's code and the defaults of its parameters."""

    __slots__ = ()
    _PARTS = ("__code__", "__defaults__", "__kwdefaults__")

    def look(self) -> Any:
        return [getattr(self.shown, part) for part in self._PARTS]

    def restore(self) -> None:
        for part, value in zip(self._PARTS, self.saved, strict=True):
            setattr(self.shown, part, value)


class OfSet(Picture):
    __slots__ = ()

    def look(self) -> Any:
        return {id(one): one for one in set.__iter__(self.shown)}

    def same(self) -> bool:
        return bool(self.look().keys() == self.saved.keys())

    def restore(self) -> None:
        now = self.look()
        for at in now.keys() - self.saved.keys():
            set.discard(self.shown, now[at])
        for at in self.saved.keys() - now.keys():
            set.add(self.shown, self.saved[at])


class OfDeque(Picture):
    __slots__ = ()

    def restore(self) -> None:
        deque.clear(self.shown)
        deque.extend(self.shown, self.saved)


class OfBytes(Picture):
    """A bytearray, or an array of the standard library."""

    __slots__ = ()

    def __init__(self, shown: Any) -> None:
        super().__init__(shown)
        self.cost = 0.3e-6 + SECONDS_A_BYTE * len(self.saved)

    def look(self) -> Any:
        return bytes(self.shown)

    def same(self) -> bool:
        return bool(self.look() == self.saved)

    def restore(self) -> None:
        self.shown[:] = self.saved if isinstance(self.shown, bytearray) else array(self.shown.typecode, self.saved)


class OfBuffer(Picture):
    """Memory of ctypes."""

    __slots__ = ()

    def look(self) -> Any:
        return bytes(self.shown)

    def same(self) -> bool:
        return bool(self.look() == self.saved)

    def restore(self) -> None:
        memoryview(self.shown).cast("B")[:] = self.saved


class OfMemory(Picture):
    """A numpy array."""

    __slots__ = ("hashed",)

    def __init__(self, shown: Any) -> None:
        self.hashed = shown.nbytes > COPIED and not shown.dtype.hasobject
        super().__init__(shown)
        self.cost = 1e-6 + (30e-9 * shown.size if shown.dtype.hasobject else SECONDS_A_BYTE * shown.nbytes)

    def look(self) -> Any:
        numpy = sys.modules["numpy"]
        form = self.shown.shape, self.shown.strides, self.shown.dtype, self.shown.flags.writeable
        plain = self.shown.view(numpy.ndarray)
        if plain.dtype.hasobject:
            return (plain.ravel().tolist() if plain.dtype.names is None else []), form, plain.copy(order="K")
        if self.hashed:
            return content_hash([numpy.ascontiguousarray(plain).view(numpy.uint8).reshape(-1).data]), form
        return plain.tobytes("A"), form

    def same(self) -> bool:
        now = self.look()
        same = _identical(now[0], self.saved[0]) if len(now) == 3 else now[0] == self.saved[0]
        return bool(same and now[1] == self.saved[1])

    def restore(self) -> None:
        numpy = sys.modules["numpy"]
        shape, _, dtype, writeable = self.saved[1]
        self.shown.flags.writeable = True
        if self.shown.dtype != dtype:
            self.shown.dtype = dtype
        if self.shown.shape != shape:
            with Silence(__name__):  # numpy 2.5 wants a new array instead; here it is about this one
                self.shown.shape = shape
        plain = self.shown.view(numpy.ndarray)
        if plain.dtype.hasobject:
            plain[...] = self.saved[2]
        elif not self.hashed:
            order = "F" if plain.flags.fnc else "C"
            plain[...] = numpy.frombuffer(self.saved[0], plain.dtype).reshape(plain.shape, order=order)
        self.shown.flags.writeable = writeable


class OfTable(Picture):
    """Which columns a table of pandas has, and where they are; what is in them is memory of its own."""

    __slots__ = ("places",)

    def __init__(self, shown: Any) -> None:
        super().__init__(shown)
        self.places = [block.mgr_locs for block in shown._mgr.blocks]

    def look(self) -> Any:
        manager = self.shown._mgr
        return [manager, *manager.blocks, *manager.axes]

    def restore(self) -> None:
        manager = self.saved[0]
        count = len(self.places)
        manager.blocks, manager.axes[:] = tuple(self.saved[1 : 1 + count]), self.saved[1 + count :]
        for block, place in zip(manager.blocks, self.places, strict=True):
            block.mgr_locs = place
        if hasattr(manager, "_rebuild_blknos_and_blklocs"):
            manager._rebuild_blknos_and_blklocs()
        object.__setattr__(self.shown, "_mgr", manager)
        getattr(self.shown, "_clear_item_cache", lambda: None)()


class OfSlots(Picture):
    """The slots of an instance."""

    __slots__ = ("slots",)

    def __init__(self, shown: Any, slots: list[Any]) -> None:
        self.slots = slots
        super().__init__(shown)

    def look(self) -> Any:
        return [_slot(one, self.shown) for one in self.slots]

    def restore(self) -> None:
        for slot, now, value in zip(self.slots, self.look(), self.saved, strict=True):
            if value is ABSENT and now is not ABSENT:
                slot.__delete__(self.shown)
            elif now is not value:
                slot.__set__(self.shown, value)


class OfCell(Picture):
    """A variable of a closure."""

    __slots__ = ()

    def look(self) -> Any:
        return [contents(self.shown)]

    def restore(self) -> None:
        if self.saved[0] is not ABSENT:
            self.shown.cell_contents = self.saved[0]
        elif contents(self.shown) is not ABSENT:
            del self.shown.cell_contents


class OfClass(Picture):
    """The attributes of a class."""

    __slots__ = ()

    def look(self) -> Any:
        return {name: value for name, value in self.shown.__dict__.items() if name not in _OF_INTERPRETER}

    def same(self) -> bool:
        now = self.look()
        return len(now) == len(self.saved) and all(now.get(name, ABSENT) is one for name, one in self.saved.items())

    def restore(self) -> None:
        now = self.look()
        for name in now.keys() - self.saved.keys():
            type.__delattr__(self.shown, name)
        for name, value in self.saved.items():
            if now.get(name, ABSENT) is not value:
                type.__setattr__(self.shown, name, value)


class OfNames(Picture):
    """What some names stand for in a notebook or module."""

    __slots__ = ("names",)

    def __init__(self, shown: dict[str, Any], names: list[str]) -> None:
        self.names = names
        super().__init__(shown)

    def look(self) -> Any:
        return [self.shown.get(name, ABSENT) for name in self.names]

    def restore(self) -> None:
        for name, value in zip(self.names, self.saved, strict=True):
            if value is ABSENT:
                self.shown.pop(name, None)
            elif self.shown.get(name, ABSENT) is not value:
                self.shown[name] = value

    def differ(self) -> list[str]:
        """The names that stand for something else."""
        return [name for name, now, was in zip(self.names, self.look(), self.saved, strict=True) if now is not was]


def contents(cell: CellType) -> Any:
    """What a closure's variable stands for, ABSENT if it is unbound."""
    with contextlib.suppress(ValueError):
        return cell.cell_contents
    return ABSENT


def _slot(slot: Any, shown: Any) -> Any:
    with contextlib.suppress(AttributeError):
        return slot.__get__(shown)
    return ABSENT


def _identical(some: Any, others: Any) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


def unlike(pictures: list[Picture]) -> list[Picture]:
    """Those that are no longer true."""
    found = []
    for picture in pictures:
        try:
            if picture.same():
                continue
        except Exception:  # it changes while it is looked at
            pass
        found.append(picture)
    return found
