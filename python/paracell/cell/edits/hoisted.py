"""What can be done once, before the loop, is done there."""

from __future__ import annotations

import ast
from typing import Any

from .. import names
from ..case import Case
from ..nodes import walk
from ..origin import Origin
from ..refusal import Edit, Swap
from .functions import line, unless_called
from .pieces import before, replaced
from .regions import AGAIN
from .shared import taken_by_comprehension, taken_head
from .sound import always, fills_lines, free

LEAVE = (ast.Continue, ast.Break, ast.Return)


def set_before(case: Case, node: ast.AST) -> Edit | None:
    """``np.seterr(all="ignore")`` before the loop, if it does not depend on the item."""
    statement = _own_statement(case, node)
    if statement is None or _bound(case) & names.loads(statement) or len(case.body) < 2:
        return None
    text = case.text(statement.lineno)
    gone = case.swap(statement.lineno, text)
    return Edit((before(case, case.node, text.strip()), gone), "if once, before the loop, will do")


def set_before_by_function(case: Case, call: ast.AST, origin: Origin) -> Edit | None:
    """The same where a function does it."""
    function = origin.function
    body = function.node.body
    if not isinstance(case.node, ast.For) or not isinstance(body, list) or len(body) < 2 or function.home is not None:
        return None
    own = names.locals_of(function.node) | set(names.parameters(function.node.args))
    for s in body:
        simple = isinstance(s, ast.Expr) and s.lineno == s.end_lineno and any(n is origin.node for n in walk(s))
        if simple and not own & names.loads(s):
            gone = line(case, function, s.lineno)
            condition = f"{unless_called(function)} and once, before the loop, will do"
            first = before(case, case.node, gone.old.strip())
            return Edit((gone, first), condition) if fills_lines([gone.old], s) else None
    return None


def before_block(case: Case, block: ast.With, call: ast.Call) -> Edit | None:
    """``value = f(x)`` before the ``with`` in which it is used."""
    bound = names.stores(*(i.optional_vars for i in block.items if i.optional_vars is not None), *block.body)
    statement = next((s for s in block.body if any(n is call for n in walk(s))), None)
    if not isinstance(statement, (ast.Expr, ast.Assign, ast.AugAssign)) or bound & names.loads(call):
        return None
    if not always(statement.value, call) or (isinstance(statement, ast.Expr) and statement.value is call):
        return None
    name = free(case, "value")
    head, swap = case.text(block.lineno), replaced(case, call, name)
    if swap is None or call.lineno == block.lineno or not fills_lines([swap.old], statement):
        return None
    first = before(case, block, f"{name} = {ast.unparse(call)}")
    return Edit((first, swap), "if that may be computed before the block") if head.rstrip().endswith(":") else None


def before_class(case: Case, made: ast.ClassDef, call: ast.Call) -> Edit | None:
    """``value = f(x)`` before the ``class`` statement that computes it."""
    statement = next((s for s in made.body if any(n is call for n in walk(s))), None)
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None or made.decorator_list:
        return None
    earlier: list[ast.AST] = [*made.bases, *made.keywords, *made.body[: made.body.index(statement)]]
    if any(isinstance(n, ast.Call) for one in earlier for n in walk(one)):
        return None
    if names.stores(*made.body) & names.loads(call) or not always(statement.value, call):
        return None
    name = free(case, "value")
    swap = replaced(case, call, name)
    if (
        swap is None
        or not fills_lines([swap.old], statement)
        or not case.text(made.lineno).lstrip().startswith("class")
    ):
        return None
    return Edit((before(case, made, f"{name} = {ast.unparse(call)}"), swap))


def asked_first(case: Case, call: ast.AST) -> Edit | None:
    """All questions are asked in a cell before, and the loop goes over the answers."""
    if not isinstance(call, ast.Call) or _bound_otherwise(case) & names.loads(call):
        return None
    node = case.node
    comprehension = isinstance(node, names.COMPREHENSIONS) and len(node.generators) == 1 and not node.generators[0].ifs
    if not isinstance(node, ast.For) and not comprehension:
        return None
    iterable = node.iter if isinstance(node, ast.For) else node.generators[0].iter
    target = node.target if isinstance(node, ast.For) else node.generators[0].target
    if not twice(case, iterable) or sum(_is_question(n) for n in walk(node)) != 1:
        return None
    answers, answer = free(case, "answers"), free(case, "answer")
    first = f"{answers} = [{ast.unparse(call)} for {ast.unparse(target)} in {ast.unparse(iterable)}]"
    condition = "if all may be asked first"
    if comprehension:
        if not any(always(part, call) for part in _values(node)):
            return None
        edit = taken_by_comprehension(case, call, answers, answer, condition)
        return Edit(edit.swaps, condition, (first,)) if edit is not None else None
    head, swap = taken_head(case, [answer], [answers]), replaced(case, call, answer)
    top = next((s for s in case.body if any(n is call for n in walk(s))), None)
    if head is None or swap is None or top is None or call.lineno == case.line or not always(top, call):
        return None
    if any(isinstance(n, LEAVE) for s in case.body[: case.body.index(top)] for n in walk(s)):
        return None
    if not isinstance(top, (ast.Assign, ast.AugAssign, ast.Expr)):
        return None
    return Edit((head, swap), condition, (first,))


def left_out(case: Case, function: ast.AST) -> Edit | None:
    """A loop without its ``breakpoint()``."""
    statement = _own_statement(case, function, anywhere=True)
    if statement is None:
        return None
    alone = any(getattr(n, field, None) == [statement] for n in walk(case.node) for field in ("body", "orelse"))
    text = case.text(statement.lineno)
    new = ("pass",) if alone else ()
    what = "it need not stop there" if getattr(function, "id", "") == "breakpoint" else "that need not be shown"
    return Edit((Swap(statement.lineno, text, new),), f"if {what}")


def _own_statement(case: Case, node: ast.AST, anywhere: bool = False) -> ast.stmt | None:
    """The call around `node` (or the assignment to it) as a statement of the body, which has its line to itself."""
    for top in case.body:
        inner: list[Any] = [top, *(walk(top) if anywhere else ())]
        for s in inner:
            parts: list[ast.AST] = []
            if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call):
                parts = [s.value, s.value.func]
            elif isinstance(s, ast.Assign):
                parts = [*s.targets]
            if any(part is node for part in parts):
                return s if fills_lines([case.text(s.lineno)], s) else None
    return None


def _bound(case: Case) -> set[str]:
    return names.stores(case.node.target, *case.body)


def _bound_otherwise(case: Case) -> set[str]:
    """Names that the body binds, but for the loop's own."""
    return names.stores(*case.body) if case.body else set()


def _values(node: ast.AST) -> list[ast.expr]:
    return [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]  # type: ignore[attr-defined]


def twice(case: Case, iterable: ast.expr) -> bool:
    """Whether it can be gone over twice, and is the same before the cell."""
    if isinstance(iterable, ast.Call):
        name = iterable.func.id if isinstance(iterable.func, ast.Name) else ""
        if name in ("enumerate", "zip", "reversed", "sorted"):
            return all(twice(case, one) for one in iterable.args)
        return name == "range"
    name = iterable.id if isinstance(iterable, ast.Name) else ""
    return isinstance(case.resolver.name(name), AGAIN) if name else isinstance(iterable, (ast.List, ast.Tuple))


def _is_question(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "input"
