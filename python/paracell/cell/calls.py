"""Calls of the run time in a cell's tree, and copies of a tree that share with it all that is the same in both."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeVar

from .located import on_first_line
from .nodes import parts

_Node = TypeVar("_Node", bound=ast.AST)
_LOAD = ast.Load()
Made = dict[int, Callable[[Any], "ast.AST | list[ast.AST]"]]
"""By the id of a node: from a copy of it, below which all is in place, what takes its place."""


def runtime_call(runtime: str, method: str, index: int, given: list[ast.expr], at: ast.AST) -> ast.Call:
    """``runtime.method(index, *given)``, which stands where `at` stands."""
    where = position(at)
    function = ast.Attribute(ast.Name(runtime, _LOAD, **where), method, _LOAD, **where)
    on_first_line(function)
    return ast.Call(function, [ast.Constant(index, **where), *given], [], **where)


def position(node: Any) -> dict[str, Any]:
    """Where `node` stands, as its class takes it."""
    return {
        "lineno": node.lineno,
        "col_offset": node.col_offset,
        "end_lineno": node.end_lineno,
        "end_col_offset": node.end_col_offset,
    }


def shallow(node: _Node) -> _Node:
    """A copy of `node` that shares what is below it."""
    new = type(node).__new__(type(node))
    new.__dict__.update(node.__dict__)
    return new


def exchanged(node: ast.AST, made: Made) -> Any:
    """`node` with what is `made` of some of its parts in their places. Nothing of `node` is changed: only what stands
    above those parts is copied. `made` is empty afterwards."""
    if not made:
        return node
    make = made.pop(id(node), None)
    new: Any = None
    for name, value in parts(node):
        if name == "body" and isinstance(node, ast.For):
            continue  # the outermost loops are exchanged
        if type(value) is list:
            replaced: Any = _all(value, made)
        else:
            replaced = exchanged(value, made)
        if replaced is not value:
            new = shallow(node) if new is None else new
            setattr(new, name, replaced)
        if not made:
            break
    if make is None:
        return node if new is None else new
    return make(shallow(node) if new is None else new)


def _all(nodes: list[Any], made: Made) -> list[Any]:
    new = [exchanged(node, made) if isinstance(node, ast.AST) else node for node in nodes]
    if all(one is other for one, other in zip(new, nodes, strict=True)):
        return nodes
    flat: list[Any] = []
    for one in new:
        flat += one if type(one) is list else [one]
    return flat
