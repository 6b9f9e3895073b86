"""The pickler of both sides: what the standard one does, and notebook code, modules and exceptions as they deserve.

Only objects that are no plain built-ins pass through Python code here (``reducer_override``); numbers, strings and
containers stay in C.
"""

from __future__ import annotations

import copyreg
import functools
import io
import itertools
import marshal
import pickle
import re
import sys
import types
import weakref
from collections.abc import Callable
from typing import Any, ClassVar

from paracell.attributes import is_finalized

from . import exceptions
from .buffers import Sink, reduce_array, reduce_memoryview
from .classes import reduce_class
from .codes import code_bytes
from .dictviews import VIEWS, reduce_view
from .functions import CachedType, reduce_cached, reduce_function
from .instances import drops_attributes, reduce_instance, reduce_with_attributes, runs_new
from .iterators import reduce_iterator
from .link import Link, current, definition, held, notebook_module, sentinel, using
from .views import is_array, reduce_strided

_NOT_TAKEN_OVER = (io.TextIOWrapper, memoryview, types.ModuleType, types.CellType, types.CodeType)
"""Reducers of cloudpickle that would change the meaning (an open file becomes a copy of its text) or are done here."""


def _reduce_weak_keys(value: Any) -> tuple[Any, ...]:
    return type(value), (dict(value.items()),)


def _reduce_cached_property(value: Any) -> tuple[Any, ...]:
    # By its parts: before 3.12 it holds a lock.
    return make_cached_property, (value.func, value.attrname, value.__doc__)


def _reduce_iso(value: Any) -> tuple[Any, ...]:
    # By itself it is pickled as a plain tuple.
    return make_iso, (value.year, value.week, value.weekday)


def make_iso(year: int, week: int, weekday: int) -> Any:
    """Called by unpickling."""
    import datetime

    return datetime.date.fromisocalendar(year, week, weekday).isocalendar()


def _reduce_code(code: types.CodeType) -> tuple[Any, ...]:
    return marshal.loads, (code_bytes(code),)


def make_cached_property(func: Any, name: str | None, doc: str | None) -> Any:
    """Called by unpickling."""
    made: Any = functools.cached_property(func)
    made.attrname, made.__doc__ = name, doc
    return made


def _reduce_pattern(pattern: re.Pattern[Any]) -> tuple[Any, ...]:
    # With the flags that were asked for: then it is the one that re.compile gives again.
    implied = re.UNICODE if isinstance(pattern.pattern, str) else 0
    return re.compile, (pattern.pattern, pattern.flags & ~implied)


def _reduce_match(match: re.Match[Any]) -> Any:
    for method in ("match", "search", "fullmatch"):
        if _same_match(getattr(match.re, method)(match.string, match.pos, match.endpos), match):
            return make_match, (method, match.re, match.string, match.pos, match.endpos)
    for number, one in enumerate(match.re.finditer(match.string, match.pos, match.endpos)):
        if _same_match(one, match):
            return make_match, (number, match.re, match.string, match.pos, match.endpos)
    return match.__reduce_ex__(5)  # which says that it cannot be pickled


def _same_match(one: re.Match[Any] | None, other: re.Match[Any]) -> bool:
    return one is not None and (one.regs, one.lastindex) == (other.regs, other.lastindex)  # type: ignore[attr-defined]


def make_match(how: str | int, pattern: re.Pattern[Any], text: Any, start: int, end: int) -> Any:
    """Called by unpickling: the match that this method gives, or that is found after so many others."""
    if isinstance(how, str):
        return getattr(pattern, how)(text, start, end)
    return next(itertools.islice(pattern.finditer(text, start, end), how, None))


_table: dict[type, Callable[[Any], Any]] = {
    memoryview: reduce_memoryview,
    re.Pattern: _reduce_pattern,
    re.Match: _reduce_match,
    types.CodeType: _reduce_code,
    functools.cached_property: _reduce_cached_property,
    weakref.WeakKeyDictionary: _reduce_weak_keys,
    weakref.WeakValueDictionary: _reduce_weak_keys,
}
_OF_MODULES = {("array", "array"): reduce_array, ("datetime", "IsoCalendarDate"): _reduce_iso}
"""By the names of types whose modules may not be loaded."""
_VALUES = frozenset({"complex", "datetime", "date", "time", "timedelta", "Decimal", "Fraction", "UUID"})
"""Names of types that results are full of, and for which cloudpickle has nothing."""


