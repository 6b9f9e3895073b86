"""Reads and writes of names in the order in which Python does them, as seen from the scope in which the code stands.

Comprehension targets and the locals of nested functions are not names of that scope and are left out; what nested
functions and lambdas read from outside counts as read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeAlias

from .nodes import walk

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
LOOPS = (ast.For, ast.AsyncFor, ast.While)

Event: TypeAlias = tuple[str, str, ast.AST]
"""("load" | "store" | "del", name, node)"""


def events(node: ast.AST, hidden: frozenset[str] = frozenset()) -> list[Event]:
    """Reads and writes of `node` in order of evaluation; names in `hidden` belong to an inner scope."""
    out: list[Event] = []
    _gather(node, hidden, out)
    return out


_CONTEXTS = {ast.Load: "load", ast.Store: "store", ast.Del: "del"}


def _gather(node: ast.AST, hidden: frozenset[str], out: list[Event]) -> None:
    kind = type(node)
    if kind is ast.Name:
        if node.id not in hidden:  # type: ignore[attr-defined]
            out.append((_CONTEXTS[type(node.ctx)], node.id, node))  # type: ignore[attr-defined]
        return
    special = _SPECIAL.get(kind)
    if special is not None:
        special(node, hidden, out)
        return
    for field in kind._fields:
        value = getattr(node, field, None)
        if type(value) is list:
            for part in value:
                if isinstance(part, ast.AST):
                    _gather(part, hidden, out)
        elif isinstance(value, ast.AST):
            _gather(value, hidden, out)


def _import(node: Any, hidden: frozenset[str], out: list[Event]) -> None:
    out += [("store", alias.asname or alias.name.split(".")[0], node) for alias in node.names]


def _assign(node: Any, hidden: frozenset[str], out: list[Event]) -> None:
    for part in (node.value, *node.targets):
        _gather(part, hidden, out)


def _add(node: Any, hidden: frozenset[str], out: list[Event]) -> None:
    if isinstance(node.target, ast.Name) and node.target.id not in hidden:
        out.append(("load", node.target.id, node.target))
    _gather(node.value, hidden, out)
    _gather(node.target, hidden, out)


def _annotated(node: Any, hidden: frozenset[str], out: list[Event]) -> None:
    if node.value is not None:
        _gather(node.value, hidden, out)
    if node.value is not None or not isinstance(node.target, ast.Name):
        _gather(node.target, hidden, out)
    _gather(node.annotation, hidden, out)


def _walrus(node: Any, hidden: frozenset[str], out: list[Event]) -> None:
    _gather(node.value, hidden, out)
    out.append(("store", node.target.id, node.target))


def _for(node: Any, hidden: frozenset[str], out: list[Event]) -> None:
    for part in (node.iter, node.target, *node.body, *node.orelse):
        _gather(part, hidden, out)


def _handler(node: Any, hidden: frozenset[str], out: list[Event]) -> None:
    if node.type is not None:
        _gather(node.type, hidden, out)
    if node.name:
        out.append(("store", node.name, node))
    for statement in node.body:
        _gather(statement, hidden, out)


def _capture(node: Any, hidden: frozenset[str], out: list[Event]) -> None:
    if getattr(node, "pattern", None) is not None:
        _gather(node.pattern, hidden, out)
    if node.name:
        out.append(("store", node.name, node))


def _mapping(node: Any, hidden: frozenset[str], out: list[Event]) -> None:
    for part in ast.iter_child_nodes(node):
        _gather(part, hidden, out)
    if node.rest:
        out.append(("store", node.rest, node))


def _nothing(node: Any, hidden: frozenset[str], out: list[Event]) -> None:
    """Declarations read and bind nothing."""


def _lambda(node: Any, hidden: frozenset[str], out: list[Event]) -> None:
    _defaults(node.args, hidden, out)
    out += [event for event in events(node.body, hidden | parameters(node.args)) if event[0] == "load"]


def _function(node: Any, hidden: frozenset[str], out: list[Event]) -> None:
    for child in node.decorator_list:
        _gather(child, hidden, out)
    _defaults(node.args, hidden, out)
    out += [("load", name, node) for name in sorted(free_names(node) - hidden)]
    out.append(("store", node.name, node))


def _comprehension(node: Any, hidden: frozenset[str], out: list[Event]) -> None:
    inner = hidden
    for generator in node.generators:
        _gather(generator.iter, inner, out)
        inner = inner | {name for kind, name, _ in events(generator.target) if kind == "store"}
        for part in (generator.target, *generator.ifs):
            _gather(part, inner, out)
    for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
        _gather(part, inner, out)


def _defaults(args: ast.arguments, hidden: frozenset[str], out: list[Event]) -> None:
    for default in (*args.defaults, *args.kw_defaults):
        if default is not None:
            _gather(default, hidden, out)


def _class(node: Any, hidden: frozenset[str], out: list[Event]) -> None:
    for child in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
        _gather(child, hidden, out)
    own: set[str] = set()
    for statement in node.body:
        for kind, name, where in events(statement, hidden):
            if kind == "store":
                own.add(name)
            elif name not in own:
                out.append((kind, name, where))
    out.append(("store", node.name, node))


_SPECIAL: dict[type, Callable[[Any, frozenset[str], list[Event]], None]] = {
    **dict.fromkeys((ast.Import, ast.ImportFrom), _import),
    **dict.fromkeys((ast.For, ast.AsyncFor), _for),
    **dict.fromkeys((ast.MatchAs, ast.MatchStar), _capture),
    **dict.fromkeys((ast.Global, ast.Nonlocal), _nothing),
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef), _function),
    **dict.fromkeys(COMPREHENSIONS, _comprehension),
    ast.Assign: _assign,
    ast.AugAssign: _add,
    ast.AnnAssign: _annotated,
    ast.NamedExpr: _walrus,
    ast.ExceptHandler: _handler,
    ast.MatchMapping: _mapping,
    ast.Lambda: _lambda,
    ast.ClassDef: _class,
}


def parameters(args: ast.arguments) -> frozenset[str]:
    """The names that a function's parameter list binds."""
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return frozenset(a.arg for a in every if a is not None)


def locals_of(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    """Parameters and names that the function's own body binds."""
    bound = set(parameters(function.args))
    body = function.body if isinstance(function.body, list) else [function.body]
    declared: set[str] = set()
    for statement in body:
        bound |= {name for kind, name, _ in events(statement) if kind != "load"}
        declared |= {n for s in walk(statement) if isinstance(s, (ast.Global, ast.Nonlocal)) for n in s.names}
    return frozenset(bound - declared)


def free_names(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    """What the function's body reads from outside."""
    own = locals_of(function)
    body = function.body if isinstance(function.body, list) else [function.body]
    return frozenset(name for s in body for kind, name, _ in events(s) if kind == "load" and name not in own)
