"""What a function computes before it changes something is computed in the loop, and handed to the function."""

from __future__ import annotations

import ast
from typing import Any

from .. import names
from ..case import Case
from ..effects import Effects
from ..nodes import walk
from ..origin import Origin, source_line
from ..refusal import Edit, Swap
from ..resolve import Followed
from .loops import loop_instead
from .pieces import holder, piece
from .sound import LATER, LEAVES, always, comes_first, fills_lines, free, only

SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return)
UNDECORATED = {"staticmethod", "classmethod"}


def handed_in(case: Case, call: ast.AST, origin: Origin, effects: Effects) -> Edit | None:
    """``part(x, f(x))`` instead of a ``part(x)`` that begins with ``y = f(x)`` and then changes something."""
    function = origin.function
    if not isinstance(function.node, ast.FunctionDef) or not isinstance(call, ast.Call) or function.home is not None:
        return None
    decorators = {ast.unparse(d) for d in function.node.decorator_list}
    generator = any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in walk(function.node))
    if decorators - UNDECORATED or generator or not only(case, call):
        return None
    found = _work(function, effects, case, call)
    if found is None:
        return None
    work, statement, raising = found
    given = _arguments(case, call, function, work, effects)
    if given is None:
        return None
    target = statement.targets[0] if isinstance(statement, ast.Assign) and statement.value is work else None
    name = target.id if isinstance(target, ast.Name) else _free_in(case, function, "value")
    inside = _in_function(case, function, statement, work, name, isinstance(target, ast.Name))
    if inside is None:
        return None
    condition = f"if nothing else calls {function.name.split('<locals>.')[-1].removesuffix('.__init__')}()"
    condition += f" and {ast.unparse(work.func)}() raises nothing" if raising else ""
    plain = not (call.keywords or function.node.args.defaults or function.node.args.kwonlyargs)
    more = call.args if not plain else [*call.args, given]
    keywords = call.keywords if plain else [*call.keywords, ast.keyword(name, given)]
    new = ast.Call(call.func, list(more), list(keywords))
    if not isinstance(case.node, ast.For):
        return loop_instead(case, gone=tuple(inside), condition=condition, swapped=(call, new))
    where, line = holder(case, call), piece(case, call, ast.unparse(new))
    if where is None or line is None:
        return None
    return Edit((*inside, case.swap(where.lineno, case.text(where.lineno), line.lstrip())), condition)


def _handed_items(case: Case, call: ast.Call, function: Followed, effects: Effects) -> set[str]:
    """Parameters that get the loop's own item: what it was before the call, this iteration alone has changed."""
    targets = (
        [case.node.target]
        if isinstance(case.node, ast.For)
        else [g.target for g in getattr(case.node, "generators", [])]
    )
    own = names.stores(*targets)
    handed = {name: effects.argument(call, function, name) for name in names.parameters(function.node.args)}
    return {name for name, given in handed.items() if isinstance(given, ast.Name) and given.id in own}


def _work(function: Followed, effects: Effects, case: Case, call: ast.Call) -> tuple[ast.Call, ast.stmt, bool] | None:
    """The first call that is worth a worker, its statement, and whether something is changed before it."""
    own = names.locals_of(function.node)
    given = set(names.parameters(function.node.args))
    changed = effects.summary(function)
    raising = False
    body: Any = function.node.body
    for s in body:
        if isinstance(s, (ast.Global, ast.Nonlocal)) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)):
            continue
        if not isinstance(s, SIMPLE) or s.lineno != s.end_lineno:
            return None
        if not fills_lines([source_line(function.file, s.lineno, case.lines)], s) and not isinstance(s, ast.Return):
            return None
        for n in walk(s):
            if isinstance(n, ast.Call) and always(s, n) and comes_first(s, n) and _worth(n, effects):
                read = names.loads(n)
                items = _handed_items(case, call, function, effects) if not raising else set()
                free_of_change = not read & ((set(changed.parameters) - items) | set(changed.outside))
                known = read & own <= given - names.stores(*body[: body.index(s)])
                return (n, s, raising) if free_of_change and known else None
        calls = [n for n in walk(s) if isinstance(n, ast.Call)]
        plain = all(isinstance(n.func, ast.Attribute) and n.func.attr in ("append", "add") for n in calls)
        if not plain or any(isinstance(n, (*LEAVES, *LATER)) for n in walk(s)) or isinstance(s, ast.Assign):
            return None
        raising = True
    return None


