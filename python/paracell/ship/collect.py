"""Kernel side: everything that a function reaches, transitively, in its present version."""

from __future__ import annotations

import io
import sys
from collections import OrderedDict, defaultdict, deque
from types import CodeType, FunctionType, ModuleType
from typing import Any

import cloudpickle.cloudpickle as cloud

from .buffers import Sink
from .codes import reach
from .definitions import Definition, Registry
from .functions import CachedType
from .hashing import flat
from .link import Link
from .paths import ship_error
from .pickler import Pickler

_ATOMS = frozenset({int, float, complex, bool, str, bytes, type(None), type(Ellipsis)})
_MOST_ATOM = 256
"""Longer strings and larger numbers travel as values of their own."""

_SHARED_NAMES = frozenset({"ndarray", "Generator", "RandomState", "Random"})
_SHARED = frozenset({list, dict, set, bytearray, deque, OrderedDict, defaultdict})


class Value:
    """One pickled global, or several that share objects."""

    __slots__ = ("buffers", "names", "objects", "payload", "pickler")

    def __init__(self, names: tuple[str, ...], objects: tuple[Any, ...], link: Link) -> None:
        file, sink = io.BytesIO(), Sink()
        self.names = names
        self.objects = objects
        self.pickler = Pickler(file, link, sink)
        self.pickler.dump(objects[0] if len(objects) == 1 else objects)
        self.payload = file.getvalue()
        self.buffers = sink.buffers

    @property
    def nbytes(self) -> int:
        return len(self.payload) + sum(buffer.nbytes for buffer in self.buffers)


class KernelLink(Link):
    """The kernel's link: refers to every notebook definition by number and tells the collector in charge."""

    def __init__(self, module: ModuleType, namespace: dict[str, Any], registry: Registry) -> None:
        super().__init__(module, namespace)
        self.registry = registry
        self.collector: Collector | None = None

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
        self.atoms: dict[str, Any] = {}
        self.modules: dict[str, str] = {}
        self.bound: dict[str, int] = {}
        self.values: dict[str, Value] = {}
        self.attributes: set[str] = set()
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
        self.attributes |= names.attributes
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
        self._merge()

    @property
    def pending(self) -> bool:
        return bool(self._pending_names or self._pending_definitions)

    def _definition(self, found: Definition, obj: Any) -> None:
        try:
            found.refresh(self.link, self.epoch)
        except Exception as error:
            raise ship_error(obj, getattr(obj, "__qualname__", "function"), self.dumps, error) from error

    def _global(self, name: str) -> None:
        if name.startswith("__") and name.endswith("__"):
            return
        namespace = self.link.namespace
        if name not in namespace:
            return
        value = namespace[name]
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
                return not cloud._should_pickle_by_reference(value)
            except Exception:
                return False
        return type(value) is CachedType and getattr(value, "__module__", None) == "__main__"

    def _value(self, name: str, value: Any) -> None:
        try:
            self.values[name] = Value((name,), (value,), self.link)
        except Exception as error:
            if self._names[name]:
                raise ship_error(value, name, self.dumps, error) from error

    def dumps(self, value: Any) -> None:
        """Pickle for the sake of the exception."""
        Pickler(io.BytesIO(), self.link, Sink()).dump(value)

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


def _shareable_ids(value: Value) -> list[int]:
    """Identities in `value` that another global may hold as well, and that one could tell from copies."""
    root = value.objects[0]
    if flat(root):
        return [id(root)]
    memo = value.pickler.memo.copy()  # type: ignore[attr-defined]
    return [key for key, (_, obj) in memo.items() if type(obj) is not str and _shareable(type(obj))]


def _shareable(kind: type) -> bool:
    return kind in _SHARED or kind.__module__ == "__main__" or kind.__name__ in _SHARED_NAMES


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
