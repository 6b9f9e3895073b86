"""The pickler of both sides: what the standard one does, and notebook code, modules and exceptions as they deserve.

Only objects that are no plain built-ins pass through Python code here (``reducer_override``); numbers, strings and
containers stay in C.
"""

from __future__ import annotations

import copyreg
import functools
import io
import pickle
import sys
import types
import weakref
from array import array
from collections import ChainMap
from collections.abc import Callable
from typing import Any, ClassVar

import cloudpickle.cloudpickle as cloud

from . import exceptions
from .buffers import Sink, reduce_array, reduce_memoryview
from .classes import reduce_class
from .functions import CachedType, reduce_cached, reduce_function
from .link import Link, current, definition, notebook_module, using

_NOT_TAKEN_OVER = (io.TextIOWrapper, memoryview, types.ModuleType, types.CellType, types.CodeType)
"""Reducers of cloudpickle that would change the meaning (an open file becomes a copy of its text) or are done here."""


def _reduce_weak_keys(value: Any) -> tuple[Any, ...]:
    return type(value), (dict(value.items()),)


def _reduce_cached_property(value: Any) -> tuple[Any, ...]:
    # By its parts: before 3.12 it holds a lock.
    return make_cached_property, (value.func, value.attrname, value.__doc__)


def make_cached_property(func: Any, name: str | None, doc: str | None) -> Any:
    """Called by unpickling."""
    made: Any = functools.cached_property(func)
    made.attrname, made.__doc__ = name, doc
    return made


_table: dict[type, Callable[[Any], Any]] = {
    kind: reducer for kind, reducer in cloud.Pickler._dispatch_table.items() if kind not in _NOT_TAKEN_OVER
}
_table[memoryview] = reduce_memoryview
_table[array] = reduce_array
_table[functools.cached_property] = _reduce_cached_property
_table[weakref.WeakKeyDictionary] = _reduce_weak_keys
_table[weakref.WeakValueDictionary] = _reduce_weak_keys


def import_module(name: str) -> types.ModuleType:
    """Called by unpickling."""
    __import__(name)
    return sys.modules[name]


def make_module(name: str, attributes: dict[str, Any]) -> types.ModuleType:
    """Called by unpickling: a module that exists in no file."""
    made = types.ModuleType(name)
    made.__dict__.update(attributes)
    return made


def make_exception(parts: list[dict[str, Any]]) -> BaseException:
    """Called by unpickling."""
    return exceptions.unpack(parts, pickle.loads)


def standard_stream(name: str) -> Any:
    """Called by unpickling: this process's own stdout or stderr."""
    return getattr(sys, name)


def shared_source(module: str, name: str) -> Any:
    """Called by unpickling: what a module's own functions draw from."""
    __import__(module)
    return getattr(sys.modules[module], name)


