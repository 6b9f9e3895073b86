"""The smallest edit that makes a region parallel, as code made from the user's own names.

Each function returns None where no edit of a few lines is known to be right.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from ..nodes import walk
from ..origin import place, source_line
from ..refusals import Edit, Swap
from ..resolve import Resolver


@dataclass
class Case:
    """A region that is not parallel: its node, and the lines of the cell."""

    node: Any
    lines: list[str]
    resolver: Resolver

    @property
    def line(self) -> int:
        return int(self.node.lineno)

    @property
    def body(self) -> list[ast.stmt]:
        """The statements of a ``for`` region; none of an expression."""
        return self.node.body if isinstance(self.node, ast.For) else []

    def own(self, node: Any) -> Any:
        """The node of the region where `node`, a copy or another version of it, stands; else `node`."""
        key = _key(node)
        return next((n for n in walk(self.node) if _key(n) == key), node) if key[1] is not None else node

    def text(self, number: int) -> str:
        return source_line("", number, self.lines)

    def place(self, file: str) -> str:
        return place(file, self.resolver.namespace)

    def swap(self, number: int, old: str, *new: str, file: str = "") -> Swap:
        return Swap(number, old, new, file, self.place(file))


def _key(node: Any) -> tuple[Any, ...]:
    where = (getattr(node, name, None) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"))
    return type(node), *where


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
