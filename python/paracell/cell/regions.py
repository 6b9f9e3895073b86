"""Find a cell's regions: the outermost loops of its module-level code, in order of evaluation."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from . import names

KINDS = {ast.ListComp: "listcomp", ast.SetComp: "setcomp", ast.DictComp: "dictcomp", ast.GeneratorExp: "genexp"}


@dataclass
class Site:
    """Where a region stands."""

    node: ast.For | ast.expr
    kind: str
    handed_on: bool = True
    """A generator expression, map or filter that stands as an argument, and so is not kept."""
    lazy_in_loop: bool = False
    """It feeds the ``for`` region before it."""
    consumer: str = ""
    """Name of the function that it is handed to, where that is a plain name."""


def sites(tree: ast.Module) -> Iterator[Site]:
    """Every region of the cell; never inside def, class, lambda or while."""
    for statement in tree.body:
        yield from _statement(statement)


def _statement(s: ast.AST) -> Iterator[Site]:
    if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.While, ast.AsyncFor)):
        return
    if isinstance(s, ast.For):
        eager = list(_expression(s.iter, True))
        for site in eager:
            if site.kind in ("listcomp", "setcomp", "dictcomp"):
                yield site
        yield Site(s, "for")
        for site in eager:
            if site.kind not in ("listcomp", "setcomp", "dictcomp"):
                site.lazy_in_loop = True
                yield site
        for after in s.orelse:
            yield from _statement(after)
        return
    for child in ast.iter_child_nodes(s):
        if isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            yield from _statement(child)
        elif isinstance(child, ast.withitem):
            yield from _expression(child.context_expr, False)
        elif isinstance(child, ast.expr):
            yield from _expression(child, False)


def _expression(node: ast.AST, handed_on: bool, consumer: str = "") -> Iterator[Site]:
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, names.COMPREHENSIONS):
        yield Site(node, KINDS[type(node)], handed_on, consumer=consumer)
        return
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("map", "filter")
        and len(node.args) >= 2
    ):
        yield Site(node, node.func.id, handed_on, consumer=consumer)
        return
    argument = isinstance(node, (ast.Call, ast.keyword, ast.Starred, ast.comprehension))
    called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
    for child in ast.iter_child_nodes(node):
        yield from _expression(child, argument and child is not getattr(node, "func", None), called)
