"""Which residues the commit part reaches before it does anything: what they print may be shown ahead of it."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from types import FunctionType, MethodDescriptorType, ModuleType
from typing import Any

from paracell.records import field, record

from .nodes import walk

_NOTHING = object()
_METHODS = (FunctionType, MethodDescriptorType)


@record
class Leading:
    """What the commit part reaches before it does anything."""

    sure: int = 0
    """So many of the first slots are reached before any of the user's own code runs in the notebook."""
    likely: int = 0
    """So many if `before` can be evaluated."""
    before: list[ast.expr] = field(default_factory=list)

    def slots(self, namespace: Mapping[str, Any]) -> int:
        """How many slots it is with these globals."""
        return self.likely if all(_there(one, namespace) for one in self.before) else self.sure


def leading(commit: list[ast.stmt], runtime: str) -> Leading:
    """Look at the loop's new body."""
    last = -1
    for statement in commit:
        slots = [slot for node in walk(statement) if (slot := _slot(node, runtime)) is not None]
        if _takes_over(statement, runtime):
            last = max([last, *slots])
            continue
        before = _before(statement, runtime) if slots else None
        if before is not None:
            return Leading(last + 1, max(last, min(slots)) + 1, before)
        break
    return Leading(last + 1, last + 1)


def _there(node: ast.expr, namespace: Mapping[str, Any]) -> bool:
    """Whether a name, or a method of an object (``fh.write``, ``self.found.append``), can be had without running
    anything."""
    return isinstance(node, ast.Constant) or _object(node, namespace) is not _NOTHING


def _object(node: ast.expr, namespace: Mapping[str, Any]) -> Any:
    """What `node` stands for, ``_NOTHING`` if finding that out may run code."""
    if isinstance(node, ast.Name):
        return namespace.get(node.id, getattr(builtins, node.id, _NOTHING))
    owner = _object(node.value, namespace) if isinstance(node, ast.Attribute) else _NOTHING
    if owner is _NOTHING or isinstance(owner, type):
        return _NOTHING
    name, kind = node.attr, type(owner)  # type: ignore[attr-defined]
    if isinstance(owner, ModuleType):
        return vars(owner).get(name, _NOTHING)
    if isinstance(kind.__getattribute__, FunctionType):
        return _NOTHING
    found = next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), _NOTHING)
    if isinstance(found, _METHODS):
        return getattr(owner, name)
    held = getattr(owner, "__dict__", {}) if found is _NOTHING else {}
    return held.get(name, _NOTHING) if type(held) is dict else _NOTHING


def _slot(node: ast.AST, runtime: str) -> int | None:
    """The slot that `node` reads, if it is a read of one of the iteration's own."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        value = node.value
        if isinstance(value, ast.Attribute) and value.attr == "v" and _is(value.value, runtime):
            return int(node.slice.value)  # type: ignore[arg-type]
    return None


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _takes_over(statement: ast.stmt, runtime: str) -> bool:
    """Whether a statement does nothing but bind a name to what the worker has bound, or note that it has."""
    if isinstance(statement, ast.If):
        return _ours(statement.test, runtime) and all(_takes_over(inner, runtime) for inner in statement.body)
    if isinstance(statement, ast.Assign):
        return isinstance(statement.targets[0], ast.Name) and _slot(statement.value, runtime) is not None
    if isinstance(statement, ast.Expr):
        return _slot(statement.value, runtime) is not None or _ours(statement.value, runtime)
    return False


def _ours(node: ast.expr, runtime: str) -> bool:
    """A call of the run time itself."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is(node.func.value, runtime)


def _before(statement: ast.stmt, runtime: str) -> list[ast.expr] | None:
    """What the statement evaluates before it reads its first slot; None if that is more than names."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        return [call.func] if call.args and _slot(call.args[0], runtime) is not None else None
    if isinstance(statement, ast.AugAssign):
        named = isinstance(statement.target, ast.Name) and _slot(statement.value, runtime) is not None
        return [ast.Name(statement.target.id, ast.Load())] if named else None  # type: ignore[union-attr]
    if isinstance(statement, ast.Assign):
        return [] if _slot(statement.value, runtime) is not None else None
    if isinstance(statement, (ast.If, ast.For)):
        head = statement.test if isinstance(statement, ast.If) else statement.iter
        return [] if _slot(head, runtime) is not None else None
    return None
