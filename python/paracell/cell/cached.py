"""Functions under ``functools.cache``: what they show is shown once for each argument, whoever asks first."""

from __future__ import annotations

import ast
import logging
from typing import TYPE_CHECKING

from . import tables
from .nodes import walk
from .origin import How, called, inside
from .resolve import CACHED

if TYPE_CHECKING:
    from .effects import Effects
    from .resolve import Followed

_CACHES = frozenset({"cache", "lru_cache"})


def is_cached(effects: Effects, func: ast.expr) -> bool:
    """Whether `func` stands for a function with a memo table of functools'."""
    made = effects.resolver.defined.get(func.id) if isinstance(func, ast.Name) else None
    if isinstance(made, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return any(_named(decorator) in _CACHES for decorator in made.decorator_list)
    if isinstance(func, ast.Attribute) and effects.resolver.module_of(func.value) is None:
        return any(isinstance(one, CACHED) for one in effects.resolver.attributes(func.attr))
    return isinstance(effects.resolve(func), CACHED)


def _named(decorator: ast.expr) -> str:
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    return func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")


def shown(effects: Effects, statement: ast.AST, followed: Followed) -> How | None:
    """What `statement`, of the function `followed`, or a function that it calls prints, logs or warns of."""
    for node in walk(statement):
        if not isinstance(node, ast.Call):
            continue
        verb = _shows(effects, node)
        if verb:
            return inside(verb, followed, node)
        for inner in effects.run_by(node):
            if (how := effects.summary(inner).shows) is not None:
                return inside(called(how, inner), followed, node)
    return None


def _shows(effects: Effects, call: ast.Call) -> str:
    func = call.func
    if isinstance(func, ast.Name) and func.id in ("print", "display") and func.id not in effects.fresh.own:
        return "prints" if func.id == "print" else "displays"
    qualified = effects.resolver.qualified(func)
    if qualified == ("warnings", "warn"):
        return "warns"
    if isinstance(func, ast.Attribute) and func.attr in tables.LOGGER_METHODS:
        owner = effects.resolve(func.value)
        made = isinstance(func.value, ast.Call) and ast.unparse(func.value.func).endswith("getLogger")
        if made or isinstance(owner, (logging.Logger, logging.LoggerAdapter)) or owner is logging:
            return "logs"
    if isinstance(func, ast.Attribute) and func.attr == "write":
        text = ast.unparse(func.value)
        return "prints" if text in ("sys.stdout", "sys.stderr") else ""
    return ""
