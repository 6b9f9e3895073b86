"""A cell's tree in which every node has its place."""

from __future__ import annotations

import ast
from typing import TypeVar

from .nodes import parts

Tree = TypeVar("Tree", bound=ast.AST)

LINE_END = 1000
"""Column of the end of a line, and beyond. An attribute stands on the line on which its name ends, and so does its
call: one of ours ends on the line on which the expression of the cell begins in whose place it stands."""


class Located(ast.Module):
    """To be compiled like any other; who looks through it for nodes without a place, as IPython does with what an AST
    transformer has made, has nothing to look through: that takes longer than to plan the cell."""

    _fields = ()


def located(tree: ast.Module) -> ast.Module:
    """`tree`, of which every node has its place."""
    new: ast.Module = Located.__new__(Located)
    new.body, new.type_ignores = tree.body, tree.type_ignores
    return new


def completed(tree: Tree) -> Tree:
    """`tree`, whose nodes have been given the place of the one above where they had none: as by
    ``ast.fix_missing_locations``, which takes several times as long."""
    _complete(tree, 1, 0, 1, 0)
    return tree


def on_first_line(attribute: ast.Attribute) -> None:
    """See `LINE_END`."""
    if attribute.end_lineno != attribute.lineno:
        attribute.end_lineno, attribute.end_col_offset = attribute.lineno, LINE_END


def _complete(node: ast.AST, line: int, column: int, end_line: int, end_column: int) -> None:
    if node._attributes:
        fields = node.__dict__
        if type(node) is ast.Attribute and "lineno" not in fields and end_line != line:
            end_line, end_column = line, LINE_END
        line = fields.setdefault("lineno", line)
        column = fields.setdefault("col_offset", column)
        if fields.get("end_lineno") is None:
            fields["end_lineno"] = end_line
        else:
            end_line = fields["end_lineno"]
        if fields.get("end_col_offset") is None:
            fields["end_col_offset"] = end_column
        else:
            end_column = fields["end_col_offset"]
    for _, below in parts(node):
        for one in below if type(below) is list else (below,):
            if isinstance(one, ast.AST):
                _complete(one, line, column, end_line, end_column)
