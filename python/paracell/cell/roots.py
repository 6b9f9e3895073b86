"""Which notebook names a body changes the objects of, and how deep: for the look at aliases when the region begins."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from . import names, outright, tables
from .effects import Change, Effects
from .nodes import walk

DRAWN = "<drawn>"
"""Among the names: figures that are open (``run.drawn``)."""


def changed(body: list[ast.stmt], effects: Effects) -> dict[str, bool]:
    """Name -> whether what its object holds may be changed as well, and not only the object itself."""
    found: dict[str, bool] = {}
    for statement in body:
        for change in effects.changes(statement):
            plain = _itself(change, effects)
            for owner in change.owners:
                if not owner.startswith(("<", ".")):
                    found[owner] = found.get(owner, False) or owner != plain
            # What is hidden in a function (its closure, its defaults) is reached through the names of the call; a file
            # or a setting is none of the notebook's objects.
            hidden = {owner for owner in change.owners if owner.startswith("<") and not outright.is_outside(owner)}
            if drawing := {owner for owner in hidden if owner[1:].startswith(tables.STATEFUL_MODULES)}:
                found[DRAWN] = True
            if hidden - drawing and isinstance(change.node, ast.Call):
                found.update(dict.fromkeys(names.loads(change.node), True))
    return found


def augmented(body: list[ast.stmt]) -> Iterator[ast.expr]:
    """The targets of ``+=`` and the like."""
    return (n.target for s in body for n in walk(s) if isinstance(n, ast.AugAssign))


def in_place(body: list[ast.stmt]) -> set[str]:
    """Names whose own objects ``+=`` and the like may change."""
    return {target.id for target in augmented(body) if isinstance(target, ast.Name)}


def added(body: list[ast.stmt]) -> frozenset[str]:
    """Names of what is added to in place where it is an element or an attribute: ``d[k] += v`` changes the list that is
    there."""
    return frozenset(
        target.value.id
        for target in augmented(body)
        if isinstance(target, (ast.Subscript, ast.Attribute)) and isinstance(target.value, ast.Name)
    )


def _itself(change: Change, effects: Effects) -> str | None:
    """The name whose own object is changed, where the text shows that it is no more than that."""
    node = change.node
    if isinstance(node, (ast.Subscript, ast.Attribute)):
        target: ast.AST = node.value
    elif isinstance(node, ast.AugAssign):
        target = node.target
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in tables.MUTATORS:
        if effects.follow(node.func) is not None:
            return None
        target = node.func.value
        if type(effects.resolve(target)).__module__ == "__main__":
            return None  # it may be anybody's function, put there under a method's name
    else:
        return None
    return target.id if isinstance(target, ast.Name) else None
