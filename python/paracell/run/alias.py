"""Find, just before a region begins, whether something that the compute part reads is changed by the commit part.

Names are compared by the objects that they hold: `ys = xs`, `cfg["results"] is results`. The walk is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import IOBase
from types import BuiltinFunctionType, FunctionType, GeneratorType, ModuleType
from typing import Any

LIMIT = 100_000
LEAVES = (int, float, complex, str, bytes, bool, type(None), range, type, FunctionType, BuiltinFunctionType, ModuleType)


def conflict(roots: Mapping[str, set[str]], namespace: Mapping[str, Any], iterable: Any) -> str | None:
    """Why the region cannot be split after all, or None."""
    reads = {name: namespace[name] for name in sorted(roots.get("reads", ())) if name in namespace}
    changes = {name: namespace[name] for name in sorted(roots.get("changes", ())) if name in namespace}
    for name, value in reads.items():
        if isinstance(value, (GeneratorType, IOBase)) or (hasattr(value, "__next__") and iter(value) is value):
            return f"'{name}' is an iterator, which reading changes"
        if value is iterable and isinstance(value, Iterator):
            return f"the body reads '{name}', which it iterates over"
    if not changes:
        return None
    changed = {id(value): name for name, value in changes.items() if not isinstance(value, LEAVES)}
    if not changed:
        return None
    for name, value in [*reads.items(), ("the iterable", iterable)]:
        path = _reaches(value, changed, name)
        if path is not None:
            return f"{path[0]} is '{path[1]}', which the loop changes"
    return None


def _reaches(value: Any, changed: dict[int, str], path: str) -> tuple[str, str] | None:
    seen: set[int] = set()
    waiting = [(value, path)]
    while waiting and len(seen) < LIMIT:
        current, where = waiting.pop()
        if isinstance(current, LEAVES) or id(current) in seen:
            continue
        if id(current) in changed:
            return where, changed[id(current)]
        seen.add(id(current))
        if isinstance(current, dict):
            waiting += [(v, f"{where}[{k!r}]") for k, v in list(current.items())[:LIMIT] if not isinstance(v, LEAVES)]
        elif isinstance(current, (list, tuple, set, frozenset)):
            waiting += [(v, f"{where}[{i}]") for i, v in enumerate(list(current)[:LIMIT]) if not isinstance(v, LEAVES)]
        else:
            waiting += _attributes(current, where)
    return None


def _attributes(value: Any, where: str) -> list[tuple[Any, str]]:
    held = getattr(value, "__dict__", None)
    found = [(v, f"{where}.{k}") for k, v in held.items()] if isinstance(held, dict) else []
    base = getattr(value, "base", None) if type(value).__module__ == "numpy" else None
    if base is not None:
        found.append((base, f"{where}.base"))
    owner = getattr(value, "__self__", None)
    if owner is not None and not isinstance(owner, ModuleType):
        found.append((owner, f"{where}.__self__"))
    for name in (
        getattr(type(value), "__slots__", ())
        if isinstance(getattr(type(value), "__slots__", ()), (tuple, list))
        else ()
    ):
        if hasattr(value, name):
            found.append((getattr(value, name), f"{where}.{name}"))
    return found
