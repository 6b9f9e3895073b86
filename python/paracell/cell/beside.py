"""Loops that go over one part of an object and change another one: ``for v in a.source: a.found.append(f(v))``."""

from __future__ import annotations

import ast
from typing import Any

from . import names
from .effects import Effects
from .freshness import UNKNOWN
from .nodes import walk

Step = tuple[str, Any]
"""("attribute", its name) or ("key", a constant)."""
CALLS = frozenset({"enumerate", "zip", "range", "len", "reversed", "sorted", "list", "tuple"})
VIEWS = frozenset({"items", "keys", "values"})
_OWN_WAYS = ("__getattr__", "__getattribute__", "__setattr__", "__delattr__")
NOTHING = object()
_PLAIN = (("types", "SimpleNamespace"), ("argparse", "Namespace"))


def changed_parts(name: str, iterable: ast.expr, body: list[ast.stmt], effects: Effects) -> frozenset[Step] | None:
    """The parts of the object of `name` that `body` changes, if `iterable` takes others of them, and nothing else of
    it; None if that is not so, or cannot be told."""
    value = effects.resolver.name(name)
    over = _steps(name, iterable)
    if value is UNKNOWN or over is None or not all(has_parts(value, step) for step in over):
        return None
    changed: set[Step] = set()
    for change in (c for s in body for c in effects.changes(s)):
        if name not in change.owners:
            continue
        where = change.changed
        if isinstance(where, ast.Name) and where.id == name:
            if not isinstance(change.node, (ast.Attribute, ast.Subscript)):
                return None
            continue  # another object is put there: the loop has the one that it goes over
        step = first_step(where, name)
        if step is None or step in over or not has_parts(value, step):
            return None
        changed.add(step)
    return frozenset(changed)


def has_parts(value: Any, step: Step) -> bool:
    """Whether what `step` leads to is kept in the object itself, and nobody else's code runs on the way."""
    kind = type(value)
    if step[0] == "key":
        return kind is dict
    if (kind.__module__, kind.__name__) not in _PLAIN:
        plain = all(getattr(kind, way, None) is getattr(object, way, None) for way in _OWN_WAYS)
        if not plain or kind.__module__ != "__main__":
            return False
    if not hasattr(value, "__dict__"):
        return False
    held = next((vars(one)[step[1]] for one in kind.__mro__ if step[1] in vars(one)), NOTHING)
    if held is NOTHING:
        return True
    # Of a default the object has its own; a property's code comes before what the object has.
    return step[1] in vars(value) and not hasattr(type(held), "__set__") and not hasattr(type(held), "__delete__")


def part(value: Any, step: Step, default: Any = NOTHING) -> Any:
    """What stands there, `default` if nothing does."""
    return (value if step[0] == "key" else vars(value)).get(step[1], default)


def _steps(name: str, iterable: ast.expr) -> set[Step] | None:
    """The first steps into the object of `name` that `iterable` takes; None if it does anything else with it."""
    found: set[Step] = set()
    inside: set[int] = set()
    for node in walk(iterable):
        if isinstance(node, (*names.FUNCTIONS, *names.COMPREHENSIONS, ast.NamedExpr, ast.Await)):
            return None
        if isinstance(node, ast.Call):
            plain = isinstance(node.func, ast.Name) and node.func.id in CALLS
            if not plain and not (isinstance(node.func, ast.Attribute) and node.func.attr in VIEWS and not node.args):
                return None
        if (step := _step(node, name)) is not None:
            found.add(step)
            inside.add(id(node.value))  # type: ignore[attr-defined]
    bare = [n for n in walk(iterable) if isinstance(n, ast.Name) and n.id == name and id(n) not in inside]
    views = any(step == ("attribute", view) for step in found for view in VIEWS)
    return None if bare or views or not found else found


def first_step(node: ast.AST | None, name: str) -> Step | None:
    """The first step of a chain of attributes and subscripts that begins with `name`."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        if (step := _step(node, name)) is not None:
            return step
        node = node.value
    return None


def _step(node: ast.AST, name: str) -> Step | None:
    if not isinstance(node, (ast.Attribute, ast.Subscript)):
        return None
    return step_of(node) if isinstance(node.value, ast.Name) and node.value.id == name else None


def step_of(node: ast.AST) -> Step | None:
    """The step that an attribute, or an element under a constant, takes."""
    if isinstance(node, ast.Attribute):
        return "attribute", node.attr
    constant = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
    return ("key", node.slice.value) if constant else None  # type: ignore[attr-defined]
