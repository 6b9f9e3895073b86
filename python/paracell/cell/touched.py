"""What a cell touches: two cells may run at the same time where neither changes what the other one uses.

Names are followed through the notebook's own functions. What only running would show (``exec``, ``globals()``, C code
that changes its arguments) is not seen.
"""

from __future__ import annotations

import ast
import dis
from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any

from paracell.records import record

from . import names
from .effects import Effects
from .freshness import Freshness, immutable
from .nodes import walk
from .resolve import Resolver

_NOBODYS = frozenset(("In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "get_ipython", "paracell", "exit", "quit"))


@record(frozen=True)
class Touched:
    """Names of the notebook."""

    uses: frozenset[str]
    """What the code mentions, itself or through functions."""
    changes: frozenset[str]
    """Of these: names that it binds, or whose objects it may change."""


def touched(tree: ast.Module, namespace: Mapping[str, Any]) -> Touched:
    """What running `tree` in `namespace` touches. Pure."""
    stored = names.stores(tree) - _again_imported(tree, namespace)
    uses = set(names.loads(tree)) | stored
    bound: set[str] = set()
    waiting = list(uses)
    while waiting:
        for code in _codes(namespace.get(waiting.pop()), namespace):
            for kind, name in _globals(code):
                bound |= {name} if kind == "store" else set()
                if name not in uses and name in namespace:
                    uses.add(name)
                    waiting.append(name)
    mutable = {n for n in uses if n in namespace and not immutable(namespace[n])}
    changes = stored | bound | _changed(tree, stored, namespace, mutable)
    return Touched(frozenset(uses - _NOBODYS), frozenset(changes - _NOBODYS))


def _again_imported(tree: ast.Module, namespace: Mapping[str, Any]) -> set[str]:
    """Names that imports bind to the modules that they stand for already."""
    found: set[str] = set()
    for node in walk(tree):
        for alias in node.names if isinstance(node, ast.Import) else ():
            name = alias.asname or alias.name.partition(".")[0]
            wanted = alias.name if alias.asname else name
            if isinstance(there := namespace.get(name), ModuleType) and there.__name__ == wanted:
                found.add(name)
    return found


def _changed(tree: ast.Module, stored: set[str], namespace: Mapping[str, Any], mutable: set[str]) -> set[str]:
    """Names whose objects the code may change in place."""
    try:
        resolver = Resolver(namespace, tree)
        effects = Effects(resolver, Freshness(tree.body, stored, resolver))
        owners = {owner for change in effects.changes(tree) for owner in change.owners}
    except Exception:  # code that cannot be looked into may change everything that it mentions
        return set(mutable)
    # What a name holds that the cell binds itself may be part of anything that the cell mentions.
    return owners | (mutable if owners & stored else set())


def _codes(value: Any, namespace: Mapping[str, Any]) -> Iterator[CodeType]:
    """Code of the notebook's own that using `value` may run."""
    held = list(vars(value).values()) if isinstance(value, type) and value.__module__ == "__main__" else [value]
    for one in held:
        function = getattr(one, "__func__", getattr(one, "fget", one))
        function = getattr(function, "__wrapped__", function)
        if isinstance(function, FunctionType) and function.__globals__ is namespace:
            yield function.__code__


def _globals(code: CodeType) -> Iterator[tuple[str, str]]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield "load", instruction.argval
        elif instruction.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
            yield "store", instruction.argval
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _globals(inner)
