"""Commit parts of which many iterations can be done at a time: what they do to a built-in container, or to a number,
runs no code of the user's and nobody sees the steps in between (``run.bulk`` looks at what the names hold)."""

from __future__ import annotations

import ast
from typing import Any, TypeAlias

from paracell.records import record

Source: TypeAlias = "int | str | tuple[Any, ...]"
"""Where a value comes from: a slot of the residue, ``ITEM``, or a tuple of such."""
ITEM = "item"


@record
class Bulk:
    """The one thing that each iteration does, beside binding names."""

    kind: str
    """"append", "add", ``d[key] = value`` ("store") or ``n += value`` ("plus")."""
    owner: str
    """The name of what it is done to."""
    value: Source
    key: Source | None
    test: int | None
    """A slot that says whether it is done at all; None: it always is."""
    binds: dict[str, int | str]
    """Names that the iteration binds, the loop's variable among them."""


def bulk(target: ast.expr, commit: list[ast.stmt], runtime: str) -> Bulk | None:
    """Look at the loop's new body."""
    if not isinstance(target, ast.Name):
        return None
    return _Look(target.id, runtime).body(commit)


class _Look:
    def __init__(self, item: str, runtime: str) -> None:
        self.runtime = runtime
        self.binds: dict[str, int | str] = {item: ITEM}

    def body(self, commit: list[ast.stmt]) -> Bulk | None:
        *binding, last = commit
        if not all(map(self._binds, binding)):
            return None
        test = None
        if isinstance(last, ast.If):
            test = self._slot(last.test)
            if test is None or last.orelse or len(last.body) != 1:
                return None
            last = last.body[0]
        found = self._act(last)
        if found is None or found[1] in self.binds:
            return None
        return Bulk(*found, test, self.binds)

    def _binds(self, s: ast.stmt) -> bool:
        """Whether it does no more than to bind a name to a slot."""
        if not isinstance(s, ast.Assign) or len(s.targets) != 1 or not isinstance(s.targets[0], ast.Name):
            return False
        slot = self._slot(s.value)
        if slot is None:
            return False
        self.binds[s.targets[0].id] = slot
        return True

    def _slot(self, node: ast.expr) -> int | None:
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and self._residue(node.value):
            return int(node.slice.value)  # type: ignore[arg-type]
        return 0 if self._residue(node) else None

    def _residue(self, node: ast.expr) -> bool:
        whole = isinstance(node, ast.Attribute) and node.attr == "v"
        return whole and isinstance(node.value, ast.Name) and node.value.id == self.runtime  # type: ignore[attr-defined]

    def _source(self, node: ast.expr) -> Source | None:
        if isinstance(node, ast.Name):
            return self.binds.get(node.id)
        if isinstance(node, ast.Tuple) and node.elts:
            parts = tuple(map(self._source, node.elts))
            return None if None in parts else parts
        return self._slot(node)

    def _act(self, s: ast.stmt) -> tuple[str, str, Source, Source | None] | None:
        """(kind, owner, value, key)."""
        if isinstance(s, ast.AugAssign) and isinstance(s.op, ast.Add) and isinstance(s.target, ast.Name):
            value = self._source(s.value)
            return None if value is None else ("plus", s.target.id, value, None)
        if isinstance(s, ast.Assign) and len(s.targets) == 1 and isinstance(place := s.targets[0], ast.Subscript):
            value, key = self._source(s.value), self._source(place.slice)
            if isinstance(place.value, ast.Name) and value is not None and key is not None:
                return "store", place.value.id, value, key
        if isinstance(s, ast.Expr) and isinstance(call := s.value, ast.Call) and isinstance(call.func, ast.Attribute):
            method, owner = call.func.attr, call.func.value
            known = method in ("append", "add") and len(call.args) == 1 and not call.keywords
            if known and isinstance(owner, ast.Name):
                value = self._source(call.args[0])
                return None if value is None else (method, owner.id, value, None)
        return None
