"""Kernel side: everything that a function reaches, transitively, in its present version."""

from __future__ import annotations

import builtins
import io
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable
from enum import Enum
from functools import cached_property
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

from ..cell.memo import acts, kept
from .buffers import Sink
from .codes import reach, source
from .definitions import Definition, Registry
from .errors import ShipError, type_name
from .functions import CachedType
from .hashes import observed_hash
from .hashing import flat
from .identity import WriterObjects
from .items import Known, check_orders
from .link import Link
from .paths import ship_error
from .pickler import Pickler, by_reference
from .trailer import behind

_ATOMS = frozenset({int, float, complex, bool, str, bytes, type(None), type(Ellipsis)})
_MOST_ATOM = 256
"""Longer strings and larger numbers travel as values of their own."""

_ID = (
    "`id()` gives other numbers in a worker process, which has copies of the notebook's objects. "
    "Use `%%parallel threads`, or a number or name of your own for each object."
)
_HASH = (
    "`__hash__()` may give other numbers in a worker process, which has the notebook's objects elsewhere. "
    "Use `hash()`, or `%%parallel threads`."
)
_ONCE = (
    "`{0}()` keeps what it has computed, and {1}, which is to happen once for each argument and would happen in each "
    "worker process. Let `{0}()` only compute, and do that in the loop."
)
_STANDARD = frozenset({"builtins", "io", "_io", "_sitebuiltins", "os"})
_SHELL = frozenset({"get_ipython", "display", "exit", "quit"})
"""Builtins of IPython's, which workers have in their own way."""

_MOST_SENTINELS = 10_000
"""Plain ``object()``s that are known by number; they are kept for as long as the kernel runs."""

_SHARED_NAMES = frozenset({"ndarray", "Generator", "RandomState", "Random"})
_SHARED = frozenset({list, dict, set, bytearray, deque, OrderedDict, defaultdict})


class Value:
    """One pickled global, or several that share objects. Names what it shares with definitions."""

    __slots__ = ("buffers", "held", "looked", "names", "objects", "packed", "payload")

    def __init__(
        self,
        names: tuple[str, ...],
        objects: tuple[Any, ...],
        link: Link,
        known: Known | None = None,
        look: bool = True,
    ) -> None:
        """`look`: at the order of its sets."""
        packed = (known or Known()).pack(objects[0] if len(objects) == 1 else objects, link, look)
        self.looked = look
        self.packed = packed
        self.names = names
        self.objects = objects
        self.held = packed.objects
        self.payload = packed.payload + behind(packed.beside)
        self.buffers = packed.buffers

    @property
    def nbytes(self) -> int:
        return len(self.payload) + sum(buffer.nbytes for buffer in self.buffers)

    def ids(self) -> Iterable[int]:
        """Identities of the objects that are in it, and that others could hold."""
        if len(self.objects) == 1 and flat(self.objects[0]):
            return [id(self.objects[0])]
        return self.held.memo


class KernelLink(Link):
    """The kernel's link: refers to every notebook definition by number and tells the collector in charge."""

    def __init__(self, module: ModuleType, namespace: dict[str, Any], registry: Registry) -> None:
        super().__init__(module, namespace)
        self.registry = registry
        self.collector: Collector | None = None
        self._sentinels: dict[int, tuple[int, object]] = {}
        self._by_number: list[object] = []

    def source_of(self, code: CodeType) -> tuple[int, str] | None:
        return source(code)

    def sentinel(self, obj: object) -> int | None:
        found = self._sentinels.get(id(obj))
        if found is None:
            if len(self._by_number) >= _MOST_SENTINELS:
                return None
            found = self._sentinels[id(obj)] = (len(self._by_number), obj)
            self._by_number.append(obj)
        return found[0]

    def sentinel_of(self, number: int) -> object:
        return self._by_number[number]

    def refer(self, obj: Any) -> int | None:
        found = self.registry.of(obj)
        if self.collector is not None:
            self.collector.need(found, obj)
        return found.number

    def reached(self, code: CodeType) -> None:
        if self.collector is not None:
            self.collector.reached(code)

    def lookup(self, number: int) -> Any:
        return self.registry.object(number)


