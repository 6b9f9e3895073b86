"""The tree of a region that is not parallel: as it stands in the cell, with a clock around it."""

from __future__ import annotations

import ast
from typing import Any

from .nodes import walk


def clocked(node: Any, index: int, runtime: str) -> ast.AST:
    """`node` as it stands; ``run.serially`` sees it begin and end."""

    def call(method: str, *args: ast.expr) -> ast.Call:
        return ast.Call(ast.Attribute(ast.Name(runtime, ast.Load()), method, ast.Load()), list(args), [])

    number = ast.Constant(index)
    if isinstance(node, ast.For):
        if not any(isinstance(n, ast.Break) for n in walk(node)):
            node.iter = call("counted", node.iter)
            _place(node.iter, node.iter.args[0])
        around = ast.With([ast.withitem(call("serially", number))], [node])
        ast.copy_location(around, node)
        _place(around.items[0].context_expr, node.target)
        return around
    return _place(call("timed", number, call("clock", number), node), node)


def _place(new: ast.expr, at: ast.AST) -> ast.expr:
    """Parts of `new` that have no position stand where `at` stands."""
    for part in walk(new):
        if isinstance(part, ast.expr) and getattr(part, "lineno", None) is None:
            ast.copy_location(part, at)
    return new
