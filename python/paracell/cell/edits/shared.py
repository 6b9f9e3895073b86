"""Loops that take the items of an iterator that their iterations would take in turns."""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence
from typing import Any

from .. import names
from ..case import Case
from ..effects import Effects
from ..nodes import walk
from ..origin import Origin, source_line
from ..refusal import Edit, Swap
from .functions import called_once, line, unless_called
from .handing import with_parameter
from .pieces import before, holder, one, piece, replaced, with_instead
from .sound import always, fills_lines, free, plainly_reached

LEAVE = (ast.Continue, ast.Break)


def taken_by_loop(case: Case, name: str) -> Edit | None:
    """``for x, item in zip(xs, it)`` instead of ``next(it)``; as many items as an iteration takes."""
    asked = [n for n in walk(case.node) if isinstance(n, ast.Call) and _is_next(n, name)]
    calls = sorted(asked, key=lambda n: (n.lineno, n.col_offset))
    if not calls or not _each_once(case, calls, name):
        return None
    defaults = {ast.unparse(n.args[1]) if len(n.args) > 1 else "" for n in calls}
    if len(defaults) > 1 or not all(isinstance(a, ast.Constant) for n in calls for a in n.args[1:]):
        return None
    source, condition = name, f"if '{name}' has an item for each"
    first: list[Swap] = []
    if default := defaults.pop():
        source, condition = f"itertools.chain({name}, itertools.repeat({default}))", ""
        if getattr(case.resolver.name("itertools"), "__name__", "") != "itertools":
            first = [before(case, case.node, "import itertools")]
    items = [free(case, "item" if number == 1 else f"item{number}") for number in range(1, len(calls) + 1)]
    if not isinstance(case.node, ast.For):
        if first or len(calls) > 1:
            return None
        return taken_by_comprehension(case, calls[0], source, items[0], condition)
    head = taken_head(case, items, [source] * (1 if default else len(items)))
    if default and len(items) > 1:
        return None
    swaps = with_instead(case, dict(zip(calls, items, strict=True)))
    if head is None or not swaps or any(n.lineno == case.line for n in calls):
        return None
    if first:
        head = head._replace(new=(*first[0].new[:1], *head.new))
    return Edit((head, *swaps), condition)


def _is_next(node: ast.AST, name: str) -> bool:
    plain = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "next"
    return plain and 0 < len(node.args) < 3 and ast.unparse(node.args[0]) == name  # type: ignore[attr-defined]


def taken_head(case: Case, items: Sequence[str], sources: Sequence[str]) -> Swap | None:
    """``for x, item in zip(xs, it):``"""
    target, iterable = ast.unparse(case.node.target), ast.unparse(case.node.iter)
    target = f"({target})" if isinstance(case.node.target, ast.Tuple) and not target.startswith("(") else target
    text = case.text(case.line)
    head = f"for {', '.join([target, *items])} in zip({', '.join([iterable, *sources])}):"
    return case.swap(case.line, text, head) if text.rstrip().endswith(":") else None


def _each_once(case: Case, calls: Sequence[Any], name: str) -> bool:
    """Whether each iteration makes each of the calls once, whatever happens before, and uses `name` for nothing
    else."""
    if sum(isinstance(n, ast.Name) and n.id == name for n in walk(case.node)) != len(calls):
        return False
    if isinstance(case.node, ast.For):
        return all(_always(case, call) for call in calls)
    if not isinstance(case.node, names.COMPREHENSIONS):  # map()
        return False
    generators = case.node.generators
    values = [case.node.key, case.node.value] if isinstance(case.node, ast.DictComp) else [case.node.elt]
    whole = len(generators) == 1 and not generators[0].ifs
    return whole and all(any(always(v, call) for v in values) for call in calls)


def _always(case: Case, call: ast.Call) -> bool:
    where = holder(case, call)
    first = case.body[: case.body.index(where)] if where in case.body else None
    leaves = first is None or any(isinstance(n, LEAVE) for s in first for n in walk(s))
    return not leaves and where is not None and always(where, call)


def taken_by_comprehension(
    case: Case, call: ast.Call, name: str, item: str, condition: str, new: ast.expr | None = None
) -> Edit | None:
    """The same for a comprehension; `new`: what stands where the call stood, the item if it is none."""
    if not isinstance(case.node, names.COMPREHENSIONS) or len(case.node.generators) != 1:
        return None

    class Put(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.AST:
            same = ast.unparse(node) == ast.unparse(call)
            return (new or ast.Name(item, ast.Load())) if same else self.generic_visit(node)

    made = Put().visit(copy.deepcopy(case.node))
    generator = made.generators[0]
    generator.iter = ast.Call(ast.Name("zip", ast.Load()), [generator.iter, ast.parse(name, mode="eval").body], [])
    generator.target = ast.Tuple([generator.target, ast.Name(item, ast.Store())], ast.Store())
    return one(case, case.node, ast.unparse(made), condition)


def taken_for_function(case: Case, call: ast.AST, origin: Origin, name: str, effects: Effects) -> Edit | None:
    """``take(x, item)``, where ``take`` has made the ``next(it)`` itself."""
    function = origin.function
    body, asked = function.node.body, origin.node
    if not isinstance(call, ast.Call) or not _is_next(asked, name) or len(asked.args) > 1 or not isinstance(body, list):  # type: ignore[attr-defined]
        return None
    statement = next((s for s in body if any(n is asked for n in walk(s))), None)
    simple = isinstance(statement, (ast.Assign, ast.Expr, ast.Return, ast.AugAssign))
    if not simple or statement is None or not plainly_reached(function, statement) or function.home is not None:
        return None
    uses = sum(isinstance(n, ast.Name) and n.id == name for n in walk(function.node))
    if uses != 1 or not always(statement, asked) or len(effects.summary(function).outside) != 1:  # type: ignore[arg-type]
        return None
    if not called_once(case, call, name) or any(isinstance(n, ast.Name) and n.id == name for n in walk(case.node)):
        return None
    item = free(case, "item")
    text = source_line(function.file, statement.lineno, case.lines)
    head = with_parameter(source_line(function.file, function.node.lineno, case.lines), function, item)
    new = piece(case, asked, item, text)
    if head is None or new is None or not fills_lines([text], statement) or item in names.locals_of(function.node):
        return None
    changed = (
        line(case, function, function.node.lineno, head.lstrip()),
        line(case, function, statement.lineno, new.lstrip()),
    )
    added = ast.Call(call.func, call.args, [*call.keywords, ast.keyword(item, ast.Name(item, ast.Load()))])
    condition = f"{unless_called(function)} and '{name}' has an item for each"
    if not isinstance(case.node, ast.For):
        edit = taken_by_comprehension(case, call, name, item, condition, added)
        return Edit((*changed, *edit.swaps), condition) if edit is not None else None
    first, last = taken_head(case, [item], [name]), replaced(case, call, ast.unparse(added))
    if first is None or last is None or call.lineno == case.line or not _always(case, call):
        return None
    return Edit((*changed, first, last), condition)
