"""A value as text: types, order, floats to the bit, who shares what with whom, and how far iterators got.

Two portraits are equal if no program could tell the values apart, but for addresses, and for the identity of numbers,
strings and tuples that a cell made.
"""

from __future__ import annotations

import functools
import io
import re
import struct
import types
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
PLAIN = (int, str, bytes, bool, type(None), type(...), type(NotImplemented), range, slice)
NOTE = re.compile(r"^in iteration \d+, item ")
DRAINED = 40
"""Values taken from a generator or iterator to see where it stood."""


class Portraits:
    """Portraits of values that share numbers for shared objects. Keeps what it has seen alive."""

    def __init__(self) -> None:
        self.old: dict[int, int] = {}
        self.numbers: dict[int, int] = {}
        self.memories: dict[int, str] = {}
        self.alive: list[Any] = []
        self.lazy: list[Any] = []

    def before(self, roots: Iterable[Any]) -> None:
        """Number what is there before a cell runs: these objects are known again, whatever has become of them."""
        for root in roots:
            self.of(root)
        self.old, self.numbers = self.numbers, {}
        self.memories = {key: f"old {number}" for number, key in enumerate(self.memories)}
        self.lazy.clear()

    def memory(self, owner: Any) -> str:
        """A name for an array's memory: arrays that share it have the same."""
        self.alive.append(owner)
        return self.memories.setdefault(id(owner), f"{len(self.memories)}")

    def of(self, value: Any) -> Any:
        if type(value) in PLAIN:
            return type(value).__name__, repr(value)
        if isinstance(value, (float, complex)) and type(value) in (float, complex):
            parts = (value,) if isinstance(value, float) else (value.real, value.imag)
            return type(value).__name__, *(struct.pack(">d", part).hex() for part in parts)
        if isinstance(value, types.ModuleType):
            return "module", value.__name__
        if isinstance(value, type) and value.__module__ not in ("__main__", "__console__"):
            return "class", value.__module__, value.__qualname__
        if isinstance(value, types.FunctionType) and value.__module__ != "__main__":
            return "function", value.__module__, value.__qualname__
        return self._known(value) or self._new(value)

    def _known(self, value: Any) -> Any:
        if id(value) in self.numbers:
            return None if _plain_tuple(value) else f"#{self.numbers[id(value)]}"
        self.alive.append(value)
        self.numbers[id(value)] = len(self.numbers)
        return None

    def _new(self, value: Any) -> Any:
        mark = f"old {self.old[id(value)]}" if id(value) in self.old else "" if _plain_tuple(value) else "new"
        return mark, type(value).__qualname__, *self._content(value)

    def _content(self, value: Any) -> list[Any]:
        for kind, content in CONTENTS:
            if isinstance(value, kind):
                return [content(self, value), *self._attributes(value)]
        module = type(value).__module__.partition(".")[0]
        if module == "numpy":
            return [_numpy(self, value)]
        if module == "pandas":
            return [_pandas(self, value)]
        if isinstance(value, Iterable) and hasattr(value, "__next__") and not isinstance(value, io.IOBase):
            self.lazy.append(value)
            return []
        own = self._attributes(value)
        if own and type(value).__repr__ is object.__repr__:
            return own
        return [*own, _repr(value)]

    def _attributes(self, value: Any) -> list[Any]:
        found = []
        try:
            attributes = dict(object.__getattribute__(value, "__dict__"))
        except (AttributeError, TypeError):
            attributes = {}
        if attributes and not isinstance(value, (type, types.FunctionType, BaseException)):
            found.append([(name, self.of(held)) for name, held in attributes.items()])
        for kind in type(value).__mro__:
            slots = kind.__dict__.get("__slots__", ()) if kind.__module__ == "__main__" else ()
            for name in [slots] if isinstance(slots, str) else slots:
                held = kind.__dict__.get(name)
                if isinstance(held, types.MemberDescriptorType):
                    try:
                        found.append((name, self.of(held.__get__(value))))
                    except AttributeError:
                        found.append((name, "unset"))
        return found

    def drained(self) -> list[Any]:
        """What the iterators met so far still give. They are at their end, or further on, afterwards."""
        found = []
        for iterator in list(self.lazy):
            left = []
            try:
                left += [self.of(value) for value in islice(iterator, DRAINED)]
            except Exception as error:
                left.append(repr(error))
            found.append(left)
        return found

    def error(self, error: BaseException | None, seen: frozenset[int] = frozenset()) -> Any:
        """An exception with all that a handler could look at, but for notes that paracell has added."""
        if error is None or id(error) in seen:
            return None
        seen = seen | {id(error)}
        attributes = {k: v for k, v in vars(error).items() if k not in ("__notes__", "_paracell")}
        parts = getattr(error, "exceptions", ())
        return (
            type(error).__module__,
            type(error).__qualname__,
            str(error),
            [self.of(argument) for argument in error.args],
            [(name, self.of(held)) for name, held in attributes.items()],
            [note for note in getattr(error, "__notes__", []) if not NOTE.search(note)],
            self.error(error.__cause__, seen),
            None if error.__suppress_context__ else self.error(error.__context__, seen),
            [self.error(part, seen) for part in parts] if isinstance(parts, tuple) else [],
        )


