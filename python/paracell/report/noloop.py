"""What is said of a cell in which there is no loop: where one may hide, and how to write it as one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..cell import names
from ..cell.resolve import Resolver

_NO_LOOP = (
    "Nothing in this cell runs in parallel: it has no for loop, comprehension, map() or filter() outside of functions, "
    "classes and while loops."
)
_LOOPS = (ast.For, *names.COMPREHENSIONS)
_SCOPES = (*names.FUNCTIONS, ast.ClassDef)


def no_loop(tree: ast.Module, namespace: Mapping[str, Any]) -> str:
    """For people. `tree` is the cell, which is about to run in `namespace`."""
    resolver = Resolver(namespace, tree)
    for call in _calls(tree):
        written = _as_comprehension(call)
        if written is not None:
            return f"{_NO_LOOP} `{ast.unparse(call)}` loops inside of a library: `{written}` would be a loop."
        if isinstance(call.func, ast.Name):
            function = resolver.follow(call.func)
            if function is None or function.home is not None or function.name.endswith("__init__"):
                continue
            if any(isinstance(node, _LOOPS) for node in ast.walk(function.node)):
                return f"{_NO_LOOP} {call.func.id}() has one: written into the cell, it is looked at."
    return _NO_LOOP


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls that the cell's own statements make, the outer ones first."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Call):
            yield node
        if not isinstance(node, _SCOPES):
            waiting += ast.iter_child_nodes(node)


def _as_comprehension(call: ast.Call) -> str | None:
    """``s.apply(f)``, ``frame.apply(f, axis=1)`` and ``pool.map(f, xs)``, if it looks like one of these."""
    method = call.func
    if not isinstance(method, ast.Attribute):
        return None
    options = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if method.attr == "apply" and len(call.args) == 1 and options in ({}, {"axis": "1"}):
        over = ast.unparse(method.value)
        if options:
            return _written(call.args[0], "row", lambda target: f"_, {target} in {over}.iterrows()")
        return _written(call.args[0], "x", lambda target: f"{target} in {over}")
    if method.attr in ("map", "imap") and len(call.args) == 2 and options.keys() <= {"chunksize"}:
        items = ast.unparse(call.args[1])
        return _written(call.args[0], "x", lambda target: f"{target} in {items}")
    return None


def _written(function: ast.expr, target: str, over: Callable[[str], str]) -> str | None:
    if isinstance(function, ast.Lambda):
        if len(function.args.args) != 1 or ast.unparse(function.args) != function.args.args[0].arg:
            return None
        target = function.args.args[0].arg
        return f"[{ast.unparse(function.body)} for {over(target)}]"
    if isinstance(function, (ast.Name, ast.Attribute)):
        return f"[{ast.unparse(function)}({target}) for {over(target)}]"
    return None
