"""Every node of a tree, several times faster than ``ast.walk``: planning a cell is little else."""

from __future__ import annotations

import ast


def walk(node: ast.AST) -> list[ast.AST]:
    """`node` and what is below it, in the order of ``ast.walk``; not what is added meanwhile."""
    found = [node]
    for n in found:
        for name in n._fields:
            value = getattr(n, name, None)
            if type(value) is list:
                found += [v for v in value if isinstance(v, ast.AST)]
            elif isinstance(value, ast.AST):
                found.append(value)
    return found