def _plain_tuple(value: Any) -> bool:
    """Whether identity is not looked at: tuples, numbers and strings."""
    return isinstance(value, (tuple, frozenset, int, float, str, bytes))


def _repr(value: Any) -> str:
    try:
        return ADDRESS.sub("0x", repr(value))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _items(portraits: Portraits, value: Any) -> Any:
    return [portraits.of(held) for held in list(value)]


def _set(portraits: Portraits, value: set[Any]) -> Any:
    """Their order is that of hashes and history: it is compared where hashes are small numbers."""
    items = list(value)
    if any(isinstance(held, (str, bytes)) for held in items):
        items.sort(key=repr)
    return [portraits.of(held) for held in items]


def _pairs(portraits: Portraits, value: dict[Any, Any]) -> Any:
    return [(portraits.of(key), portraits.of(held)) for key, held in list(dict.items(value))]


def _deque(portraits: Portraits, value: deque[Any]) -> Any:
    return value.maxlen, _items(portraits, value)


def _function(portraits: Portraits, value: types.FunctionType) -> Any:
    cells = []
    for name, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=True):
        if name == "__classdict__":
            continue  # from 3.14 on annotations hold their class's own dictionary, which is looked at as the class
        try:
            cells.append((name, portraits.of(cell.cell_contents)))
        except ValueError:
            cells.append((name, "empty"))
    return (
        value.__qualname__,
        value.__code__.co_firstlineno,
        portraits.of(value.__defaults__),
        portraits.of(value.__kwdefaults__),
        sorted(map(repr, value.__annotations__.items())),
        cells,
        _pairs(portraits, value.__dict__),
    )


def _method(portraits: Portraits, value: types.MethodType) -> Any:
    return portraits.of(value.__func__), portraits.of(value.__self__)


def _builtin(portraits: Portraits, value: types.BuiltinMethodType) -> Any:
    owner = value.__self__
    return value.__name__, None if isinstance(owner, types.ModuleType) else portraits.of(owner)


def _class(portraits: Portraits, value: type) -> Any:
    hidden = (
        "__dict__",
        "__weakref__",
        "__doc__",
        "__abstractmethods__",
        "_abc_impl",
        "__firstlineno__",
        "__slotnames__",
    )
    held = [(name, portraits.of(v)) for name, v in list(vars(value).items()) if name not in hidden]
    return value.__qualname__, [base.__name__ for base in value.__mro__], held


def _exception(portraits: Portraits, value: BaseException) -> Any:
    return portraits.error(value)


def _partial(portraits: Portraits, value: functools.partial[Any]) -> Any:
    return portraits.of(value.func), portraits.of(value.args), portraits.of(value.keywords)


def _property(portraits: Portraits, value: Any) -> Any:
    held = [getattr(value, name, None) for name in ("fget", "fset", "fdel", "__func__")]
    return [portraits.of(one) for one in held]


def _wrapper(portraits: Portraits, value: Any) -> Any:
    return portraits.of(value.__wrapped__), value.cache_info().maxsize


def _numpy(portraits: Portraits, value: Any) -> Any:
    if not hasattr(value, "__array_interface__"):
        return _repr(value)
    if not hasattr(value, "base"):
        return value.dtype.str, value.tobytes().hex()
    memory = value
    while type(getattr(memory, "base", None)) is type(value):
        memory = memory.base
    shared = portraits.memory(memory)
    if value.ndim == 0 and type(value).__name__ != "ndarray":
        return value.dtype.str, value.tobytes().hex()
    content = value.tobytes().hex() if value.dtype != object else [portraits.of(held) for held in value.ravel()]
    order = value.flags.c_contiguous, value.flags.f_contiguous, value.flags.writeable
    return shared, repr(value.dtype), value.shape, order, content


def _pandas(portraits: Portraits, value: Any) -> Any:
    if type(value).__name__ == "DataFrame":
        columns = [_pandas(portraits, value.iloc[:, at]) for at in range(value.shape[1])]
        return repr(value.columns), repr(value.index), columns
    if type(value).__name__ == "Series":
        return repr(value.name), repr(value.dtype), repr(value.index), [portraits.of(held) for held in value]
    return _repr(value)


CONTENTS: list[tuple[Any, Callable[[Portraits, Any], Any]]] = [
    (dict, _pairs),
    (deque, _deque),
    ((set, frozenset), _set),
    ((list, tuple), _items),
    ((bytearray, int, float, complex, str, bytes), lambda portraits, value: repr(value)),
    (types.FunctionType, _function),
    (types.MethodType, _method),
    (types.BuiltinMethodType, _builtin),
    (BaseException, _exception),
    (type, _class),
    (functools.partial, _partial),
    ((property, staticmethod, classmethod), _property),
    (functools._lru_cache_wrapper, _wrapper),
]
