"""A comprehension written as a ``for`` loop, whose body may act on what all iterations share."""

from __future__ import annotations

import ast
import builtins
import copy
import re
from typing import Any

from .. import names, tables
from ..case import Case
from ..nodes import walk
from ..refusal import Edit, Swap
from .sound import always, comes_first, fills_lines, free, parsed, readable, without_magics

KINDS: dict[type[ast.AST], tuple[str, str]] = {
    ast.ListComp: ("[]", "append"),
    ast.SetComp: ("set()", "add"),
    ast.DictComp: ("{}", ""),
    ast.GeneratorExp: ("[]", "append"),
}
"""Comprehension -> what holds its values at first, and the method that takes one."""
TAKES_ALL = tables.words("sum list tuple set frozenset dict max min sorted")
"""Builtins that take every value of a generator before they do anything else with the cell."""
PLAIN = (
    ast.Name, ast.Constant, ast.Call, ast.keyword, ast.expr_context, ast.BinOp, ast.operator, ast.Tuple, ast.JoinedStr,
    ast.FormattedValue, ast.UnaryOp, ast.unaryop,
)  # fmt: skip
"""What may stand around a comprehension that is computed before it: nothing there looks at what a body changes."""
GIVES_NONE = ("append", "add", "extend", "update", "insert", "remove", "discard", "clear", "sort", "setattr", "print")


def as_loop(case: Case) -> Edit | None:
    """The comprehension as a ``for`` loop; without its list where that holds nothing but None."""
    element = getattr(case.node, "elt", None)
    function = element.func if isinstance(element, ast.Call) else None
    name = getattr(function, "attr", getattr(function, "id", ""))
    return loop_instead(case, bare=name in GIVES_NONE)


def loop_instead(
    case: Case,
    first: tuple[str, ...] = (),
    gone: tuple[Swap, ...] = (),
    bare: bool = False,
    condition: str = "",
    swapped: tuple[ast.AST, ast.expr] | None = None,
    last: tuple[str, ...] = (),
) -> Edit | None:
    """A ``for`` loop instead of a comprehension; `first`, `last`: statements of its body; `bare`: its values are not
    wanted; `swapped`: a part of its values, and what stands there instead."""
    node, statement = case.node, statement_around(case)
    if type(node) not in KINDS or statement is None or any(g.is_async for g in node.generators):
        return None
    own = {name for generator in node.generators for name in names.stores(generator.target)}
    ifs = [condition.removeprefix("if ")]
    after: list[str] = []
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    whole = _is(statement.value, node)  # type: ignore[union-attr]
    if whole and isinstance(statement, ast.Assign) and (not isinstance(target, ast.Name) or len(statement.targets) > 1):
        return None
    values: str | None = target.id if whole and isinstance(target, ast.Name) else None
    if whole and (bare or values is None):
        ifs.append(f"'{values}' is not needed" if values is not None else _unless_shown(case, statement))
        values = None
    elif whole and values in names.loads(node):
        return None
    elif not whole:
        values = free(case, "values")
        rest = _with_name(case, statement, values, own)
        if rest is None:
            return None
        after = [rest]
    lines = [f"{values} = {KINDS[type(node)][0]}"] if values is not None else []
    indent = ""
    for generator in node.generators:
        lines.append(f"{indent}for {ast.unparse(generator.target)} in {ast.unparse(generator.iter)}:")
        indent += "    "
        for test in generator.ifs:
            lines.append(f"{indent}if {ast.unparse(test)}:")
            indent += "    "
    lines += [indent + line for line in (*first, *_taken(node, values, swapped), *last)]
    ifs += [f"'{name}' may be another afterwards" for name in sorted(_leaked(case, own, statement))]
    text = " and ".join(filter(None, ifs))
    swap = _lines_of(case, statement, [*lines, *after])
    return readable(case, Edit((*gone, swap), f"if {text}" if text else ""))