class Collector:
    """Follows names and definitions until nothing new turns up. ShipError for what cannot travel."""

    def __init__(self, link: KernelLink, epoch: int, known: Collector | None = None) -> None:
        self.link = link
        self.epoch = epoch
        self.definitions: dict[int, Definition] = {}
        self.held: list[Any] = []
        """Keeps the objects of the definitions alive while results may refer to them."""
        self.parts: dict[int, WriterObjects] = {}
        """What the definitions hold (defaults, closures, class attributes), by their numbers."""
        self.atoms: dict[str, Any] = {}
        self.modules: dict[str, str] = {}
        self.bound: dict[str, int] = {}
        self.values: dict[str, Value] = {}
        self.attributes: set[str] = set()
        self._walked: set[str] = set()
        """Names of globals that code does more with than to ask what is in them."""
        self.imports: set[str] = set()
        """Modules that the import statements of its functions name."""
        self._names: dict[str, bool] = {}
        self._pending_names: list[str] = []
        self._pending_definitions: list[tuple[Definition, Any]] = []
        self._codes: set[int] = set()
        self._known = known

    def need(self, found: Definition, obj: Any) -> None:
        """A pickle refers to this definition."""
        if found.number in self.definitions or (self._known is not None and found.number in self._known.definitions):
            return
        self.definitions[found.number] = found
        self.held.append(obj)
        self._pending_definitions.append((found, obj))

    def reached(self, code: CodeType) -> None:
        """A function with this code, on the notebook's namespace, is being pickled."""
        if id(code) in self._codes:
            return
        self._codes.add(id(code))
        names = reach(code)
        self._walked.update(names.walked, names.text)
        if names.asks_hash:
            raise ShipError(_HASH, "__hash__", "method")
        self.attributes |= names.attributes
        self.imports.update(names.imports)
        for name in names.globals:
            self._name(name, hard=True)
        for name in names.text:
            self._name(name, hard=False)

    def _name(self, name: str, hard: bool) -> None:
        known = self._names.get(name)
        if known is None:
            if self._known is not None and name in self._known._names:
                return
            self._pending_names.append(name)
        self._names[name] = bool(known) or hard

    def run(self) -> None:
        """Collect until nothing is pending."""
        while self._pending_names or self._pending_definitions:
            while self._pending_definitions:
                found, obj = self._pending_definitions.pop()
                self._definition(found, obj)
            while self._pending_names:
                self._global(self._pending_names.pop())
        self._look()
        self._once()
        self._apart()
        self._merge()
        self._refer()
        self._orders()

    @property
    def pending(self) -> bool:
        return bool(self._pending_names or self._pending_definitions)

    def _definition(self, found: Definition, obj: Any) -> None:
        try:
            held = found.refresh(self.link, self.epoch)
        except Exception as error:
            raise ship_error(obj, getattr(obj, "__qualname__", "function"), self.dumps, error) from error
        if held is not None:
            self.parts[found.number] = held

    def _global(self, name: str) -> None:
        if name.startswith("__") and name.endswith("__"):
            return
        namespace = self.link.namespace
        if name in namespace:
            value = namespace[name]
        elif name == "id":
            raise ShipError(_ID, "id", "builtin_function_or_method")
        elif patched(name):
            value = vars(builtins)[name]
        elif name == "hash":
            self.atoms[name] = observed_hash
            return
        else:
            return
        kind = type(value)
        if kind in _ATOMS and sys.getsizeof(value) <= _MOST_ATOM:
            self.atoms[name] = value
        elif isinstance(value, ModuleType) and self._importable(value):
            self.modules[name] = value.__name__
        elif self._is_definition(value):
            number = self.link.refer(value)
            assert number is not None
            self.bound[name] = number
        else:
            self._value(name, value)

    def _importable(self, module: ModuleType) -> bool:
        return sys.modules.get(module.__name__) is module and module is not self.link.module

    def _is_definition(self, value: Any) -> bool:
        if isinstance(value, FunctionType | type):
            try:
                return not by_reference(value)
            except Exception:
                return False
        return type(value) is CachedType and getattr(value, "__module__", None) == "__main__"

    def _value(self, name: str, value: Any) -> None:
        try:
            look = not isinstance(value, (set, frozenset)) or name in self._walked
            self.values[name] = Value((name,), (value,), self.link, None, look)
        except Exception as error:
            if self._names[name]:
                raise ship_error(value, name, self.dumps, error) from error

    def dumps(self, value: Any) -> None:
        """Pickle for the sake of the exception."""
        Pickler(io.BytesIO(), self.link, Sink()).dump(value)

    def _apart(self) -> None:
        """ShipError if two functions or classes hold one object that only it is equal to: each would get its own."""
        owner: dict[int, int] = {}
        for number, held in self.parts.items():
            for at in owner.keys() & held.memo.keys():
                place, obj = held.memo[at]
                if place < held.primed or not only_itself(type(obj)):
                    continue
                one, other = self.link.lookup(owner[at]), self.link.lookup(number)
                if at not in self._in_common_cells(one, other):
                    raise ShipError(_held_twice(one, other, obj), getattr(other, "__qualname__", ""), type_name(obj))
            owner.update(dict.fromkeys(held.memo, number))

    def _in_common_cells(self, *functions: Any) -> set[int]:
        """Identities of what functions hold in cells that they share, which they share in workers, too."""
        cells = [{id(cell): cell for cell in getattr(one, "__closure__", None) or ()} for one in functions]
        found: set[int] = set()
        for key in cells[0].keys() & cells[1].keys():
            writer = self.pickler(io.BytesIO(), Sink())
            writer.dump(cells[0][key].cell_contents)
            found.update(writer.memo.copy())  # type: ignore[attr-defined]
        return found

    def _look(self) -> None:
        """Sets that are walked after all."""
        for name, value in self.values.items():
            if not value.looked and name in self._walked:
                self.values[name] = Value(value.names, value.objects, self.link)

    def _once(self) -> None:
        """ShipError if something that is to happen once would happen in each worker: what a function does whose results
        are kept, besides computing them."""
        keeping: dict[type, list[Any]] = {}
        for obj in self.held:
            if type(obj) is CachedType:
                self._only_computes(obj, kept(obj))
            elif isinstance(obj, type):
                found = [one.func for one in vars(obj).values() if isinstance(one, cached_property)]
                if found:
                    keeping[obj] = found
        if not keeping:
            return
        for value in self.values.values():
            for obj in value.held.by_number.values():
                for base in type(obj).__mro__:
                    kept_here = (f for f in keeping.get(base, ()) if f.__name__ not in vars(obj))
                    self._only_computes(obj, kept_here)

    def _only_computes(self, obj: Any, functions: Iterable[Any]) -> None:
        for function in functions:
            what = acts(function, self.link.namespace)
            if what is not None:
                raise ShipError(_ONCE.format(function.__name__, what), function.__qualname__, type_name(obj))

    def _orders(self) -> None:
        """ShipError if a set would be walked in another order."""
        for first, value in list(self.values.items()):
            for name, root in zip(value.names, value.objects, strict=True):
                try:
                    check_orders(value.packed, root, name, self.pickler, name in self._walked)
                except ShipError:
                    if self._names.get(name, True):
                        raise
                    self.values.pop(first, None)

    def pickler(self, file: Any, sink: Sink) -> Pickler:
        """Pickles as values are pickled."""
        return Pickler(file, self.link, sink)

    def _merge(self) -> None:
        """Globals that share mutable objects travel together, so that they still share them."""
        if len(self.values) < 2:
            return
        owner: dict[int, str] = {}
        parent = {name: name for name in self.values}

        def root(name: str) -> str:
            while parent[name] != name:
                name = parent[name]
            return name

        for name, value in self.values.items():
            for key in _shareable_ids(value):
                first = owner.setdefault(key, name)
                if first != name:
                    parent[root(name)] = root(first)
        groups: dict[str, list[str]] = {}
        for name in self.values:
            groups.setdefault(root(name), []).append(name)
        for names in groups.values():
            if len(names) > 1:
                merged = Value(tuple(names), tuple(self.values.pop(n).objects[0] for n in names), self.link)
                self.values[names[0]] = merged

    def _refer(self) -> None:
        """Values name what functions and classes hold as well, so that it is one object in a worker, too."""
        known = Known()
        if not self.parts:
            return  # what values hold is not even looked at
        for number, held in self.parts.items():
            known.definition(number, held, self.definitions[number].version)
        for name, value in self.values.items():
            if known.among(value.ids()):
                self.values[name] = Value(value.names, value.objects, self.link, known, value.looked)


