"""Edits of the functions that a region calls."""

from __future__ import annotations

import ast
import copy

from .. import names, tables
from ..case import Case
from ..effects import Effects
from ..nodes import walk
from ..origin import Origin, source_line
from ..refusal import Edit, Swap
from ..resolve import Followed
from .loops import loop_instead
from .pieces import before, holder, piece, replaced
from .sound import always, comes_first, earlier, fills_lines, free, only, plainly_reached, taken


def returns_it(
    case: Case, call: ast.AST, origin: Origin, owner: str, effects: Effects, drop: bool = False
) -> Edit | None:
    """What the function changes outside is changed in the loop: two or three lines. `drop`: it is handed to the
    function, which then has no use for it."""
    function = origin.function
    statement = _statement(function, origin, owner, case.lines)
    summary = effects.summary(function)
    if len(summary.outside) + len(summary.parameters) != 1:
        return None
    if not isinstance(call, ast.Call) or statement is None or len(function.node.body) < 2:  # type: ignore[arg-type]
        return None
    if not plainly_reached(function, statement) or not called_once(case, call, owner):
        return None
    rest = [s for s in function.node.body if s is not statement]  # type: ignore[union-attr]
    if {owner, _holder_of(origin)} & names.loads(*rest):
        return None
    first, simple = _bound_first(case, call)
    moved = substituted(case, statement, simple, function, effects)
    gone = [line(case, function, n) for n in range(statement.lineno, (statement.end_lineno or 0) + 1)]
    gone += [line(case, function, n.lineno) for n in _declared(function, owner)]
    if moved is None:
        return None if drop else _returned_too(case, call, function, statement, gone)
    if drop:
        given = effects.argument(call, function, _holder_of(origin))
        if not isinstance(given, ast.Name) or given.id != owner:
            return None
        dropped = _dropped(case, function, simple, _holder_of(origin))
        if dropped is None:
            return None
        simple = dropped[1]
        gone.append(dropped[0])
    where, lines = holder(case, call), (*first, *moved.splitlines())
    if where is None:
        swapped = (call, simple) if simple is not call else None
        return loop_instead(case, lines, tuple(gone), condition=unless_called(function), swapped=swapped)
    if simple is call:
        return Edit((*gone, before(case, where, *lines)), unless_called(function))
    last = piece(case, call, ast.unparse(simple))
    if last is None:
        return None
    swap = case.swap(where.lineno, case.text(where.lineno), *lines, last.lstrip())
    return Edit((*gone, swap), unless_called(function))


def _bound_first(case: Case, call: ast.Call) -> tuple[tuple[str, ...], ast.Call]:
    """``value = f(x)``, and the call with that name where its one argument that is no name or number stood."""
    at = [i for i, a in enumerate(call.args) if not isinstance(a, (ast.Name, ast.Constant))]
    if (
        len(at) != 1
        or call.keywords
        or isinstance(call.args[at[0]], ast.Starred)
        or not isinstance(call.func, ast.Name)
    ):
        return (), call
    name = free(case, "value")
    arguments = [ast.Name(name, ast.Load()) if i in at else a for i, a in enumerate(call.args)]
    return (f"{name} = {ast.unparse(call.args[at[0]])}",), ast.Call(call.func, arguments, [])


def _dropped(case: Case, function: Followed, call: ast.Call, parameter: str) -> tuple[Swap, ast.Call] | None:
    """The function without a parameter that nothing in it uses any more, and the call without its argument."""
    args = function.node.args
    order = args.args
    at = next((i for i, a in enumerate(order) if a.arg == parameter), None)
    if at is None or "." in function.name or args.posonlyargs or args.defaults or call.keywords:
        return None
    if len(call.args) != len(order) or any(isinstance(a, ast.Starred) for a in call.args):
        return None
    if any(a.lineno != function.node.lineno for a in order):
        return None
    raw = source_line(function.file, function.node.lineno, case.lines).encode()
    behind, ahead = order[at + 1 :], order[:at]
    start = order[at].col_offset if behind or not ahead else (ahead[-1].end_col_offset or 0)
    end = behind[0].col_offset if behind else (order[at].end_col_offset or 0)
    head = line(case, function, function.node.lineno, (raw[:start] + raw[end:]).decode().lstrip())
    return head, ast.Call(call.func, [a for i, a in enumerate(call.args) if i != at], [])


