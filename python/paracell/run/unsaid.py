"""What a loop's own body changes without a word of it in the text: by operators, stores and look-ups of classes whose
methods the notebook has written.

``total += f(x)`` may run ``__iadd__``, ``table[k] = f(x)`` a ``__setitem__``, ``p.x = f(x)`` a property's setter. Which
objects they meet is not known before the loop runs, so all such methods of the notebook's classes count.
"""

from __future__ import annotations

import gc
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import FunctionType
from typing import Any

from ..attributes import package_of
from ..cell.effects import Effects
from ..cell.freshness import Freshness
from ..cell.resolve import Followed, Resolver
from ..ship.codes import reach
from .hidden import MAKERS, may_change
from .reach import ATOMS

_IN_PLACE = ("__iadd__", "__isub__", "__imul__", "__itruediv__", "__ifloordiv__", "__imod__", "__ipow__", "__ior__",
             "__iand__", "__ixor__", "__ilshift__", "__irshift__", "__imatmul__")  # fmt: skip
_PLAIN = ("keys", "write", "flush")
"""Methods that ``**m`` and ``print(file=...)`` run."""
_STORES = ("__setitem__", "__delitem__", "__setattr__", "__delattr__", "__set__", "__missing__", *_IN_PLACE)


def changed(
    namespace: Mapping[str, Any], names: Iterable[str], parted: Iterable[str] = ()
) -> tuple[set[str], list[FunctionType]]:
    """Names of the notebook whose value or object such methods change, and the methods; `names`: of what the loop
    changes, `parted`: of objects of which it is known what it changes."""
    resolver = Resolver(namespace, None)
    effects = Effects(resolver, Freshness([], set(), resolver))
    found: set[str] = set()
    methods = []
    for function, followed in _methods(resolver, [namespace[name] for name in names if name in namespace]):
        outside = effects.summary(followed).outside.keys() & namespace.keys()
        if outside:
            found |= outside
            methods.append(function)
    return found - (set(names) - set(parted)), [*methods, *_of_recorders(namespace)]


def read(namespace: Mapping[str, Any], names: set[str]) -> set[str]:
    """`names`, and those of the notebook that functions among them read."""
    resolver = Resolver(namespace, None)
    effects = Effects(resolver, Freshness([], set(), resolver))
    functions = (resolver.object(namespace[name]) for name in names if name in namespace)
    return names.union(*(effects.summary(followed).reads for followed in functions if followed is not None))


def stores_deep(value: Any) -> bool:
    """Whether what is stored into `value` may go into something that it holds: ``ChainMap``, a property's setter."""
    kind = type(value)
    if package_of(kind) in ("pandas", "weakref"):
        return False  # tables are looked at by their memory; what is held weakly is not changed
    if any(isinstance(getattr(kind, name, None), FunctionType) for name in _STORES):
        return True
    members = (one for base in kind.__mro__[:-1] for one in vars(base).values())
    return any(isinstance(one, property) and one.fset is not None for one in members)


def parts(value: Any) -> list[Any]:
    """Elements and attributes of `value`."""
    held = getattr(value, "__dict__", None)
    found = gc.get_referents(value) + (list(held.values()) if isinstance(held, dict) else [])
    if getattr(getattr(value, "dtype", None), "hasobject", False):
        found += value.ravel().tolist()
    return found


def data(cls: type) -> list[Any]:
    """What a class holds that is no code."""
    return [one for name, one in vars(cls).items() if not name.startswith("__") and not hasattr(type(one), "__get__")]


def added_in_place(value: Any) -> bool:
    """Whether ``+=`` or the like may change the object itself."""
    return type(value) not in ATOMS and any(hasattr(type(value), name) for name in _IN_PLACE)


def _methods(resolver: Resolver, values: list[Any]) -> Iterator[tuple[FunctionType, Followed]]:
    """What may run unsaid, as far as it may change something."""
    functions = [
        part for cls in resolver.classes() for name, value in vars(cls).items() for part in _unsaid(cls, name, value)
    ]
    functions += [value.default_factory for value in values if isinstance(value, defaultdict)]
    for function in functions:
        if (
            isinstance(function, FunctionType)
            and _names_any(function, resolver.namespace)
            and may_change(function.__code__)
        ):
            followed = resolver.plainly(function)
            if followed is not None:
                yield function, followed


def _names_any(function: FunctionType, namespace: Mapping[str, Any]) -> bool:
    """Whether the code names something of the notebook's: without reading its source, which takes a hundred times as
    long."""
    code = function.__code__
    return not namespace.keys().isdisjoint((*code.co_names, *reach(code).globals))


def _of_recorders(namespace: Mapping[str, Any]) -> Iterator[FunctionType]:
    """The methods of the notebook's handlers, filters and formatters, also of those that no name leads to any more:
    loggers have them."""
    waiting = list(_of_logging())
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        if cls.__module__ == "__main__":
            members = vars(cls).values()
            yield from (one for one in members if isinstance(one, FunctionType) and one.__globals__ is namespace)


def _of_logging() -> tuple[type, ...]:
    logging: Any = sys.modules.get("logging")
    return (logging.Handler, logging.Filter, logging.Formatter) if logging is not None else ()


def _unsaid(cls: type, name: str, value: Any) -> list[Any]:
    if isinstance(value, property):
        return [value.fset, value.fdel]
    if issubclass(cls, _of_logging()):
        return [value]  # run where the iteration's records arrive
    special = name in _PLAIN or (name.startswith("__") and name.endswith("__") and name not in MAKERS)
    return [value] if special else []
