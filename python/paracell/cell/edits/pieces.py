"""What edits are made of: a line of the user's with another piece of code in it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from ..case import Case
from ..nodes import walk
from ..refusal import Edit, Swap


def piece(case: Case, node: ast.AST, new: str, text: str | None = None) -> str | None:
    """The source line on which `node` stands, with `new` in its place; None if it goes over several lines."""
    number, end = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
    text = case.text(number) if text is None else text
    if number != end or not text:
        return None
    raw = text.encode()
    return (raw[: node.col_offset] + new.encode() + raw[node.end_col_offset :]).decode()  # type: ignore[attr-defined]


def replaced(case: Case, node: ast.AST, new: str) -> Swap | None:
    """`new` instead of `node`."""
    line = piece(case, node, new)
    return case.swap(node.lineno, case.text(node.lineno), line.lstrip()) if line is not None else None  # type: ignore[attr-defined]


def one(case: Case, node: ast.AST | None, new: str, condition: str = "") -> Edit | None:
    swap = replaced(case, node, new) if node is not None else None
    return Edit((swap,), condition) if swap is not None else None


def before(case: Case, node: ast.AST, *new: str) -> Swap:
    """Lines put before the line of the statement `node`, as far to the right."""
    number = node.lineno  # type: ignore[attr-defined]
    text = case.text(number)
    return case.swap(number, text, *new, text.lstrip())


def holder(case: Case, inner: ast.AST) -> ast.stmt | None:
    """The simple statement of a loop's body around `inner`, if it has a line of its own."""
    for top in case.body:
        for s in walk(top):
            if isinstance(s, (ast.Assign, ast.AugAssign, ast.Expr)) and any(n is inner for n in walk(s)):
                text = case.text(s.lineno)
                alone = text.encode()[: s.col_offset].strip() == b"" and s.lineno == s.end_lineno
                return s if alone and ";" not in text else None
    return None


def with_instead(case: Case, places: Mapping[ast.AST, str]) -> list[Swap]:
    """Each line with the texts instead of the nodes on it; none if a node goes over several lines."""
    lines: dict[int, list[Any]] = {}
    for node in places:
        lines.setdefault(node.lineno, []).append(node)  # type: ignore[attr-defined]
    swaps = []
    for number, nodes in sorted(lines.items()):
        raw = case.text(number).encode()
        for n in sorted(nodes, key=lambda n: -n.col_offset):
            if n.lineno != n.end_lineno:
                return []
            raw = raw[: n.col_offset] + places[n].encode() + raw[n.end_col_offset :]
        swaps.append(case.swap(number, case.text(number), raw.decode().lstrip()))
    return swaps
