"""What a cached function shows or notes the first time that it is called with an argument the loop does, just then."""

from __future__ import annotations

import ast
import copy

from paracell.records import replace

from ..case import Case
from ..effects import Effects
from ..origin import Origin, source_line
from ..refusal import Edit
from ..resolve import Followed
from .functions import called_once, line, substituted, unless_called
from .loops import loop_instead
from .pieces import holder
from .sound import fills_lines, free

UNBOUNDED = {"functools.cache", "cache", "functools.lru_cache(maxsize=None)", "lru_cache(maxsize=None)"}
"""Caches that forget nothing: what they hold are the arguments that they were called with."""


def shown_once(case: Case, call: ast.AST, origin: Origin, effects: Effects) -> Edit | None:
    """``if x not in shown: print(x)`` in the loop, instead of a ``print(x)`` in a cached function, or a change."""
    function, node = origin.function, origin.function.node
    if not isinstance(node, ast.FunctionDef) or not isinstance(call, ast.Call) or call.keywords or not call.args:
        return None
    if len(node.decorator_list) != 1 or ast.unparse(node.decorator_list[0]) not in UNBOUNDED:
        return None
    statement = _first(node)
    if statement is None or len(node.body) < 2 or not _shows_or_changes(statement, origin.node, effects):
        return None
    if not fills_lines([source_line(function.file, statement.lineno, case.lines)], statement):
        return None
    if not all(isinstance(a, (ast.Name, ast.Constant)) for a in call.args) or not called_once(case, call, ""):
        return None
    moved = substituted(case, statement, call, function, effects)
    if moved is None or _shows_more(function, statement, effects):
        return None
    shown = free(case, "shown")
    key = ", ".join(map(ast.unparse, call.args))
    key = key if len(call.args) == 1 else f"({key})"
    first, last = (f"if {key} not in {shown}:", f"    {moved}"), f"{shown}.add({key})"
    decorator = node.decorator_list[0].lineno
    head = source_line(function.file, decorator, case.lines).lstrip()
    gone = (line(case, function, decorator, f"{shown} = set()", head), line(case, function, statement.lineno))
    where = holder(case, call)
    if where is None:
        return loop_instead(case, first, gone, condition=unless_called(function), last=(last,))
    text = case.text(where.lineno)
    return Edit((*gone, case.swap(where.lineno, text, *first, text.lstrip(), last)), unless_called(function))


def _first(node: ast.FunctionDef) -> ast.stmt | None:
    """The first statement of a function that is no docstring."""
    body = [s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    return body[0] if body else None


def _shows_or_changes(statement: ast.stmt, act: ast.AST, effects: Effects) -> bool:
    """Whether the statement prints, or changes something, in a call of its own that does nothing else."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not any(n is act for n in ast.walk(statement)):
        return False
    return call is act or effects.resolver(call.func) is print


def _shows_more(function: Followed, statement: ast.stmt, effects: Effects) -> bool:
    """Whether the function shows something without that statement, too."""
    node = copy.copy(function.node)
    node.body = [s for s in function.node.body if s is not statement]  # type: ignore[union-attr, assignment]
    summary = effects.summary(replace(function, node=node))
    return bool(summary.shows or summary.outside or summary.parameters)
