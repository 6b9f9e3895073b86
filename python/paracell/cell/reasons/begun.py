"""Where the cell shows what only the objects have told, when the loop was about to begin; and the edit that helps."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from paracell.records import replace

from .. import edits, names, tables
from ..case import Case
from ..edits.sound import parsed, without_magics
from ..nodes import walk
from ..refusal import Edit, Refusal, Shown
from ..resolve import Resolver
from .lines import shown, together

CHANGED = re.compile(r"'([^\W\d]\w*)', which the loop changes")
LATER = "and changes it later"
PATH = re.compile(r"^'?([^\W\d]\w*)(.*)$")


def located(refusal: Refusal, line: int, column: int, source: str, namespace: Mapping[str, Any], path: str) -> Refusal:
    """The refusal with its lines. The region stands in `line`, `column` of `source`; `path`: what it reads."""
    node = _region(source, line, column)
    if node is None:
        return refusal
    case = Case(node, source.splitlines(), Resolver(namespace, None))
    where, edit = _of_kind(case, refusal, path)
    lines = together(*where) or refusal.lines
    advice = "" if edit is not None else refusal.advice
    return replace(refusal, lines=lines, edit=edit, advice=advice)


def _region(source: str, line: int, column: int) -> Any:
    tree = parsed("\n".join(without_magics(source.splitlines())))
    if tree is None:
        return None
    kinds = (ast.For, *names.COMPREHENSIONS, ast.Call)
    return next((n for n in walk(tree) if isinstance(n, kinds) and (n.lineno, n.col_offset) == (line, column)), None)


def _of_kind(case: Case, refusal: Refusal, path: str) -> tuple[list[list[Shown]], Edit | None]:
    name, head = refusal.name or "", shown(case, case.node)
    if refusal.code == "alias":
        write = _first(case, lambda n: _changes(n, name))
        root, rest = PATH.match(path).groups() if PATH.match(path) else ("", "")  # type: ignore[union-attr]
        read = _first(case, lambda n: _reads(n, root)) if root != name else None
        lines = [shown(case, write, f"writes '{name}'"), shown(case, read, f"reads '{root}'")]
        return lines, edits.copied(case, read, root) if rest in ("", "'") and read is not None else None
    if refusal.code == "read-ahead":
        stop = _first(case, lambda n: isinstance(n, (ast.Break, ast.Return, ast.Raise)))
        condition = f"if nothing goes on with '{name}' afterwards"
        return [[*head], shown(case, stop, "may stop here")], _as_list(case, condition)
    if refusal.code == "items-depend":
        changed = CHANGED.search(refusal.detail)
        write = _first(case, lambda n: _changes(n, changed[1])) if changed else None
        lines = [head, shown(case, write, f"changes '{changed[1]}'") if changed else []]
        if refusal.detail.endswith(LATER) or "groupby()" in refusal.detail:
            return lines, None  # a list would hold one object many times, or what has come to its end
        return lines, _as_list(case, "if reading all items first is right")
    if refusal.code in ("shared-elements", "shared-items"):
        own = (name,) if name else tuple(names.stores(getattr(case.node, "target", case.node)))
        writes = [n for n in _body(case) if any(_changes(n, one) for one in own)]
        apart = refusal.code == "shared-items" or "share an object" in refusal.detail
        iterable = getattr(case.node, "iter", None)
        held = name if refusal.code == "shared-elements" else getattr(iterable, "id", "")
        edit = edits.made_apart(case, held) if apart and held else None
        return [head, shown(case, writes[0], "changes it") if writes else []], edit
    return [head], None


def _as_list(case: Case, condition: str) -> Edit | None:
    if not isinstance(case.node, ast.For):
        return None
    return edits.one(case, case.node.iter, f"list({ast.unparse(case.node.iter)})", condition)


def _body(case: Case) -> list[ast.AST]:
    return [n for s in case.body or [case.node] for n in walk(s)]


def _first(case: Case, wanted: Any) -> ast.AST | None:
    found = [n for n in _body(case) if wanted(n)]
    return min(found, key=lambda n: (n.lineno, n.col_offset), default=None)  # type: ignore[attr-defined]


def _reads(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)


def _changes(node: ast.AST, name: str | None) -> bool:
    """Whether `node` stores into what `name` holds, adds to it, or calls a method that changes it."""
    if isinstance(node, ast.AugAssign):
        end, changes = names.root(node.target), True
    elif isinstance(node, ast.Attribute) and node.attr in tables.MUTATORS:
        end, changes = names.root(node), True
    else:
        end = names.root(node)
        changes = isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load)
    return changes and isinstance(end, ast.Name) and name in (None, end.id)
