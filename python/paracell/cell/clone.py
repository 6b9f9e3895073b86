"""Copies of syntax trees, several times as fast as ``copy.deepcopy``: planning a cell makes many."""

from __future__ import annotations

import ast
from typing import Any, TypeVar

_Node = TypeVar("_Node", bound=ast.AST)
_SHARED = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
"""Nodes without fields, of which every tree may have the same."""


def clone(node: _Node) -> _Node:
    """A copy of `node` and all that is below it, with positions and whatever else its nodes carry."""
    kind = type(node)
    new: Any = kind.__new__(kind)
    fields = new.__dict__
    for name, value in node.__dict__.items():
        if type(value) is list:
            fields[name] = [_part(one) for one in value]
        else:
            fields[name] = _part(value)
    return new


def clones(nodes: list[_Node]) -> list[_Node]:
    """A copy of each."""
    return [clone(node) for node in nodes]


def _part(value: Any) -> Any:
    return clone(value) if isinstance(value, ast.AST) and not isinstance(value, _SHARED) else value
