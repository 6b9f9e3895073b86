"""What must wait for the commit part: the names that hold what earlier iterations may have changed, and why."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from . import names
from .effects import Effects
from .freshness import Freshness
from .resolve import Resolver
from .shapes import start_of


@dataclass
class Reason:
    """Why a name belongs to the commit part: where it is written, and where it is first read by what must wait."""

    name: str
    write: ast.AST
    how: str
    read: ast.AST | None = None


class Waits:
    """What is known of one body while it is split. `target` is the loop's target, `resolver` knows the global names."""

    def __init__(self, target: ast.expr, body: list[ast.stmt], iterable: ast.expr, resolver: Resolver):
        self.body = body
        self.resolver = resolver
        self.loop = names.stores(target)
        self.assigned = names.stores(*body)
        self.own = self.assigned | self.loop
        given = {name: {name} for name in self.loop}
        self.fresh = Freshness(body, self.own, resolver, given)
        self.effects = Effects(resolver, self.fresh)
        self.reasons: dict[str, Reason] = {}
        self.dirty: tuple[int, int] | None = None
        """Where the first commit statement stands that changes an item: later reads of items wait for it."""
        self.blocked: list[tuple[ast.AST, str]] = []
        """(expression that was not hoisted, the name that it waits for)."""

    def _wait(self, name: str, write: ast.AST, how: str, read: ast.AST | None) -> None:
        """The object that `name` holds is changed by the commit part."""
        if name in self.loop:
            at = self._end(write)
            at = min([at, *(start_of(loop) for loop in self._around(write))])
            self.dirty = at if self.dirty is None else min(self.dirty, at)
            return
        self.reasons.setdefault(name, Reason(name, write, how, read))

    def _wait_name(self, name: str, write: ast.AST, how: str, read: ast.AST | None) -> None:
        """`name` is bound by the commit part. A loop variable is the item until then."""
        self.reasons.setdefault(name, Reason(name, write, how, read))

    def _is_item_still(self, name: str, read: ast.AST) -> bool:
        """Whether the loop variable `name` has surely not been bound again where `read` stands."""
        if name not in self.loop:
            return False
        writes = [n for s in self.body for kind, other, n in names.events(s) if kind != "load" and other == name]
        return all(
            start_of(read) < min([start_of(write), *(start_of(loop) for loop in self._around(write))])
            for write in writes
        ) and not any(isinstance(n, (*names.FUNCTIONS, ast.ClassDef)) for s in self.body for n in ast.walk(s))

    def _around(self, node: ast.AST) -> list[ast.AST]:
        """Inner loops of the body in which `node` stands."""
        inner = [n for s in self.body for n in ast.walk(s) if isinstance(n, names.LOOPS)]
        return [loop for loop in inner if any(n is node for n in ast.walk(loop))]

    def _end(self, node: ast.AST) -> tuple[int, int]:
        """The end of the simple statement around `node`: its operands are evaluated before it changes anything."""
        end = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
        for statement in self.body:
            for s in ast.walk(statement):
                if isinstance(s, (ast.Assign, ast.AugAssign, ast.Expr)) and any(n is node for n in ast.walk(s)):  # noqa: SIM102
                    if not isinstance(s, ast.Assign) or len(s.targets) == 1:
                        return s.end_lineno or end[0], s.end_col_offset or end[1]
        return end

    def _first_write(self, name: str) -> ast.AST:
        for statement in self.body:
            for kind, other, node in names.events(statement):
                if kind != "load" and other == name:
                    return node
        return self.body[0]

    def _note(self, node: ast.AST, name: str, where: ast.AST) -> None:
        reason = self.reasons[name]
        if reason.read is None:
            reason.read = where
        self.blocked.append((node, name))

    def _writer(self, node: ast.AST, name: str) -> ast.AST:
        return next((w for kind, n, w in names.events(node) if kind != "load" and n == name), node)
