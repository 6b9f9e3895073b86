"""What the notebook's functions hand out of what is not their own: `log` of ``def __iter__(self): return iter(log)``.

Whoever changes what such an object gives changes `log`, which no reference of the object's leads to. Methods that are
called by name are followed in the plan (``cell.freshness``); here are those that no text names: special methods of the
classes of what is there, and functions that it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import Any

from ..cell.freshness import immutable
from ..cell.instances import given
from ..cell.resolve import Resolver
from ..ship.codes import reach


def out(objects: Iterable[Any], classes: Iterable[type], namespace: Mapping[str, Any]) -> list[Any]:
    """What functions among `objects`, and special methods of `classes`, hand out of what the notebook names; the
    notebook's classes of which they may make objects, and the descriptors among the attributes of `classes`."""
    attributes = [(name, value) for cls in classes for name, value in vars(cls).items()]
    found = [value for _, value in attributes if type(value).__module__ == "__main__" and hasattr(value, "__get__")]
    functions = [one for one in objects if isinstance(one, FunctionType)]
    functions += [part for name, value in attributes if _special(name) for part in _plain(value)]
    named = [(one, _named(one, namespace)) for one in functions]
    found += [value for _, values in named for value in values if isinstance(value, type)]
    if any(values for _, values in named):
        resolver = Resolver(namespace, None)
        found += [namespace[name] for one, values in named if values for name in sorted(given(one, resolver)[1])]
    return found


def _special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _plain(value: Any) -> list[FunctionType]:
    value = getattr(value, "__func__", value)
    return [value] if isinstance(value, FunctionType) else []


def _named(function: FunctionType, namespace: Mapping[str, Any]) -> list[Any]:
    """What of the notebook its code names that could be changed, or that hands out something itself: told without
    reading its source, which takes long."""
    if function.__globals__ is not namespace:
        return []
    values = (namespace[name] for name in reach(function.__code__).globals if name in namespace)
    return [value for value in values if _own(value) or not immutable(value)]


def _own(value: Any) -> bool:
    return isinstance(value, (FunctionType, type)) and value.__module__ == "__main__"
