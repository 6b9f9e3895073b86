"""Generator expressions that a name holds until the next statement uses them up: as if they stood in it.

``words = (w for line in text for w in line.split())``, then ``n = Counter(words)``: nothing runs between the two.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from . import names, tables, taken
from .nodes import walk

USING_UP = (tables.CONSUMERS - tables.LAZY) | taken.METHODS


def drained(body: list[ast.stmt], loop: Collection[str]) -> Iterator[tuple[str, ast.GeneratorExp]]:
    """Each such expression of `body`, with its name. `loop` are names that each item binds."""
    nodes = [n for s in body for n in walk(s) if isinstance(n, ast.Name)]
    stored = [n.id for n in nodes if not isinstance(n.ctx, ast.Load)]
    for block in _blocks(body):
        for made, using in _runs(block):
            for at, (name, _) in enumerate(made):
                loads = [n for n in nodes if n.id == name and isinstance(n.ctx, ast.Load)]
                if name in loop or stored.count(name) != 1 or len(loads) != 1:
                    break
                later = [value for _, value in made[at + 1 :]]
                if not any(value.generators[0].iter is loads[0] for value in later) and not _uses_up(using, loads[0]):
                    break
            else:
                yield from made


def _blocks(body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """`body` and every block inside, but for those of functions and classes."""
    yield body
    for s in body:
        if not isinstance(s, (*names.FUNCTIONS, ast.ClassDef)):
            for inner in (s, *getattr(s, "handlers", ()), *getattr(s, "cases", ())):
                for field in ("body", "orelse", "finalbody"):
                    if isinstance(block := getattr(inner, field, None), list):
                        yield from _blocks(block)


def _runs(block: list[ast.stmt]) -> Iterator[tuple[list[tuple[str, ast.GeneratorExp]], ast.stmt]]:
    """(names with their generators, one behind the other; the statement behind them)."""
    made: list[tuple[str, ast.GeneratorExp]] = []
    for s in block:
        match s:
            case ast.Assign([ast.Name(name)], ast.GeneratorExp() as value):
                made.append((name, value))
            case _:
                if made:
                    yield made, s
                made = []


def _uses_up(s: ast.stmt, name: ast.Name) -> bool:
    """Whether `s` uses up what `name` holds, once, before it runs any block of its own."""
    heads: list[ast.AST | None] = [s]
    if isinstance(s, (ast.For, ast.AsyncFor)):
        if s.iter is name:
            return True
        heads = [s.iter]
    elif isinstance(s, ast.If):
        heads = [s.test]
    elif isinstance(s, ast.With):
        heads = [item.context_expr for item in s.items]
    elif not isinstance(s, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Assert)):
        return False
    for n in (n for head in heads if head is not None for n in walk(head)):
        if isinstance(n, ast.Call) and name in n.args:
            return (getattr(n.func, "id", None) or getattr(n.func, "attr", "")) in USING_UP
        if isinstance(n, (ast.ListComp, ast.SetComp, ast.DictComp)) and n.generators[0].iter is name:
            return True
    return False
