"""``functools.cache`` instead of a function that looks its results up in a dictionary, and puts them there."""

from __future__ import annotations

import ast
import textwrap
from typing import Any

from paracell.records import record

from .. import names
from ..case import Case
from ..nodes import walk
from ..origin import source_line
from ..refusal import Edit
from ..resolve import Followed
from .functions import line

CACHED = ("import functools", "@functools.cache")


@record
class Memo:
    """A function that does no more than to keep its results."""

    key: str
    """What it keeps them under."""
    first: ast.stmt
    """The first of the statements that are to be others, which go on to the function's end."""
    computing: list[ast.stmt]
    """The statements that compute a result,"""
    value: ast.expr
    """and that result."""


def memo_of(function: Followed, owner: str) -> Memo | None:
    """How the function keeps its results in `owner`, if it does; they are kept by all its arguments."""
    body = function.node.body
    if not isinstance(function.node, ast.FunctionDef) or not isinstance(body, list):
        return None
    body = [s for s in body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
    found = next((m for form in _FORMS if (m := form(body, owner)) is not None), None)
    if found is None or owner in names.loads(*found.computing, found.value):
        return None
    if any(isinstance(n, (ast.Return, ast.Yield, ast.YieldFrom)) for s in found.computing for n in walk(s)):
        return None
    args = function.node.args
    given = [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs) if a.arg != owner]
    keys = (", ".join(given), f"({', '.join(given)})")
    if args.vararg is not None and not given and args.kwarg is None:
        keys = (args.vararg.arg,) * 2
    elif args.vararg or args.kwarg:
        return None
    return found if found.key in keys else None


def cached(case: Case, function: Followed, owner: str) -> Edit | None:
    """``functools.cache`` around the function, which only computes then."""
    memo = memo_of(function, owner)
    node: Any = function.node
    if memo is None or node.decorator_list or "." in function.name or memo.first.lineno == node.lineno:
        return None
    head = _without_parameter(case, function, owner)
    if head is None:
        return None
    lines = range(memo.first.lineno, (node.body[-1].end_lineno or 0) + 1)
    text = [source_line(function.file, number, case.lines) for number in lines]
    if ast.dump(ast.Module(_parsed(text), [])) != ast.dump(ast.Module(node.body[node.body.index(memo.first) :], [])):
        return None
    swap = case.swap(memo.first.lineno, "\n".join(text), *_computed(case, function, memo), file=function.file)
    condition = f"if nothing else uses '{owner}'"
    return Edit((line(case, function, node.lineno, *CACHED, head), swap), condition)


def _parsed(text: list[str]) -> list[ast.stmt]:
    try:
        return ast.parse(textwrap.dedent("\n".join(text))).body
    except SyntaxError:
        return []


def _computed(case: Case, function: Followed, memo: Memo) -> list[str]:
    found: list[str] = []
    for s in memo.computing:
        lines = [source_line(function.file, n, case.lines) for n in range(s.lineno, (s.end_lineno or 0) + 1)]
        found += textwrap.dedent("\n".join(lines)).split("\n")
    return [*found, f"return {ast.unparse(memo.value)}"]


def _without_parameter(case: Case, function: Followed, owner: str) -> str | None:
    """The function's first line without the parameter in whose default it keeps its results, if that is where."""
    head = source_line(function.file, function.node.lineno, case.lines).lstrip()
    args = function.node.args
    if owner not in names.parameters(args):
        return head
    last = args.args[-1] if args.args else None
    if last is None or last.arg != owner or len(args.args) < 2 or args.kwonlyargs or not args.defaults:
        return None
    text = ast.unparse(ast.arguments(args.posonlyargs, args.args[:-1], None, [], [], None, args.defaults[:-1]))
    before, _, behind = head.partition("(")
    return f"{before}({text}{behind[behind.rfind(')') :]}" if behind.count("(") == 0 else None


# --------------------------------------------------------------------------------------------------------------- forms