def patched(name: str) -> bool:
    """Whether the notebook has put something of its own into ``builtins`` under `name`."""
    found = vars(builtins)
    if name not in found or name in _SHELL or name.startswith("__"):
        return False
    value = found[name]
    if value is None or isinstance(value, (bool, type(...), type(NotImplemented))):
        return name not in ("None", "True", "False", "Ellipsis", "NotImplemented")
    kind = value if isinstance(value, (type, BuiltinFunctionType)) else type(value)
    if getattr(kind, "__module__", None) not in _STANDARD:
        return True
    same = getattr(value, "__name__", name) == name or (isinstance(value, type) and issubclass(value, OSError))
    return not same or (kind is type(value) and kind.__module__ == "builtins")


def _shareable_ids(value: Value) -> list[int]:
    """Identities in `value` that another global may hold as well, and that one could tell from copies."""
    root = value.objects[0]
    if flat(root):
        return [id(root)]
    held = value.held.by_number.values()
    return [id(obj) for obj in held if type(obj) is not str and _shareable(type(obj))]


def _shareable(kind: type) -> bool:
    if kind.__eq__ is object.__eq__ and kind.__module__ != "builtins" and not issubclass(kind, (type, Enum)):
        return True  # only the very object is equal
    return kind in _SHARED or kind.__module__ == "__main__" or kind.__name__ in _SHARED_NAMES


