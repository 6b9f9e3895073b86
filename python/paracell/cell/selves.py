"""Methods that only read some attributes of their object: ``m.results.append(m.score(x))``.

Such a method gives the same for an object that has nothing but these attributes. That is what workers are given, and
what the loop changes of the notebook's object does not matter to them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from types import FunctionType, MethodType
from typing import Any

from . import names, tables
from .beside import has_parts
from .effects import Effects
from .nodes import parts, walk
from .resolve import Resolver
from .shapes import lazy_function

_RUN = ("__del__", "__new__", "__init_subclass__", "__class_getitem__")
_NOTHING = object()
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def _held(cls: type, attribute: str) -> Any:
    return next((vars(one)[attribute] for one in cls.__mro__ if attribute in vars(one)), _NOTHING)


def is_plain(value: Any) -> bool:
    """Whether another object of its class can be made, and be there, without running anything."""
    cls = type(value)
    if cls.__module__ != "__main__" or not has_parts(value, ("attribute", "")):
        return False
    own = all(one is object or (one.__module__ == "__main__" and "__slots__" not in vars(one)) for one in cls.__mro__)
    return type(cls) is type and own and all(_held(cls, name) is _held(object, name) for name in _RUN)


def method_of(value: Any, name: str) -> MethodType | None:
    """A method of an object whose methods may be called for another one of its class."""
    held = _held(type(value), name) if is_plain(value) and name not in vars(value) else None
    return MethodType(held, value) if isinstance(held, FunctionType) else None


def read_by(value: Any, method: str, effects: Effects) -> frozenset[str] | None:
    """The attributes of `value` that its method reads, if that does nothing else with it; None if that is not so, or
    cannot be told."""
    if not is_plain(value) or method in vars(value) or method in tables.MUTATORS:
        return None
    found: set[str] = set()
    if not _reads(type(value), _held(type(value), method), effects, found, set()):
        return None
    return frozenset(found) if found <= vars(value).keys() else None


def _reads(cls: type, function: Any, effects: Effects, found: set[str], seen: set[int]) -> bool:
    if id(function) in seen:
        return True
    seen.add(id(function))
    resolver: Resolver = effects.resolver
    followed = resolver.plainly(function) if isinstance(function, FunctionType) else None
    if followed is None or not isinstance(followed.node, ast.FunctionDef) or lazy_function(followed.node):
        return False
    order = [a.arg for a in (*followed.node.args.posonlyargs, *followed.node.args.args)]
    summary = effects.summary(followed)
    if not order or followed.closed or order[0] in summary.parameters or order[0] in names.stores(*followed.node.body):
        return False
    above = {id(child): n for n in walk(followed.node) for child in _below(n)}
    inside = [n for n in walk(followed.node) if isinstance(n, _INNER) and n is not followed.node]
    inner = {id(one) for n in inside for one in walk(n)}
    for n in (n for n in walk(followed.node) if isinstance(n, ast.Name)):
        if n.id == "super":
            return False
        if n.id != order[0]:
            continue
        asked = above.get(id(n))
        if id(n) in inner or not isinstance(asked, ast.Attribute) or not isinstance(asked.ctx, ast.Load):
            return False
        held = _held(cls, asked.attr)
        code = held.fget if isinstance(held, property) else held
        if isinstance(code, FunctionType):
            if not _reads(cls, code, effects, found, seen):
                return False
        elif held is not _NOTHING and hasattr(type(held), "__get__"):
            return False
        else:
            found.add(asked.attr)
    return True


def _below(node: ast.AST) -> Iterable[ast.AST]:
    return (one for _, some in parts(node) for one in (some if isinstance(some, list) else [some]))


def standing_in(value: Any, method: str, attributes: Iterable[str]) -> MethodType:
    """The method of an object that has these attributes of `value` and no others."""
    made = object.__new__(type(value))
    made.__dict__.update((name, vars(value)[name]) for name in attributes)
    return MethodType(_held(type(value), method), made)
