"""What must be so for an edit to leave what the cell means: calls that happen once, names that nobody else has."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Sequence

from paracell.silence import Silence

from .. import names
from ..case import Case
from ..nodes import walk
from ..refusal import Edit
from ..resolve import Followed

LEAVES = (ast.Return, ast.Raise, ast.Yield, ast.YieldFrom, ast.Await, ast.Assert)
MAGIC = re.compile(r"^(\s*)[%!].*")
LATER = (*names.FUNCTIONS, *names.COMPREHENSIONS)


def free(case: Case, name: str) -> str:
    """`name`, or one like it, that neither the notebook nor the cell has."""
    text, number, found = "\n".join(case.lines), 1, name
    while found in case.resolver.namespace or names.is_builtin(found) or re.search(rf"\b{found}\b", text):
        number += 1
        found = f"{name}{number}"
    return found


def taken(case: Case, name: str, file: str, statement: ast.stmt) -> bool:
    """Whether the notebook or the cell has `name` for something beside what `statement` (in `file`) does."""
    inside = range(statement.lineno, (statement.end_lineno or 0) + 1) if not case.file(file) else ()
    lines = [line for number, line in enumerate(case.lines, 1) if number not in inside]
    return name in case.resolver.namespace or any(re.search(rf"\b{name}\b", line) for line in lines)


def only(case: Case, call: ast.Call) -> bool:
    """Whether the region names what `call` calls nowhere else."""
    called = ast.unparse(call.func)
    return sum(isinstance(n, type(call.func)) and ast.unparse(n) == called for n in walk(case.node)) == 1


def always(statement: ast.AST, call: ast.Call) -> bool:
    """Whether `statement` makes the call each time, and once."""
    node = statement
    while node is not call:
        inside = next((c for c in ast.iter_child_nodes(node) if any(n is call for n in walk(c))), None)
        if inside is None or isinstance(node, (ast.NamedExpr, *LATER)):
            return False
        if isinstance(node, ast.IfExp) and inside is not node.test:
            return False
        if isinstance(node, ast.BoolOp) and inside is not node.values[0]:
            return False
        if isinstance(node, ast.Compare) and inside not in (node.left, node.comparators[0]):
            return False
        node = inside
    return True


def comes_first(statement: ast.AST, call: ast.Call) -> bool:
    """Whether the call comes before any other but those that it is handed to."""
    around = {id(n) for n in walk(statement) if any(inner is call for inner in walk(n))}
    within = {id(n) for n in walk(call)}
    return all(id(n) in around | within for n in walk(statement) if isinstance(n, ast.Call))


def plainly_reached(function: Followed, statement: ast.stmt) -> bool:
    """Whether every call of the function comes to `statement`, and nothing stands around the function."""
    body = function.node.body
    if not isinstance(function.node, ast.FunctionDef) or not isinstance(body, list) or statement not in body:
        return False
    if function.node.decorator_list or function.name.split(".")[-1] in names.loads(*body):
        return False
    generator = any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in walk(function.node))
    return not generator and not any(isinstance(n, LEAVES) for s in earlier(function, statement) for n in walk(s))


def earlier(function: Followed, statement: ast.stmt) -> Sequence[ast.stmt]:
    """The statements of the function before `statement`."""
    body: list[ast.stmt] = function.node.body  # type: ignore[assignment]
    return body[: body.index(statement)]


def fills_lines(lines: Sequence[str], statement: ast.AST) -> bool:
    """Whether the lines hold `statement` and nothing else."""
    tree = parsed(textwrap.dedent("\n".join(lines)))
    return tree is not None and len(tree.body) == 1 and ast.dump(tree.body[0]) == ast.dump(statement)


def readable(case: Case, edit: Edit | None) -> Edit | None:
    """The edit, if the cell is Python with it."""
    lines = without_magics(case.lines)
    if edit is None or parsed("\n".join(lines)) is None:
        return edit
    for swap in sorted((s for s in edit.swaps if not s.file), key=lambda swap: -swap.number):
        swap.made(lines)
    return edit if parsed("\n".join(lines)) is not None else None


def without_magics(lines: Sequence[str]) -> list[str]:
    """The lines of a cell, as far as they are Python."""
    return [MAGIC.sub(r"\1pass", line) for line in lines]


def parsed(text: str) -> ast.Module | None:
    try:
        with Silence("<unknown>"):
            return ast.parse(text)
    except (SyntaxError, ValueError):
        return None