def only_itself(kind: type) -> bool:
    """Whether instances of the notebook's class `kind` are equal to none but themselves."""
    return kind.__module__ == "__main__" and kind.__eq__ is object.__eq__ and not issubclass(kind, (type, Enum))


def _held_twice(one: Any, other: Any, obj: Any) -> str:
    names = " and ".join(f"`{getattr(each, '__qualname__', each)}`" for each in (one, other))
    return (
        f"{names} hold the same `{type_name(obj)}`, which is equal to nothing but itself; in a worker process each "
        "would have one of its own. Let them use a global variable for it, or use `%%parallel threads`."
    )


_submodules: dict[tuple[str, int, int], tuple[frozenset[str], list[str]]] = {}


def submodules(modules: set[str], attributes: set[str]) -> list[str]:
    """Loaded submodules of `modules` that code naming `attributes` can get at (``scipy.stats`` by ``scipy``)."""
    found: list[str] = []
    wanted = frozenset(attributes)
    for module in sorted(modules):
        key = (module, len(sys.modules), hash(wanted))
        cached = _submodules.get(key)
        if cached is None or cached[0] != wanted:
            prefix = module + "."
            inner = [
                n for n in list(sys.modules) if n.startswith(prefix) and wanted.issuperset(n[len(prefix) :].split("."))
            ]
            if len(_submodules) > 1000:
                _submodules.clear()
            cached = _submodules[key] = (wanted, sorted(inner))
        found += cached[1]
    return found