def _element(node: ast.AST | None, owner: str) -> str | None:
    """The key of ``owner[key]``."""
    own = isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == owner
    return ast.unparse(node.slice) if own else None  # type: ignore[union-attr]


def _asked(test: ast.expr, owner: str) -> tuple[str, bool] | None:
    """(key, whether it is true where that is there) of a test for it."""
    inverted = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    asked = test.operand if isinstance(test, ast.UnaryOp) and inverted else test
    if not isinstance(asked, ast.Compare) or len(asked.ops) != 1 or ast.unparse(asked.comparators[0]) != owner:
        return None
    if not isinstance(asked.ops[0], (ast.In, ast.NotIn)):
        return None
    return ast.unparse(asked.left), isinstance(asked.ops[0], ast.In) != inverted


def _stored(body: list[ast.stmt], owner: str, last: ast.stmt | None = None) -> tuple[str, list[ast.stmt], Any] | None:
    """(key, statements, value) of those that end with ``owner[key] = value``; a return `last` gives that, too."""
    store = body[-1] if body else None
    if not isinstance(store, ast.Assign) or len(store.targets) > 2:
        return None
    key = next((k for t in store.targets if (k := _element(t, owner)) is not None), None)
    names_ = [t.id for t in store.targets if isinstance(t, ast.Name)]
    if key is None or len(names_) != len(store.targets) - 1:
        return None
    same = {f"{owner}[{key}]", ast.unparse(store.value) if isinstance(store.value, ast.Name) else "", *names_}
    if last is not None and (not isinstance(last, ast.Return) or ast.unparse(last.value or store) not in same - {""}):
        return None
    return key, body[:-1], store.value


def _unless_there(body: list[ast.stmt], owner: str) -> Memo | None:
    """``if k not in memo: memo[k] = value``, ``return memo[k]``."""
    match body:
        case [ast.If(test, inner, []) as first, ast.Return(value)]:
            asked, stored = _asked(test, owner), _stored(inner, owner)
            if stored is not None and asked == (stored[0], False) and _element(value, owner) == stored[0]:
                return Memo(stored[0], first, stored[1], stored[2])
    return None


def _if_there(body: list[ast.stmt], owner: str) -> Memo | None:
    """``if k in memo: return memo[k]``, ``memo[k] = value``, ``return memo[k]``."""
    match body:
        case [ast.If(test, [ast.Return(found)], []) as first, *rest, ast.Return() as last]:
            asked, stored = _asked(test, owner), _stored(rest, owner, last)
            if stored is not None and asked == (stored[0], True) and _element(found, owner) == stored[0]:
                return Memo(stored[0], first, stored[1], stored[2])
    return None


def _tried(body: list[ast.stmt], owner: str) -> Memo | None:
    """``try: return memo[k]``, ``except KeyError: memo[k] = value``, ``return memo[k]``."""
    match body:
        case [ast.Try([ast.Return(found)], [handler], [], []) as first, *rest]:
            if handler.name is not None or ast.unparse(handler.type or found or first) != "KeyError":
                return None
            inner = [s for s in (*handler.body, *rest) if not isinstance(s, ast.Pass)]
            stored = _stored(inner[:-1], owner, inner[-1]) if inner else None
            if stored is not None and _element(found, owner) == stored[0]:
                return Memo(stored[0], first, stored[1], stored[2])
    return None


def _got(body: list[ast.stmt], owner: str) -> Memo | None:
    """``v = memo.get(k)``, ``if v is None: v = memo[k] = value``, ``return v``."""
    match body:
        case [
            ast.Assign([ast.Name(v)], ast.Call(ast.Attribute(ast.Name(where), "get"), [key], [])) as first,
            ast.If(ast.Compare(ast.Name(asked), [ast.Is()], [ast.Constant(None)]), inner, []),
            ast.Return() as last,
        ] if where == owner and asked == v:
            stored = _stored(inner, owner, last)
            if stored is not None and stored[0] == ast.unparse(key):
                return Memo(stored[0], first, stored[1], stored[2])
    return None


_FORMS = (_unless_there, _if_there, _tried, _got)