def _holder_of(origin: Origin) -> str:
    """The name through which the function makes the change: ``plt``, ``open``, a parameter."""
    node = origin.node
    end = names.root(node.func if isinstance(node, ast.Call) else getattr(node, "target", node))
    return end.id if isinstance(end, ast.Name) else ""


def called_once(case: Case, call: ast.Call, owner: str) -> bool:
    """Whether an iteration, or the statement around the call, makes it exactly once, and does not look at `owner`."""
    where = holder(case, call)
    parts: list[ast.AST] = [where] if where is not None else _values(case.node)
    around = next((part for part in parts if any(n is call for n in walk(part))), None)
    handed = [n for n in [*call.args, *(k.value for k in call.keywords)] if isinstance(n, ast.Name)]
    looks = sum(isinstance(n, ast.Name) and n.id == owner for part in parts for n in walk(part))
    if around is None or not only(case, call) or looks > sum(n.id == owner for n in handed):
        return False
    others = any(isinstance(n, ast.Call) for p in parts if p is not around for n in walk(p))
    return always(around, call) and comes_first(around, call) and not others


def _values(node: ast.AST) -> list[ast.AST]:
    """What a comprehension computes of each item that it takes."""
    return [node.key, node.value] if isinstance(node, ast.DictComp) else [getattr(node, "elt", node)]


def unless_called(function: Followed) -> str:
    return f"if nothing else calls {function.name.split('<locals>.')[-1].removesuffix('.__init__')}()"


def _statement(function: Followed, origin: Origin, owner: str, lines: list[str]) -> ast.stmt | None:
    """The statement of the function's own level that makes the change, on a line of its own."""
    body = function.node.body
    for s in body if isinstance(body, list) else ():
        simple = isinstance(s, (ast.Expr, ast.Assign, ast.AugAssign)) and s.lineno == s.end_lineno
        text = [source_line(function.file, n, lines) for n in range(s.lineno, (s.end_lineno or 0) + 1)]
        if not (simple or isinstance(s, ast.With)) or not fills_lines(text, s):
            continue
        if any(n is origin.node for n in walk(s)):
            return s
        if isinstance(origin.node, ast.Global) and owner in names.stores(s):
            return s
    return None


def _declared(function: Followed, owner: str) -> list[ast.Global]:
    return [n for n in walk(function.node) if isinstance(n, ast.Global) and n.names == [owner]]


def line(case: Case, function: Followed, number: int, *new: str) -> Swap:
    old = source_line(function.file, number, case.lines)
    return case.swap(number, old, *new, file=function.file)


def substituted(case: Case, statement: ast.stmt, call: ast.Call, function: Followed, effects: Effects) -> str | None:
    """The statement with the function's parameters replaced by the call's arguments, if these are simple."""
    own = names.locals_of(function.node)
    if names.stores(*earlier(function, statement)) & names.loads(statement) & own:
        return None
    values: dict[str, ast.expr] = {}
    if any(taken(case, name, function.file, statement) for name in names.stores(statement) & own):
        return None
    for name in (names.loads(statement) & own) - names.stores(statement):
        argument = effects.argument(call, function, name)
        if name not in names.parameters(function.node.args) or not isinstance(argument, (ast.Name, ast.Constant)):
            return None
        values[name] = argument
    if function.home is not None:
        return None

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return values.get(node.id, node)

    return ast.unparse(Put().visit(copy.deepcopy(statement)))


