"""Find a cell's regions: the outermost loops of its module-level code, in order of evaluation."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from typing import Any

from paracell.records import field, record

from . import names, tables
from .nodes import walk

KINDS = {ast.ListComp: "listcomp", ast.SetComp: "setcomp", ast.DictComp: "dictcomp", ast.GeneratorExp: "genexp"}

_LOOP = re.compile(r"for|map|filter")
_LOOPS = frozenset({ast.For, *KINDS})

PASSING = tables.LAZY | tables.words(
    """
    islice chain from_iterable takewhile dropwhile filterfalse zip_longest starmap tee accumulate groupby batched
    pairwise compress product
    """
)
"""Callables that ask for items when they are asked themselves."""

LOOP = "for"
"""In the place of a consumer's name: what only ever asks for the next item."""


@record
class Site:
    """Where a region stands."""

    node: ast.For | ast.expr
    kind: str
    handed_on: bool = True
    """A generator expression, map or filter that stands as an argument, and so is not kept."""
    lazy_in_loop: bool = False
    """It feeds the ``for`` region before it."""
    consumer: str = ""
    """Name of the function that it is handed to, where that is a plain name; or LOOP."""
    loop: list[ast.stmt] = field(default_factory=list)
    """The body of the ``for`` that goes over it."""
    around: ast.expr | None = None
    """The call that it is an argument of, without it."""
    caught: bool = False
    """Whether an exception that leaves it may be caught in the cell."""
    closed: frozenset[str] = frozenset()
    """Names that are closed when an exception leaves it: those of the ``with`` around it, inside of what catches."""
    after: list[ast.AST] = field(default_factory=list)
    """What may run inside of that ``with`` once it was left early."""


def may_have_sites(source: str) -> bool:
    """False only if a cell of this text has no region: its syntax tree need not be looked through."""
    return _LOOP.search(source) is not None or not source.isascii()


def has_sites(s: ast.AST) -> bool:
    """False only if ``sites_in(s)`` finds nothing; several times as fast."""
    if type(s) is ast.Name:
        return False
    nodes = walk(s)
    if not _LOOPS.isdisjoint(map(type, nodes)):
        return True
    return any(type(n) is ast.Name and n.id in ("map", "filter") for n in nodes)


def sites(tree: ast.Module) -> Iterator[Site]:
    """Every region of the cell; never inside def, class, lambda or while."""
    for statement in tree.body:
        yield from sites_in(statement)


def sites_in(s: ast.AST) -> Iterator[Site]:
    """The regions of one statement of the cell."""
    if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.While, ast.AsyncFor)):
        return
    if isinstance(s, ast.For):
        yield from _for(s)
        return
    guarded = isinstance(s, (ast.With, ast.AsyncWith)) and not names.cannot_swallow(s)
    tried = s.body if isinstance(s, ast.Try) or s.__class__.__name__ == "TryStar" or guarded else []  # type: ignore[attr-defined]
    opened = names.stores(*(i.optional_vars for i in s.items if i.optional_vars)) if isinstance(s, ast.With) else set()
    for child in ast.iter_child_nodes(s):
        found: Iterator[Site] = iter(())
        if isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            found = sites_in(child)
        elif isinstance(child, ast.withitem):
            found = _expression(child.context_expr, False)
        elif isinstance(child, ast.expr):
            found = _expression(child, False)
        for site in found:
            if not site.caught:
                site.caught = any(child is one for one in tried)
                site.closed |= opened
                site.after += _after(s, child, site.node) if opened else []
            yield site


def _after(statement: ast.AST, child: ast.AST, node: ast.AST) -> list[ast.AST]:
    """What of a ``with`` statement may run after `node`, which is `child`, a part of its body, or stands in that."""
    body: list[Any] = statement.body  # type: ignore[attr-defined]
    inside = {id(one) for one in walk(node)}
    beside = [one for one in walk(child) if isinstance(one, (ast.Name, ast.Attribute)) and id(one) not in inside]
    beside = [one for one in beside if inside.isdisjoint(map(id, walk(one)))]
    later = body[body.index(child) + 1 :] if child in body else body
    return [*later, *beside, *(node.orelse if isinstance(node, ast.For) else ())]


def _for(s: ast.For) -> Iterator[Site]:
    eager = list(_expression(s.iter, True, LOOP))
    for site in eager:
        if site.kind in ("listcomp", "setcomp", "dictcomp"):
            yield site
    yield Site(s, "for")
    for site in eager:
        if site.kind not in ("listcomp", "setcomp", "dictcomp"):
            site.lazy_in_loop, site.loop = True, s.body
            yield site
    for after in s.orelse:
        yield from sites_in(after)


def _expression(node: ast.AST, handed_on: bool, consumer: str = "", taken: ast.Call | None = None) -> Iterator[Site]:
    if isinstance(node, ast.Lambda):
        return
    kind = KINDS.get(type(node), "") if isinstance(node, names.COMPREHENSIONS) else ""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) >= 2:
        kind = node.func.id if node.func.id in ("map", "filter") else ""
    if kind:
        around = _without(taken, node) if taken is not None else None
        yield Site(node, kind, handed_on, consumer=consumer, around=around)  # type: ignore[arg-type]
        return
    argument = isinstance(node, (ast.Call, ast.keyword, ast.Starred, ast.comprehension))
    called = _called(node) if isinstance(node, ast.Call) else ""
    for child in ast.iter_child_nodes(node):
        inner = taken if isinstance(node, ast.keyword) else None
        if isinstance(node, ast.Call) and child is not node.func:
            passes = getattr(node.func, "id", getattr(node.func, "attr", "")) in PASSING
            inner = taken if passes and taken is not None else node
        name = consumer if isinstance(node, ast.keyword) else called
        yield from _expression(child, argument and child is not getattr(node, "func", None), name, inner)


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute) and call.func.attr == "join":
        return LOOP if isinstance(call.func.value, ast.Constant) else ""  # a str's or a bytes'
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _without(tree: Any, node: ast.AST) -> Any:
    """`tree` with an empty tuple where `node` stands."""
    if tree is node:
        return ast.copy_location(ast.Tuple([], ast.Load()), node)
    new = copy.copy(tree)
    for name, value in ast.iter_fields(tree):
        if isinstance(value, ast.AST) and any(n is node for n in walk(value)):
            setattr(new, name, _without(value, node))
        elif isinstance(value, list):
            setattr(new, name, [_without(v, node) if isinstance(v, ast.AST) else v for v in value])
    return new