def _worth(call: ast.Call, effects: Effects) -> bool:
    """Whether it is a call of a notebook's function that only computes."""
    followed = effects.follow(call.func)
    if followed is None or any(isinstance(n, LATER) for n in walk(call)) or not isinstance(call.func, ast.Name):
        return False
    summary = effects.summary(followed)
    quiet = not (summary.outside or summary.parameters or summary.forbidden or summary.shows or summary.acts)
    return quiet and not any(True for _ in effects.changes(call))


def _arguments(case: Case, call: ast.Call, function: Followed, work: ast.Call, effects: Effects) -> ast.expr | None:
    """`work` with what the call hands to the function instead of its parameters."""
    own = names.locals_of(function.node)
    values: dict[str, ast.expr] = {}
    for name in names.loads(work):
        if name in own:
            argument = effects.argument(call, function, name)
            if argument is None or any(isinstance(n, (ast.Call, ast.NamedExpr, *LATER)) for n in walk(argument)):
                return None
            values[name] = argument
        elif name in function.closed or name in _bound_by(case.node):
            return None

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return values.get(node.id, node)

    return Put().visit(ast.parse(ast.unparse(work), mode="eval").body)  # type: ignore[no-any-return]


def _bound_by(node: Any) -> set[str]:
    """Names that mean something of its own inside of the comprehension `node`."""
    return {name for generator in getattr(node, "generators", []) for name in names.stores(generator.target)}


def _free_in(case: Case, function: Followed, name: str) -> str:
    found = free(case, name)
    return found if found not in names.locals_of(function.node) else f"{found}_"


def _in_function(
    case: Case, function: Followed, statement: ast.stmt, work: ast.Call, name: str, whole: bool
) -> list[Swap] | None:
    """The edit of the function: it gets `name`, and uses that where it made the call."""

    def line(number: int, *new: str) -> Swap:
        return case.swap(number, source_line(function.file, number, case.lines), *new, file=function.file)

    head = with_parameter(source_line(function.file, function.node.lineno, case.lines), function, name)
    if head is None:
        return None
    if whole:
        return [line(function.node.lineno, head.lstrip()), line(statement.lineno)]
    text = piece(case, work, name, source_line(function.file, work.lineno, case.lines))
    return None if text is None else [line(function.node.lineno, head.lstrip()), line(statement.lineno, text.lstrip())]


def with_parameter(head: str, function: Followed, name: str) -> str | None:
    """The line ``def part(x, k=1):`` with one parameter more, the last."""
    args = function.node.args
    last = [n for n in ast.walk(args) if hasattr(n, "end_col_offset")]
    if args.kwarg or any(n.lineno != function.node.lineno for n in last) or name in names.parameters(args):  # type: ignore[attr-defined]
        return None
    raw = head.encode()
    if not last:
        at = raw.find(b"(") + 1
        return f"{raw[:at].decode()}{name}{raw[at:].decode()}" if at and raw[at:].lstrip()[:1] == b")" else None
    at = max(n.end_col_offset for n in last)  # type: ignore[attr-defined]
    star = ", *" if args.defaults and not (args.vararg or args.kwonlyargs) else ""
    new = f"{raw[:at].decode()}{star}, {name}{raw[at:].decode()}"
    try:
        made: Any = ast.parse(new.strip() + "\n    pass").body[0]
    except SyntaxError:
        return None
    return new if isinstance(made, ast.FunctionDef) and name in names.parameters(made.args) else None
