"""Edits of code that reaches names by their text, runs text, or ends the session."""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import Any

from paracell.silence import Silence

from .. import names
from ..case import Case
from ..nodes import walk
from ..refusal import Edit
from .pieces import one, with_instead
from .sound import readable

ATOMS = (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.Constant, ast.List, ast.Set, ast.Dict)


def as_names(case: Case, functions: Collection[str]) -> Edit | None:
    """``f`` instead of ``globals()["f"]``, wherever it stands; `functions`: globals, vars, ..."""
    calls = [n for n in walk(case.node) if isinstance(n, ast.Call) and _named(n.func) in functions]
    places: dict[ast.AST, str] = {}
    for n in walk(case.node):
        if isinstance(n, ast.Subscript) and n.value in calls and isinstance(n.slice, ast.Constant):
            text = n.slice.value
            if isinstance(text, str) and text.isidentifier() and text not in _inner(case):
                places[n] = text
    uses = sum(_named(n) in functions for n in walk(case.node))
    if not places or not len(places) == len(calls) == uses or any(c.args or c.keywords for c in calls):
        return None
    swaps = with_instead(case, places)
    return readable(case, Edit(tuple(swaps))) if swaps else None


def _named(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _inner(case: Case) -> set[str]:
    """Names that mean something else inside of the region than in the notebook."""
    inner = (*names.FUNCTIONS, *names.COMPREHENSIONS)
    parts = [case.node, *(n for n in walk(case.node) if isinstance(n, inner))]
    own: set[str] = set()
    for part in parts:
        for generator in getattr(part, "generators", []):
            own |= names.stores(generator.target)
        if isinstance(part, names.FUNCTIONS):
            own |= names.locals_of(part)
    return own


def as_code(case: Case, call: ast.Call) -> Edit | None:
    """What ``eval("f(x)")`` would run."""
    text: Any = call.args[0].value if len(call.args) == 1 and isinstance(call.args[0], ast.Constant) else None
    if not isinstance(text, str) or call.keywords:
        return None
    try:
        with Silence("<unknown>"):
            body = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None
    return readable(case, one(case, call, text.strip() if isinstance(body, ATOMS) else f"({text.strip()})"))


def left(case: Case, statement: ast.Expr) -> Edit | None:
    """``break`` instead of ``exit()``, where that would leave this loop."""
    if not isinstance(case.node, ast.For):
        return None
    inner = (ast.For, ast.While, ast.AsyncFor, *names.FUNCTIONS, ast.ClassDef)
    loops = [n for s in case.body for n in walk(s) if isinstance(n, inner)]
    if any(n is statement for loop in loops for n in walk(loop)):
        return None
    return one(case, statement, "break", "if leaving the loop will do")
