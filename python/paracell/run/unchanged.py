"""Whether ``x += 1`` in a function can change an object that iterations are given: it can where x may be an array or
another object that adds in place. Looked at when a region begins, on the objects themselves."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from ..cell.freshness import immutable
from .beneath import LIMIT, sources

if TYPE_CHECKING:
    from ..cell import Refusal, Region

_CONTAINERS = (list, tuple, set, frozenset, dict, deque)


def doubt(region: Region, namespace: Mapping[str, Any], iterable: Any) -> Refusal | None:
    """Why the region is not parallel after all, or None."""
    if region.assumes_numbers is None:
        return None
    reads = [namespace[name] for name in region.reads if name in namespace]
    given = [source for source in sources(iterable) if type(source).__name__ != "range_iterator"]
    if all(_is_lazy_builtin(value) or _Walk().harmless(value) for value in given) and _Walk().harmless(reads):
        return None
    return region.assumes_numbers


def _is_lazy_builtin(value: Any) -> bool:
    """enumerate, zip and the like: what they go over is looked at by itself."""
    kind = type(value)
    return kind.__module__ in ("builtins", "itertools") and kind.__name__ in (
        "enumerate", "zip", "reversed", "dict_items", "dict_keys", "dict_values", "list_iterator", "tuple_iterator",
        "list_reverseiterator", "islice", "chain", "product", "combinations", "permutations",
    )  # fmt: skip


class _Walk:
    def __init__(self) -> None:
        self.seen: set[int] = set()

    def harmless(self, value: Any) -> bool:
        """Whether no object that `value` reaches adds in place, as far as functions of the notebook take it."""
        waiting = [value]
        while waiting:
            current = waiting.pop()
            if id(current) in self.seen or isinstance(current, (range, BuiltinFunctionType, ModuleType, type)):
                continue
            if isinstance(current, FunctionType):
                waiting += _reached(current)
            elif isinstance(current, dict):
                waiting += [*current.keys(), *current.values()]
            elif isinstance(current, _CONTAINERS):
                waiting += current
            elif not immutable(current):
                return False
            self.seen.add(id(current))
            if len(self.seen) > LIMIT:
                return False
        return True


def _reached(function: FunctionType) -> list[Any]:
    """What a function can hand on: the globals that it names, its closure and its defaults."""
    if function.__module__ not in ("__main__", None) and not function.__code__.co_filename.startswith("<"):
        return []
    names = function.__code__.co_names
    found = [function.__globals__[name] for name in names if name in function.__globals__]
    for cell in function.__closure__ or ():
        try:
            found.append(cell.cell_contents)
        except ValueError:
            continue
    return [*found, *(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