class Pickler(pickle.Pickler):
    """Protocol 5 with out-of-band buffers. `link` decides what travels as a number and what by value."""

    dispatch_table: ClassVar[Any] = ChainMap(_table, copyreg.dispatch_table)  # type: ignore[misc,arg-type]

    def __init__(self, file: Any, link: Link, sink: Sink | None = None) -> None:
        super().__init__(file, 5, buffer_callback=sink)
        self.link = link
        # Plain functions: bound methods would make a cycle that keeps every pickled object until the next collection.
        self._kinds: dict[type, Callable[[Any, Any], Any] | None] = {}

    def reducer_override(self, obj: Any) -> Any:
        """Called by the C pickler for everything that is no exact built-in value."""
        kind = type(obj)
        try:
            handler = self._kinds[kind]
        except KeyError:
            handler = self._kinds[kind] = self._handler(kind)
        return NotImplemented if handler is None else handler(self, obj)

    def _handler(self, kind: type) -> Callable[[Any, Any], Any] | None:
        if kind is types.FunctionType:
            return Pickler._function
        if issubclass(kind, type):
            return Pickler._class
        if kind is CachedType:
            return Pickler._cached
        if issubclass(kind, types.ModuleType):
            return Pickler._module
        if issubclass(kind, BaseException):
            return Pickler._exception
        if kind is types.CellType:
            return Pickler._cell
        if kind.__name__ in ("Random", "RandomState"):
            return Pickler._random
        if issubclass(kind, io.IOBase) or kind.__name__ in ("OutStream", "Stream"):
            return Pickler._stream
        return None

    def _function(self, function: Any) -> Any:
        if cloud._should_pickle_by_reference(function):
            return NotImplemented
        number = self.link.refer(function)
        if number is not None:
            return definition, (number,)
        return reduce_function(function, self.link, None)

    def _class(self, cls: Any) -> Any:
        reduced = cloud._class_reduce(cls) if cls in _SPECIAL else None
        if reduced is not None:
            return reduced
        if cloud._should_pickle_by_reference(cls):
            return NotImplemented
        number = self.link.refer(cls)
        if number is not None:
            return definition, (number,)
        return reduce_class(cls, self.link, None, self.link.token(cls))

    def _cached(self, wrapper: Any) -> Any:
        inner = wrapper.__wrapped__
        while isinstance(inner, CachedType):
            inner = inner.__wrapped__
        module = sys.modules.get(getattr(wrapper, "__module__", None) or "")
        name = getattr(wrapper, "__qualname__", "")
        if isinstance(module, types.ModuleType) and module.__name__ != "__main__":
            try:
                if functools.reduce(getattr, name.split("."), module) is wrapper:
                    return NotImplemented
            except AttributeError:
                pass
        number = self.link.refer(wrapper)
        if number is not None:
            return definition, (number,)
        return reduce_cached(wrapper, self.link, None)

    def _module(self, module: Any) -> Any:
        if module is self.link.module or module.__dict__ is self.link.namespace:
            return notebook_module, ()
        name: str = module.__name__
        if sys.modules.get(name) is module:
            return import_module, (name,)
        attributes = {k: v for k, v in module.__dict__.items() if k not in ("__builtins__", "__loader__", "__spec__")}
        return make_module, (name, attributes)

    def _exception(self, exc: BaseException) -> Any:
        return make_exception, (exceptions.pack(exc, self._dump_part),)

    def _dump_part(self, value: Any) -> bytes:
        file = io.BytesIO()
        self.part(file).dump(value)
        return file.getvalue()

    def part(self, file: Any) -> Pickler:
        """A pickler for a part that must be able to fail alone; its buffers stay in the pickle."""
        return type(self)(file, self.link)

    def _cell(self, cell: Any) -> Any:
        # Only cells that are met as such (the cells of a function are packed with it).
        return cloud._cell_reduce(cell)

    def _stream(self, stream: Any) -> Any:
        if stream is sys.stdout:
            return standard_stream, ("stdout",)
        if stream is sys.stderr:
            return standard_stream, ("stderr",)
        return NotImplemented

    def _random(self, source: Any) -> Any:
        # The state behind a module's functions is each process's own; a copy would be another source.
        for module, name in _SHARED_SOURCES:
            if source is getattr(sys.modules.get(module), name, None):
                return shared_source, (module, name)
        return NotImplemented

    def embed(self, obj: Any, number: int | None) -> Any:
        """The reduce tuple of a definition itself, to be dumped through an ``Embedded``."""
        if isinstance(obj, types.FunctionType):
            return reduce_function(obj, self.link, number)
        if isinstance(obj, CachedType):
            return reduce_cached(obj, self.link, number)
        return reduce_class(obj, self.link, number, None)


_SHARED_SOURCES = (("random", "_inst"), ("numpy.random.mtrand", "_rand"))
_SPECIAL = frozenset({type(None), type(Ellipsis), type(NotImplemented), *cloud._BUILTIN_TYPE_NAMES})


class DefinitionPickler(Pickler):
    """Pickles one definition: that object by value, every other one by its number."""

    def __init__(self, file: Any, link: Link, sink: Sink | None, obj: Any, number: int | None) -> None:
        super().__init__(file, link, sink)
        self._root = obj
        self._number = number
        self._open = True

    def reducer_override(self, obj: Any) -> Any:
        if obj is self._root and self._open:
            self._open = False  # from here on the memo knows it
            return self.embed(obj, self._number)
        return super().reducer_override(obj)


def dump(obj: Any, link: Link, sink: Sink | None = None) -> bytes:
    """One pickle of `obj`."""
    file = io.BytesIO()
    with using(link):
        Pickler(file, link, sink).dump(obj)
    return file.getvalue()


__all__ = ["DefinitionPickler", "Pickler", "current", "dump"]
