"""Edits of functions whose decorators keep something: the loop keeps it, or functools does."""

from __future__ import annotations

import ast
import copy
from types import FunctionType
from typing import Any

from paracell.records import record

from .. import names
from ..case import Case
from ..effects import Effects
from ..nodes import walk
from ..origin import Origin
from ..refusal import Edit, Swap
from ..resolve import Followed
from .functions import called_once, line
from .memos import CACHED, memo_of
from .pieces import before, holder, piece
from .sound import LEAVES, free


@record
class Wrapper:
    """A decorator's own function, which calls the one that is decorated with what it is called with."""

    decorated: Followed
    rest: list[ast.stmt]
    """Statements that do something else."""
    value: str
    """The name that it gives to the result; "" if that is returned at once."""
    ahead: bool
    """Whether those statements stand before the call."""


def cached_instead(case: Case, origin: Origin, owner: str) -> Edit | None:
    """``@functools.cache`` instead of a decorator of the notebook's that keeps results in `owner`."""
    memo = memo_of(origin.function, owner)
    if memo is None or memo.computing or (found := _called(memo.value, origin.function)) is None:
        return None
    gone = _decorator(case, found)
    return Edit((gone._replace(new=CACHED),), f"if nothing else uses '{owner}'") if gone is not None else None


def undecorated(case: Case, call: ast.AST, origin: Origin, owner: str, effects: Effects) -> Edit | None:
    """What the decorator changes is changed in the loop, which calls the function that is decorated."""
    wrapper = _wrapper(origin.function, owner)
    if wrapper is None or not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        return None
    own = owner in origin.function.closed
    where, value = holder(case, call), effects.resolver.name(call.func.id)
    statement = wrapper.rest[0] if len(wrapper.rest) == 1 else None
    if where is None or statement is None or not called_once(case, call, owner):
        return None
    if own and (not isinstance(value, FunctionType) or origin.function.closed[owner] is not value):
        return None
    result = "" if wrapper.ahead else free(case, "value")
    instead = {wrapper.value: result, owner: call.func.id if own else ""}
    moved = _moved(statement, call, origin.function, effects, instead)
    if moved is None:
        return None
    plain = free(case, "plain") if own else call.func.id
    new = ast.unparse(ast.Call(ast.Name(plain, ast.Load()), call.args, call.keywords))
    last = piece(case, call, result or new)
    if last is None:
        return None
    lines = [f"{result} = {new}", moved, last.lstrip()] if result else [moved, last.lstrip()]
    swap = case.swap(where.lineno, case.text(where.lineno), *lines)
    if own:
        if getattr(value, "__wrapped__", None) is not _function(wrapper, origin.function):
            return None
        return Edit((before(case, case.node, f"{plain} = {call.func.id}.__wrapped__"), swap))
    gone = _decorator(case, wrapper.decorated)
    return Edit((gone, swap), f"if nothing else calls {call.func.id}()") if gone is not None else None


def _function(wrapper: Wrapper, function: Followed) -> Any:
    code = (value for value in function.closed.values() if isinstance(value, FunctionType))
    return next((one for one in code if one.__name__ == wrapper.decorated.name.split(".")[-1]), None)


def _wrapper(function: Followed, owner: str) -> Wrapper | None:
    node = function.node
    if not isinstance(node, ast.FunctionDef) or not isinstance(node.body, list):
        return None
    if any(isinstance(n, LEAVES) and n is not node.body[-1] for s in node.body for n in walk(s)):
        return None
    body = [s for s in node.body if not isinstance(s, (ast.Global, ast.Nonlocal))]
    last, rest, value = body[-1] if body else None, body[:-1], ""
    if not isinstance(last, ast.Return) or last.value is None:
        return None
    found, ahead = _called(last.value, function), True
    if found is None and isinstance(last.value, ast.Name):
        value = last.value.id
        at = next((i for i, s in enumerate(rest) if isinstance(s, ast.Assign) and names.stores(s) == {value}), None)
        found = _called(rest[at].value, function) if at is not None else None  # type: ignore[attr-defined]
        if at is None or (at not in (0, len(rest) - 1)):
            return None
        ahead = at > 0
        rest = rest[:at] + rest[at + 1 :]
    return Wrapper(found, rest, value, ahead) if found is not None else None


def _called(node: ast.expr, function: Followed) -> Followed | None:
    """The function that is decorated, if `node` calls it with all that its wrapper is called with."""
    args = function.node.args
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or args.kwonlyargs or args.defaults:
        return None
    given: list[ast.expr] = [ast.Name(a.arg, ast.Load()) for a in (*args.posonlyargs, *args.args)]
    if args.vararg is not None:
        given.append(ast.Starred(ast.Name(args.vararg.arg, ast.Load()), ast.Load()))
    same = ast.Call(node.func, given, [ast.keyword(None, ast.Name(args.kwarg.arg, ast.Load()))] if args.kwarg else [])
    if ast.unparse(same) != ast.unparse(node):
        return None
    return function.resolver.plainly(function.closed.get(node.func.id))


def _decorator(case: Case, function: Followed) -> Swap | None:
    """The line with the function's only decorator."""
    made = getattr(function.node, "decorator_list", [])
    if len(made) != 1 or not isinstance(made[0], ast.Name):
        return None
    swap = line(case, function, made[0].lineno)
    return swap if swap.old.strip() == f"@{made[0].id}" else None


def _moved(
    statement: ast.stmt, call: ast.Call, function: Followed, effects: Effects, instead: dict[str, str]
) -> str | None:
    """The statement as it stands in the loop: with what the wrapper is called with, and other names."""
    own = names.locals_of(function.node) | set(function.closed)
    values: dict[str, ast.expr] = {n: ast.Name(new, ast.Load()) for n, new in instead.items() if n and new}
    if not isinstance(statement, (ast.Expr, ast.AugAssign)) or statement.lineno != statement.end_lineno:
        return None
    for name in names.loads(statement) & own - values.keys():
        argument = effects.argument(call, function, name)
        if not isinstance(argument, (ast.Name, ast.Constant)) or name in function.closed:
            return None
        values[name] = argument

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return values.get(node.id, node)

    return ast.unparse(Put().visit(copy.deepcopy(statement)))