def _returned_too(case: Case, call: ast.Call, function: Followed, statement: ast.stmt, gone: list[Swap]) -> Edit | None:
    """``return value, entry`` in the function; the loop takes them apart."""
    body: list[ast.stmt] = function.node.body  # type: ignore[assignment]
    last, where = body[-1], holder(case, call)
    if not isinstance(last, ast.Return) or last.value is None or where is None or last.lineno != last.end_lineno:
        return None
    if any(isinstance(n, ast.Return) and n is not last for n in walk(function.node)):
        return None
    change = statement.value if isinstance(statement, ast.Expr) else None
    if not (isinstance(change, ast.Call) and len(change.args) == 1 and not change.keywords):
        return None
    between = body[body.index(statement) + 1 : -1]
    if between and (not isinstance(change.args[0], ast.Name) or change.args[0].id in names.stores(*between)):
        return None
    value, entry = ast.unparse(last.value), ast.unparse(change.args[0])
    changed, got, added = ast.unparse(change.func), free(case, "value"), free(case, "entry")
    put = piece(case, call, got)
    if put is None or not fills_lines([source_line(function.file, last.lineno, case.lines)], last):
        return None
    condition = unless_called(function)
    if value == entry:
        loop = (f"{got} = {ast.unparse(call)}", f"{changed}({got})", put.lstrip())
        return Edit((*gone, case.swap(where.lineno, case.text(where.lineno), *loop)), condition)
    back = line(case, function, last.lineno, f"return {value}, {entry}")
    loop = (f"{got}, {added} = {ast.unparse(call)}", f"{changed}({added})", put.lstrip())
    return Edit((*gone, back, case.swap(where.lineno, case.text(where.lineno), *loop)), condition)


def argument_returned(case: Case, call: ast.AST, origin: Origin, effects: Effects) -> Edit | None:
    """``row["y"] = g(row)`` instead of a g that stores into its row and returns nothing."""
    function, statement = origin.function, _statement(origin.function, origin, "", case.lines)
    body = function.node.body
    where = holder(case, call)
    if not isinstance(body, list) or statement is None or statement is not body[-1] or not isinstance(call, ast.Call):
        return None
    if not isinstance(where, ast.Expr) or where.value is not call or not isinstance(statement, ast.Assign):
        return None
    target = statement.targets[0]
    parameter = names.root(target)
    if len(statement.targets) > 1 or not isinstance(parameter, ast.Name) or names.loads(target) != {parameter.id}:
        return None
    argument = effects.argument(call, function, parameter.id)
    if getattr(call.func, "attr", "") in tables.MUTATORS:
        return None  # it is taken for one that changes its object, whatever it does
    if argument is None or not plainly_reached(function, statement) or not only(case, call):
        return None
    left = ast.unparse(target).replace(parameter.id, ast.unparse(argument), 1)
    return Edit(
        (
            line(case, function, statement.lineno, f"return {ast.unparse(statement.value)}"),
            case.swap(where.lineno, case.text(where.lineno), f"{left} = {ast.unparse(call)}"),
        ),
        unless_called(function),
    )


def handed_over(case: Case, function: Followed, call: ast.AST, name: str) -> Edit | None:
    """The global that a function reads becomes its argument."""
    args = function.node.args
    plain = not (args.defaults or args.vararg or args.kwonlyargs or args.kwarg)
    if not isinstance(function.node, ast.FunctionDef) or not plain or not isinstance(call, ast.Call) or call.keywords:
        return None
    if function.node.decorator_list or not only(case, call):
        return None
    head = source_line(function.file, function.node.lineno, case.lines)
    at = head.rfind(")")
    if head.count("(") != 1 or at < 0:
        return None
    first = head[:at] + (", " if args.args else "") + name + head[at:]
    swap = replaced(case, call, ast.unparse(call)[:-1] + (", " if call.args else "") + name + ")")
    both = (line(case, function, function.node.lineno, first.lstrip()), swap)
    return Edit(both, unless_called(function)) if swap is not None else None  # type: ignore[arg-type]


def added_anew(case: Case, origin: Origin) -> Edit | None:
    """``v = v + 1`` instead of ``v += 1`` in a function."""
    node = origin.node
    if not isinstance(node, ast.AugAssign) or not isinstance(node.target, ast.Name) or node.lineno != node.end_lineno:
        return None
    new = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
    swap = line(case, origin.function, node.lineno, f"{node.target.id} = {ast.unparse(new)}")
    own = fills_lines([swap.old], node)
    return Edit((swap,), "if what it is given need not change") if own else None