def _taken(node: Any, values: str | None, swapped: tuple[ast.AST, ast.expr] | None) -> list[str]:
    """What the body does with the values of an iteration."""
    if swapped is not None:
        node = _swap(node, *swapped)
    if values is None:
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return [ast.unparse(part) for part in parts if not isinstance(part, (ast.Name, ast.Constant))]
    if isinstance(node, ast.DictComp):
        return [f"{values}[{ast.unparse(node.key)}] = {ast.unparse(node.value)}"]
    return [f"{values}.{KINDS[type(node)][1]}({ast.unparse(node.elt)})"]


def _swap(node: Any, old: ast.AST, new: ast.expr) -> Any:
    """A copy of `node` with `new` where `old` stands."""

    class Put(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            return new if _is(node, old) else self.generic_visit(node)

    return Put().visit(copy.deepcopy(node))


def _is(node: ast.AST | None, other: ast.AST) -> bool:
    """Whether they are the same piece of the cell."""
    places = [(type(n), getattr(n, "lineno", 0), getattr(n, "col_offset", 0)) for n in (node, other)]
    return places[0] == places[1] and getattr(node, "end_col_offset", 0) == getattr(other, "end_col_offset", 0)


def statement_around(case: Case) -> ast.Assign | ast.Expr | None:
    """The simple statement around the region, which has its lines to itself: ``r = [...]``, ``print([...])``."""
    tree = parsed("\n".join(without_magics(case.lines)))
    for s in walk(tree) if tree is not None else ():
        if isinstance(s, (ast.Assign, ast.Expr)) and any(_is(n, case.node) for n in walk(s)):
            lines = [case.text(n) for n in range(s.lineno, (s.end_lineno or 0) + 1)]
            return s if fills_lines(lines, s) else None
    return None


def _with_name(case: Case, statement: ast.Assign | ast.Expr, values: str, own: set[str]) -> str | None:
    """The statement with a name instead of the comprehension, if that is the first thing that it computes."""
    node = next(n for n in walk(statement) if _is(n, case.node))
    inside = {id(n) for n in walk(node)}
    around = [n for n in walk(statement.value) if id(n) not in inside]
    if not always(statement.value, node) or not comes_first(statement.value, node):  # type: ignore[arg-type]
        return None
    joins = [n for n in around if isinstance(n, ast.Attribute)]
    if not all(isinstance(n, PLAIN) for n in around if n not in joins):
        return None
    if not all(isinstance(n.value, ast.Constant) for n in joins):
        return None
    if isinstance(node, ast.GeneratorExp) and not _taken_whole(case, statement, node):
        return None
    if own & {n.id for n in walk(statement) if isinstance(n, ast.Name) and id(n) not in inside}:
        return None
    return ast.unparse(_swap(statement, node, ast.Name(values, ast.Load())))


def _taken_whole(case: Case, statement: ast.stmt, node: ast.AST) -> bool:
    """Whether all values of the generator are taken at once: ``sum(...)``, ``", ".join(...)``."""
    call = next((n for n in walk(statement) if isinstance(n, ast.Call) and node in n.args), None)
    function = call.func if call is not None else None
    if isinstance(function, ast.Attribute):
        return function.attr == "join" and isinstance(function.value, ast.Constant)
    name = function.id if isinstance(function, ast.Name) else ""
    return name in TAKES_ALL and case.resolver.name(name) is getattr(builtins, name)


def _lines_of(case: Case, statement: ast.stmt, lines: list[str]) -> Swap:
    """`lines` instead of those of the statement."""
    numbers = range(statement.lineno, (statement.end_lineno or 0) + 1)
    return case.swap(statement.lineno, "\n".join(map(case.text, numbers)), *lines)


def _unless_shown(case: Case, statement: ast.stmt) -> str:
    """A comprehension that ends the cell is shown below it."""
    behind = case.lines[statement.end_lineno or 0 :]
    shown = not any(line.strip() and not line.lstrip().startswith("#") for line in behind)
    return "its value need not be shown" if shown else ""


def _leaked(case: Case, own: set[str], statement: ast.stmt) -> set[str]:
    """Names of the comprehension's own that a loop would take from the notebook or the rest of the cell."""
    within = range(statement.lineno, (statement.end_lineno or 0) + 1)
    rest = "\n".join(line for number, line in enumerate(case.lines, 1) if number not in within)
    return {name for name in own if name in case.resolver.namespace or re.search(rf"\b{name}\b", rest)}
