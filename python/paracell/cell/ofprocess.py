"""What belongs to the whole process and is changed through an expression: a module, the table of modules, the ways by
which modules are found, the environment.

Whoever imports a module gets what stands there, in functions of libraries as well: nothing may be computed ahead of it.
"""

from __future__ import annotations

import ast
import logging
import os
import sys
from collections.abc import Iterator
from io import IOBase
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from ..installed import is_users_code
from . import names, tables
from .freshness import UNKNOWN
from .nodes import walk

if TYPE_CHECKING:
    from .effects import Effects

_OWNER = "<process: "
_TABLES = {
    "sys": tables.words("modules meta_path path path_hooks path_importer_cache"),
    "os": tables.words("environ environb"),
    "copyreg": tables.words("dispatch_table"),
}
"""Module -> what it holds by which every import, or every child, goes."""
_STREAMS = tables.words("stdin stdout stderr __stdin__ __stdout__ __stderr__")
"""Of ``sys``: what they do is seen to, though not that another one is put in their place."""
_INPUT = tables.words("stdin __stdin__")
_SETTINGS = {
    "matplotlib": ("RcParams",),
    "pandas._config.config": ("DictWrapper",),
    "unittest.mock": ("_patch", "_patch_dict"),
    "_pytest.monkeypatch": ("MonkeyPatch",),
}
"""Module -> its classes of objects that set what libraries go by."""
_LOADS = tables.words("import_module __import__ reload")


def changed_by(effects: Effects, node: ast.AST, by: ast.AST) -> str | None:
    """What of the process changes when `by` changes the object of `node`; None if that is one like any other."""
    if not isinstance(node, ast.expr) or (isinstance(by, ast.Call) and isinstance(by.func, ast.Call)):
        return None  # what ``getattr(module, name)()`` may change is what it is given
    value = effects.resolve(node if not isinstance(node, ast.Attribute) else names.root(node))  # type: ignore[arg-type]
    if isinstance(value, ModuleType) and sys.modules.get(value.__name__) is not value:
        return None  # an object that nobody imports
    found = _table(effects, node) or module_of(effects, node) or _of_library(effects, node)
    return f"{_OWNER}{found}>" if found is not None else None


def is_of_process(owner: str) -> bool:
    """Whether `owner` stands for something that ``changed_by`` finds."""
    return owner.startswith(_OWNER)


def called(owner: str) -> str:
    """What it is called that `owner` stands for."""
    return owner[len(_OWNER) : -1]


def module_of(effects: Effects, node: ast.expr) -> str | None:
    """The module that `node` stands for, also where the code around it imports it."""
    if isinstance(node, ast.Attribute) and node.attr == "__dict__":
        return module_of(effects, node.value)
    if isinstance(node, ast.Call):
        return _loaded(effects, node)
    if isinstance(node, ast.Subscript):
        return "a module" if _table(effects, node.value) == "sys.modules" else None
    end = names.root(node)
    if not isinstance(end, ast.Name) or end.id not in {*effects.fresh.own, *effects.fresh.given}:
        return effects.resolver.module_of(node)
    return _local(effects, node)


def is_input(effects: Effects, node: ast.AST) -> bool:
    """Whether `node` is the stream from which the process reads what the user says, or asks for a password."""
    if not isinstance(node, (ast.Name, ast.Attribute)) or not isinstance(node.ctx, ast.Load):
        return False
    if isinstance(node, ast.Attribute):
        asked = {"getpass": "getpass", **dict.fromkeys(_INPUT, "sys")}.get(node.attr)
        return asked is not None and module_of(effects, node.value) == asked
    if node.id in imported(effects):
        return imported(effects)[node.id] in ("sys.stdin", "sys.__stdin__", "getpass.getpass")
    value = effects.resolve(node)
    asking = [*(getattr(sys, name) for name in _INPUT), getattr(sys.modules.get("getpass"), "getpass", None)]
    return value is not None and any(value is one for one in asking)


