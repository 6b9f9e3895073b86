"""What a ``class`` statement runs without calling it by name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from paracell.attributes import is_finalized, of_class

from .resolve import Followed, Resolver

FINALIZED = "makes an object whose __del__() runs when it goes"
_OF_METACLASSES = ("__prepare__", "__new__", "__init__")


def runs(
    node: ast.ClassDef, resolve: Callable[[ast.expr], Any], resolver: Resolver
) -> Iterator[tuple[ast.expr | None, Followed]]:
    """The user's methods that making the class runs, each with the base that it comes from, if it is one's."""
    for base in node.bases:
        kind = resolve(base)
        if isinstance(kind, type):
            yield from ((base, one) for one in _methods(kind, ("__init_subclass__",), resolver))
            yield from ((base, one) for one in _methods(type(kind), _OF_METACLASSES, resolver))
    for keyword in node.keywords:
        kind = resolve(keyword.value) if keyword.arg == "metaclass" else None
        if isinstance(kind, type):
            yield from ((None, one) for one in _methods(kind, _OF_METACLASSES, resolver))
    if any(isinstance(getattr(s, "value", None), (ast.Call, ast.Name, ast.Attribute)) for s in node.body):
        yield from ((None, one) for one in resolver.members("__set_name__"))  # whatever object it is


def _methods(kind: type, wanted: tuple[str, ...], resolver: Resolver) -> Iterator[Followed]:
    for name in wanted:
        followed = resolver.object(of_class(kind, name))
        if followed is not None:
            yield followed


def finalized(func: ast.expr, resolve: Callable[[ast.expr], Any], resolver: Resolver) -> bool:
    """Whether `func` is a class of whose objects code of the user's is told that they go."""
    stated = resolver.defined.get(func.id) if isinstance(func, ast.Name) else None
    if isinstance(stated, ast.ClassDef):
        own = any(getattr(s, "name", "") == "__del__" for s in stated.body)
        return own or any(finalized(base, resolve, resolver) for base in stated.bases)
    kind = resolve(func)
    return isinstance(kind, type) and is_finalized(kind)


def is_class_of(node: ast.expr) -> bool:
    """``type(x)`` or ``x.__class__``."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "type"
    return isinstance(node, ast.Attribute) and node.attr == "__class__"
