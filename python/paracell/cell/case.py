"""A region of which it is asked why it is not parallel."""

from __future__ import annotations

import ast
from typing import Any

from paracell.records import record

from .nodes import walk
from .origin import of_cell, place, source_line
from .refusal import Swap
from .resolve import Resolver


@record
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
        return place(self.file(file), self.resolver.namespace)

    def file(self, file: str) -> str:
        """The file name of a function's code, "" if that is this cell's."""
        return "" if of_cell(file, self.lines) else file

    def swap(self, number: int, old: str, *new: str, file: str = "") -> Swap:
        file = self.file(file)
        return Swap(number, old, new, file, self.place(file))


def _key(node: Any) -> tuple[Any, ...]:
    where = (getattr(node, name, None) for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"))
    return type(node), *where