class _Reducers(dict[type, "Callable[[Any], Any] | None"]):
    """How instances of a type are reduced: ours, then cloudpickle's, then those registered with ``copyreg``.

    cloudpickle comes with inspect, dataclasses and platform, a fifth of what a worker starts with, and has reducers for
    types of the standard library alone: it is loaded when one of those is met."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        found = _table.get(kind) or _OF_MODULES.get((kind.__module__, kind.__qualname__)) or self._clouds(kind)
        if found is not None:
            self[kind] = found
            return found
        return copyreg.dispatch_table[kind]  # which may get more at any time

    def _clouds(self, kind: type) -> Callable[[Any], Any] | None:
        if kind.__module__ not in sys.stdlib_module_names or kind.__qualname__ in _VALUES or kind in _NOT_TAKEN_OVER:
            return None
        return cloud().Pickler._dispatch_table.get(kind)  # type: ignore[no-any-return]


def cloud() -> Any:
    """The module cloudpickle."""
    import cloudpickle.cloudpickle

    return cloudpickle.cloudpickle


def by_reference(definition: Any) -> bool:
    """Whether a function or class is found under its name in its module."""
    module = getattr(definition, "__module__", None)
    if module == "__main__":
        return False
    if "cloudpickle" not in sys.modules:  # so nobody has told it to pickle modules by value
        found: Any = sys.modules.get(str(module))
        for name in getattr(definition, "__qualname__", "").split("."):
            found = getattr(found, name, None)
        if found is definition:
            return True
    return bool(cloud()._should_pickle_by_reference(definition))


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

    dispatch_table: ClassVar[Any] = _Reducers()  # type: ignore[misc]

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
        held = self.link.held
        return Pickler._held if held is not None and kind in held.kinds else self._usual(kind)

    def _held(self, obj: Any) -> Any:
        assert self.link.held is not None
        number = self.link.held.number(obj)
        if number is not None:
            return held, (number,)
        usual = self._usual(type(obj))
        return NotImplemented if usual is None else usual(self, obj)

    def _usual(self, kind: type) -> Callable[[Any, Any], Any] | None:
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
        if is_array(kind):
            return Pickler._array
        if kind.__module__ == "itertools":
            return Pickler._iterator
        if kind is object:
            return Pickler._sentinel
        if kind in VIEWS and self.link.returns:
            return Pickler._view
        if type(kind).__name__ == "_DTypeMeta":
            return Pickler._dtype
        if is_finalized(kind):
            return Pickler._finalized
        if runs_new(kind):
            return Pickler._instance
        if drops_attributes(kind):
            return Pickler._with_attributes
        return None

    def _function(self, function: Any) -> Any:
        if by_reference(function):
            return NotImplemented
        number = self.link.refer(function)
        if number is not None:
            return definition, (number,)
        return reduce_function(function, self.link, None)

    def _class(self, cls: Any) -> Any:
        reduced = cloud()._class_reduce(cls) if cls in _SPECIAL else None
        if reduced is not None:
            return reduced
        if by_reference(cls):
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

    def _dump_part(self, value: Any) -> bytes | exceptions.Along:
        file = io.BytesIO()
        self.part(file).dump(value)
        return file.getvalue()

    def part(self, file: Any) -> Pickler:
        """A pickler for a part that must be able to fail alone; its buffers stay in the pickle."""
        return type(self)(file, self.link)

    def _cell(self, cell: Any) -> Any:
        # Only cells that are met as such (the cells of a function are packed with it).
        return cloud()._cell_reduce(cell)

    def _stream(self, stream: Any) -> Any:
        if stream is sys.stdout:
            return standard_stream, ("stdout",)
        if stream is sys.stderr:
            return standard_stream, ("stderr",)
        return NotImplemented

    def _array(self, array: Any) -> Any:
        return reduce_strided(array)

    def _iterator(self, obj: Any) -> Any:
        return reduce_iterator(obj)

    def _view(self, view: Any) -> Any:
        return reduce_view(view)

    def _sentinel(self, obj: object) -> Any:
        number = self.link.sentinel(obj)
        return NotImplemented if number is None else (sentinel, (number,))

    def _dtype(self, dtype: Any) -> Any:
        # There is one of each of numpy's own, and it is to stay the one.
        make = sys.modules["numpy"].dtype
        return (make, (dtype.str,)) if dtype.isbuiltin == 1 and make(dtype.str) is dtype else NotImplemented

    def _finalized(self, value: Any) -> Any:
        # It removes the file, or closes the account, that the notebook's object still has.
        raise pickle.PicklingError("a copy would run __del__() as well")

    def _instance(self, value: Any) -> Any:
        return reduce_instance(value)

    def _with_attributes(self, value: Any) -> Any:
        return reduce_with_attributes(value)

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
_SPECIAL = frozenset(
    {type(None), type(Ellipsis), type(NotImplemented), *(t for t in vars(types).values() if type(t) is type)}
)


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
