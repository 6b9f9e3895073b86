"""Let the tree of a planned cell, which begins with a stopped loop, go on with what is left of that loop's iterable."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from .located import completed
from .rest import Rest

if TYPE_CHECKING:
    from .plan import Plan

KINDS: dict[str, Any] = {
    "for": ast.For,
    "listcomp": ast.ListComp,
    "setcomp": ast.SetComp,
    "dictcomp": ast.DictComp,
}


def go_on(plan: Plan, rest: Rest, evaluate: bool) -> int | None:
    """Change ``plan.tree``: the loop goes over ``runtime.left_of(iterable)``, or with None if not `evaluate`.

    The loop's region in the plan; None if it is none that can be run elsewhere."""
    change = _Continued(plan, rest, evaluate)
    plan.tree = completed(change.visit(plan.tree))
    assert change.found
    return change.index


class _Continued(ast.NodeTransformer):
    def __init__(self, plan: Plan, rest: Rest, evaluate: bool) -> None:
        self.runtime = plan.runtime_name
        self.place = (rest.line, rest.column)
        self.kind = rest.kind
        self.evaluate = evaluate
        here = [r for r in plan.regions if (r.line, r.column, r.kind) == (*self.place, rest.kind)]
        self.index = here[0].index if here and here[0].refusal is None else None
        self.found = False

    def visit(self, node: ast.AST) -> Any:
        if self.found:
            return node
        if self.index is not None and self._opens(node):
            self._take(node)
            return node
        plain = KINDS.get(self.kind)
        if self.index is None and isinstance(node, plain) and (node.lineno, node.col_offset) == self.place:  # type: ignore[attr-defined, arg-type]
            self.found = True
            if isinstance(node, ast.For):
                node.iter = self._rest(node.iter)
                return node
            node.generators[0].iter = self._rest(node.generators[0].iter)  # type: ignore[attr-defined]
            return self._call("joined", node)
        return self.generic_visit(node)

    def _opens(self, node: ast.AST) -> bool:
        """Whether `node` is the call that opens the loop."""
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) >= 2):
            return False
        function, number = node.func, node.args[0]
        return (
            function.attr == "trial"
            and isinstance(function.value, ast.Name)
            and function.value.id == self.runtime
            and isinstance(number, ast.Constant)
            and number.value == self.index
        )

    def _take(self, call: Any) -> None:
        self.found = True
        call.args[1] = self._rest(call.args[1])

    def _rest(self, iterable: ast.expr) -> ast.expr:
        given = iterable if self.evaluate else ast.copy_location(ast.Constant(None), iterable)
        return self._call("left_of", given)

    def _call(self, method: str, argument: Any) -> ast.expr:
        function = ast.Attribute(ast.Name(self.runtime, ast.Load()), method, ast.Load())
        new = ast.Call(function, [argument], [])
        for node in (new, function, function.value):
            ast.copy_location(node, argument)
        return new
