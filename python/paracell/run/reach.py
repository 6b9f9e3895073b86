"""Everything that some objects reach: attributes, items, closures, defaults, bound methods, the globals of functions.

References come from the garbage collector's own traversal, which no class can hide from and no property can run in;
what it does not show (arrays' bases and objects, weak references, memoryviews) is added by type.
"""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import (
    BuiltinFunctionType,
    CodeType,
    FrameType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

from paracell.attributes import attribute

from ..installed import is_library
from ..ship.codes import reach

MOST = 1_000_000
"""Objects that are looked at before the answer is that nobody knows."""
ATOMS = frozenset(
    {int, float, complex, str, bytes, bool, type(None), type(...), type(NotImplemented), range, slice, CodeType,
     FrameType, GetSetDescriptorType, MemberDescriptorType, WrapperDescriptorType}
)  # fmt: skip
_plain: dict[str, bool] = {}


class Unbounded(Exception):
    """More objects than ``MOST``."""


def is_users(module: str | None) -> bool:
    """Whether the module of this name is the notebook, or the user's own file."""
    if module == "__main__":
        return True
    found = sys.modules.get(module or "")
    path = getattr(found, "__file__", None)
    return isinstance(path, str) and not is_library(path) and "paracell" not in path


class Reach:
    """What `roots` reach: ``objects`` by identity, the roots among them. `code`: also what code names, and classes."""

    def __init__(self, roots: Iterable[Any], code: bool, apart: Iterable[Any] = ()) -> None:
        self.code = code
        self.objects: dict[int, Any] = {}
        self._apart = {id(one) for one in apart}
        self._kinds: dict[type, Callable[[Any], list[Any]] | None] = {}
        try:
            self._walk([root for root in roots if type(root) not in ATOMS])
        finally:
            self._kinds.clear()  # its bound methods would make a cycle, which keeps everything until it is collected

    def _walk(self, front: list[Any]) -> None:
        objects, kinds = self.objects, self._kinds
        while front:
            waiting: list[Any] = []
            plain: list[Any] = []
            for one in front:
                if id(one) in objects or id(one) in self._apart:
                    continue
                objects[id(one)] = one
                kind = type(one)
                if kind not in kinds:
                    kinds[kind] = self._handler(one)
                handler = kinds[kind]
                if handler is None:
                    plain.append(one)
                else:
                    waiting += handler(one)
            if len(objects) > MOST:
                raise Unbounded
            for at in range(0, len(plain), 10_000):
                waiting += gc.get_referents(*plain[at : at + 10_000])
            front = [one for one in waiting if type(one) not in ATOMS]

    def _handler(self, one: Any) -> Callable[[Any], list[Any]] | None:
        if isinstance(one, FunctionType):
            return self._function
        if isinstance(one, BuiltinFunctionType):
            return _bound
        if isinstance(one, type):
            return self._class
        if isinstance(one, ModuleType):
            return self._module
        if isinstance(one, weakref.ReferenceType):
            return lambda ref: [ref()]
        if isinstance(one, memoryview):
            return _viewed
        if type(one).__name__ == "BlockValuesRefs":
            return lambda _: []  # pandas' own table of who shares memory: what shares it is seen by its memory
        if hasattr(type(one), "__array_interface__"):
            return _array
        return None

    def _function(self, function: FunctionType) -> list[Any]:
        found = [function.__closure__, function.__defaults__, function.__kwdefaults__, function.__dict__]
        if self.code and is_users(function.__module__):
            names, namespace = reach(function.__code__), function.__globals__
            found += [namespace[name] for name in (*names.globals, *names.text) if name in namespace]
        return found

    def _class(self, cls: type) -> list[Any]:
        if not self.code or not is_users(cls.__module__):
            return []
        return [*cls.__dict__.values(), *cls.__mro__[1:-1]]

    def _module(self, module: ModuleType) -> list[Any]:
        if not self.code or module.__name__ == "__main__" or not is_users(module.__name__):
            return []
        return [value for name, value in module.__dict__.items() if not name.startswith("__")]


def named(reads: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(what it is called, object) of what code can name: `reads`, and what functions and classes among them name."""
    waiting = [(f"'{name}'", value) for name, value in reads.items()]
    seen: set[int] = set()
    while waiting:
        name, value = waiting.pop()
        if type(value) in ATOMS or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, FunctionType):
            waiting += [(f"what {value.__name__}() holds", one) for one in _held(value)]
            if is_users(value.__module__):
                names = reach(value.__code__)
                waiting += [(f"'{n}'", value.__globals__[n]) for n in names.globals if n in value.__globals__]
        elif isinstance(value, type):
            if is_users(value.__module__):
                waiting += [(f"'{value.__name__}.{key}'", one) for key, one in value.__dict__.items()]
                waiting += [(name, base) for base in value.__mro__[1:-1]]
        elif isinstance(value, (MethodType, staticmethod, classmethod)):
            waiting.append((name, value.__func__))
        elif isinstance(value, property):
            waiting += [(name, one) for one in (value.fget, value.fset) if one is not None]
        elif isinstance(value, partial):
            waiting += [(name, one) for one in (value.func, *value.args, *value.keywords.values())]
        elif callable(value) and isinstance(attribute(value, "__wrapped__"), FunctionType):
            waiting.append((name, value.__wrapped__))
            yield name, value
        else:
            yield name, value


def _held(function: FunctionType) -> list[Any]:
    found = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    for cell in function.__closure__ or ():
        try:
            found.append(cell.cell_contents)
        except ValueError:
            continue
    return found


def _viewed(view: memoryview) -> list[Any]:
    try:
        return [view.obj]
    except ValueError:  # it has been released
        return []


def _bound(function: Any) -> list[Any]:
    """What a method of a built-in object is bound to: ``log`` of ``log.append``."""
    holder = function.__self__
    return [] if holder is None or isinstance(holder, (ModuleType, type)) else [holder]


def _array(array: Any) -> list[Any]:
    found = gc.get_referents(array)
    found.append(getattr(array, "base", None))
    if getattr(getattr(array, "dtype", None), "hasobject", False):
        found += array.ravel().tolist() if array.dtype.names is None else [list(map(list, array.ravel().tolist()))]
    return found
