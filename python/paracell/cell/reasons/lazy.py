"""Values that a loop only prepares: they are computed when the commit part asks for them, which workers do not run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ..nodes import walk


def asked_for(body: Iterable[ast.AST]) -> str | None:
    """What is said of ``out.extend(map(f, x))``, and of ``out += map(f, x)``."""
    for value in (v for s in body for v in _handed_over(s)):
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("map", "filter"):
            made = f"list({ast.unparse(value)})"
            return f"What it computes is computed when it is asked for: workers would compute a list, `{made}`"
    return None


def _handed_over(statement: ast.AST) -> Iterator[ast.expr]:
    for node in walk(statement):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from node.args
        elif isinstance(node, ast.AugAssign):
            yield node.value