def _of_library(effects: Effects, node: ast.expr) -> str | None:
    """What a library goes by, too: its classes and functions, what stands in its modules, who patches them."""
    value = effects.resolve(node)
    kind = type(value)
    if isinstance(value, (type, FunctionType)):
        own = value.__module__ == "__main__" or is_users_code(_file_of(value.__module__))
        return None if own else f"{value.__module__}.{value.__name__}"
    for one in (kind, type(effects.resolve(names.root(node)))):  # type: ignore[arg-type]
        if one.__name__ in _SETTINGS.get(one.__module__, ()):
            return one.__name__
    chain = isinstance(node, ast.Attribute) and not isinstance(node.value, ast.Call)
    module = module_of(effects, names.root(node)) if chain else None  # type: ignore[arg-type]
    plain = isinstance(value, (logging.Logger, IOBase)) or (callable(value) and value is not UNKNOWN)
    if module is None or plain or is_users_code(_file_of(module)):
        return None
    return None if module == "sys" and node.attr in _STREAMS else f"{module}.{node.attr}"  # type: ignore[attr-defined]


def _file_of(module: str | None) -> str:
    return getattr(sys.modules.get(module or ""), "__file__", None) or "<built in>"


def _table(effects: Effects, node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        module = module_of(effects, node.value)
        return f"{module}.{node.attr}" if node.attr in _TABLES.get(module or "", ()) else None
    if isinstance(node, ast.Name):
        if node.id in effects.fresh.own or node.id in effects.fresh.given:
            found = imported(effects).get(node.id, "")
            module, _, name = found.rpartition(".")
            return found if name in _TABLES.get(module, ()) else None
        stated = effects.resolver.defined.get(node.id)
        if isinstance(stated, ast.ImportFrom):
            name = next((a.name for a in stated.names if (a.asname or a.name) == node.id), "")
            return f"{stated.module}.{name}" if name in _TABLES.get(stated.module or "", ()) else None
        value = effects.resolve(node)
        return next((name for name, one in _objects() if value is one), None)
    return None


def _objects() -> Iterator[tuple[str, Any]]:
    yield "sys.modules", sys.modules
    yield "sys.path", sys.path
    yield "sys.meta_path", sys.meta_path
    yield "sys.path_hooks", sys.path_hooks
    yield "os.environ", os.environ


def _loaded(effects: Effects, call: ast.Call) -> str | None:
    """The module that a call hands out: ``importlib.import_module("json")``, ``vars(json)``."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if not call.args:
        return None
    if name == "vars" and isinstance(call.func, ast.Name):
        return module_of(effects, call.args[0])
    if name not in _LOADS:
        return None
    first = call.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else "a module"


def _local(effects: Effects, node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        found = imported(effects).get(node.id)
        return found if found is not None and (found in sys.modules or "." not in found) else None
    if isinstance(node, ast.Attribute) and (owner := _local(effects, node.value)) is not None:
        value = getattr(sys.modules.get(owner), node.attr, UNKNOWN)
        return f"{owner}.{node.attr}" if isinstance(value, ModuleType) else None
    return None


def imported(effects: Effects) -> dict[str, str]:
    """Name that the code around imports -> the module, or the module's attribute, by its dotted name."""
    if effects.imported is None:
        effects.imported = {}
        for statement in effects.fresh.statements:
            for n in walk(statement):
                if isinstance(n, ast.Import):
                    for a in n.names:
                        effects.imported[a.asname or a.name.split(".")[0]] = (
                            a.name if a.asname else a.name.split(".")[0]
                        )
                elif isinstance(n, ast.ImportFrom) and n.module and not n.level:
                    effects.imported.update({a.asname or a.name: f"{n.module}.{a.name}" for a in n.names})
    return effects.imported


def qualified(effects: Effects, func: ast.expr) -> tuple[str, str] | None:
    """(module, function) of a library callable, also where the code around it imports the module."""
    end = names.root(func)
    if isinstance(end, ast.Name) and end.id in imported(effects):
        if isinstance(func, ast.Name):
            module, _, name = imported(effects)[func.id].rpartition(".")
            return (module, name) if module else None
        owner = _local(effects, func.value) if isinstance(func, ast.Attribute) else None
        return (owner, func.attr) if owner is not None else None  # type: ignore[attr-defined]
    return effects.resolver.qualified(func)
