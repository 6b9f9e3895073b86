"""What must wait for the commit part: the names that hold what earlier iterations may have changed, and why."""

from __future__ import annotations

import ast
from functools import cached_property

from paracell.records import record

from . import names, slices
from .effects import Effects
from .freshness import UNKNOWN, Freshness
from .nodes import walk
from .resolve import Resolver
from .roots import augmented
from .shapes import start_of


@record
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
        self.numbers = _numbers(target, iterable, resolver) - self.assigned
        """Loop variables that hold numbers: nobody can change those."""
        given = {name: {name} for name in self.loop - self.numbers}
        self.exposed = names.Exposed(self.assigned)
        self.exposed.body(body, frozenset(self.loop))
        self.early = frozenset((name, start_of(r)) for name, reads in self.exposed.names.items() for r in reads)
        """Reads of names as an earlier iteration may have left them, by name and place."""
        self.fresh = Freshness(body, self.own, resolver, given, self.numbers, self.early)
        self.effects = Effects(resolver, self.fresh)
        self.reasons: dict[str, Reason] = {}
        self.dirty: tuple[int, int] | None = None
        """Where the first commit statement stands that changes an item: later reads of items wait for it."""
        self.blocked: list[tuple[ast.AST, str]] = []
        """(expression that was not hoisted, the name that it waits for)."""
        self.opened: frozenset[str] = frozenset()
        """Names of what the blocks around have opened, which stays with the worker."""
        self.yielded: frozenset[str] = frozenset()
        """Those of them that a context manager of the notebook's gives, which may be any value."""
        self.slices = {
            name: one
            for name, one in slices.find(target, body, iterable, self.own).items()
            if type(resolver.name(name)).__name__ in slices.KINDS or resolver.name(name) is UNKNOWN
        }
        self.changed_at: dict[str, tuple[int, int]] = {}
        """Where the first commit statement stands that changes the own element of a sliced variable."""

    def _wait(self, name: str, write: ast.AST, how: str, read: ast.AST | None) -> None:
        """The object that `name` holds is changed by the commit part."""
        if name in self.loop:
            at = self._end(write)
            at = min([at, *(start_of(loop) for loop in self._around(write))])
            self.dirty = at if self.dirty is None else min(self.dirty, at)
            return
        if name in self.slices:
            self._own_changed(self.slices[name], write)
        self.reasons.setdefault(name, Reason(name, write, how, read))

    def _own_changed(self, own: slices.Slice, write: ast.AST) -> None:
        around = [loop for loop in self._around(write) if not slices.counted(loop, self.body, own)]
        at = min([self._end(write), *map(start_of, around)])
        self.changed_at[own.name] = min(at, self.changed_at.get(own.name, at))
        own.added = own.added or id(write) in self._added
        direct = isinstance(write, ast.Subscript) and not isinstance(write.ctx, ast.Load)
        if not direct or not isinstance(getattr(write.value, "value", write.value), ast.Name):  # type: ignore[attr-defined]
            own.nested = True

    def _is_own(self, name: str, read: ast.AST) -> bool:
        """Whether `read` reads what this iteration alone will write, and has not yet written."""
        own = self.slices.get(name)
        if own is None or id(read) not in own.reads:
            return False
        return name not in self.changed_at or start_of(read) < self.changed_at[name]

    def _wait_name(self, name: str, write: ast.AST, how: str, read: ast.AST | None) -> None:
        """`name` is bound by the commit part. A loop variable is the item until then."""
        self.reasons.setdefault(name, Reason(name, write, how, read))

    def _is_item_still(self, name: str, read: ast.AST) -> bool:
        """Whether the loop variable `name` has surely not been bound again where `read` stands."""
        if name not in self.loop:
            return False
        return not self._functions and all(
            start_of(read) < min([start_of(write), *(start_of(loop) for loop in self._around(write))])
            for write in self._writes.get(name, ())
        )

    @cached_property
    def _writes(self) -> dict[str, list[ast.AST]]:
        """Name -> where the body binds or unbinds it."""
        found: dict[str, list[ast.AST]] = {}
        for statement in self.body:
            for kind, name, node in names.events(statement):
                if kind != "load":
                    found.setdefault(name, []).append(node)
        return found

    @cached_property
    def _added(self) -> set[int]:
        """ids of what the body adds to in place."""
        return set(map(id, augmented(self.body)))

    @cached_property
    def _functions(self) -> bool:
        """Whether the body makes functions or classes."""
        return any(isinstance(n, (*names.FUNCTIONS, ast.ClassDef)) for s in self.body for n in walk(s))

    def _around(self, node: ast.AST) -> list[ast.AST]:
        """Inner loops of the body in which `node` stands."""
        return [loop for loop, inside in self._loops if id(node) in inside]

    @cached_property
    def _loops(self) -> list[tuple[ast.AST, set[int]]]:
        """Inner loops of the body, each with the ids of its nodes."""
        inner = [n for s in self.body for n in walk(s) if isinstance(n, names.LOOPS)]
        return [(loop, {id(n) for n in walk(loop)}) for loop in inner]

    def _end(self, node: ast.AST) -> tuple[int, int]:
        """From where on `node` has made its change: the end of its statement, if it is the last thing that it does."""
        for statement in self.body:
            for s in walk(statement):
                last: ast.AST
                if isinstance(s, ast.Assign) and len(s.targets) == 1:
                    last = s.targets[0]
                    if isinstance(last, (ast.Tuple, ast.List)) and node in last.elts:
                        last = node if not any(isinstance(n, ast.Call) for n in walk(last)) else last
                elif isinstance(s, ast.AugAssign):
                    last = s if s is node else s.target
                elif isinstance(s, ast.Expr):
                    last = s.value
                else:
                    continue
                if last is node:
                    return s.end_lineno or 0, s.end_col_offset or 0
        if isinstance(node, ast.Call):
            return node.end_lineno or 0, node.end_col_offset or 0
        return start_of(node)

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


def _numbers(target: ast.expr, iterable: ast.expr, resolver: Resolver) -> set[str]:
    function = iterable.func if isinstance(iterable, ast.Call) else None
    if not isinstance(function, ast.Name) or resolver.name(function.id) not in (range, enumerate):
        return set()
    if function.id == "enumerate":
        target = target.elts[0] if isinstance(target, (ast.Tuple, ast.List)) and target.elts else iterable
    return {target.id} if isinstance(target, ast.Name) else set()
