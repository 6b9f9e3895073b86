"""Objects of an iteration's own that the commit part changes: what workers read of them afterwards is another thing.

A commit statement changes what it names, what a function of the body's own that it calls may reach, and, where it goes
deeper into an object of the notebook's than to its own elements, what has been put into that before.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from paracell.records import record

from . import names, tables
from .effects import Change, Effects
from .freshness import UNKNOWN, immutable
from .nodes import walk
from .parts import Both, Branch, Commit, Compute, Guarded, Inner, Part, Resource
from .shapes import start_of
from .sharing import Sharing
from .walks import every_part

Position = tuple[int, int]
DEEP = 1_000
"""More steps than any expression takes into an object."""


@record
class Amended:
    """The objects of `held` are not what workers have: `node` has changed them."""

    held: set[str]
    at: Position
    node: ast.AST
    how: str


@record
class Handed:
    """An object of the iteration's own that something of the notebook's holds from now on."""

    name: str
    to: frozenset[str]
    steps: int
    at: Position


class Committed:
    """What the commit part of a body does to objects, in the order of the text."""

    def __init__(self, parts: list[Part], body: list[ast.stmt], effects: Effects, sharing: Sharing) -> None:
        self._body = body
        self._effects = effects
        self._sharing = sharing
        self._own = effects.fresh.own
        self._handed: list[Handed] = []
        self.shared: dict[str, Change] = {}
        """What the notebook holds under these names is changed where the loop has put it."""
        self.amended: list[Amended] = []
        deep: list[tuple[Position, Change, int]] = []
        for part in every_part(parts):
            elsewhere = {id(n) for hoist in getattr(part, "hoists", ()) for n in walk(hoist.expression)}
            for node in _committed(part):
                for change in effects.touches(node):
                    if id(change.node) not in elsewhere:
                        deep.append((self._change(node, change, elsewhere), change, self._steps(change)))
                self._called(node, elsewhere)
        for at, change, steps in deep:
            for one in self._handed:
                if one.name not in self._own and one.to & change.owners and steps >= one.steps:
                    self.shared.setdefault(one.name, change)
            held = {h.name for h in self._handed if h.to & change.owners and steps >= h.steps and self._before(h, at)}
            if held:
                self.amended.append(Amended(held, at, change.node, change.how))

    def stale(self, name: str, read: ast.AST) -> Amended | None:
        """What has changed the object of `name` by the time that a worker's code reads it at `read`."""
        shared = self._sharing.of(name)
        for one in self.amended:
            if shared & self._sharing.reach(one.held):  # noqa: SIM102
                if start_of(read) > min([one.at, *_again(name, one.at, self._body)]):
                    return one
        return None

    def _change(self, node: Any, change: Change, elsewhere: set[int]) -> Position:
        """Notes what `change`, a part of `node`, changes and hands over; where it has done so."""
        at = _end(change.node if isinstance(change.node, ast.Call) else node)
        named = self._sharing.by(change.changed) if isinstance(change.changed, ast.expr) else set()
        if held := named & self._own:
            self.amended.append(Amended(held, at, change.node, change.how))
        if change.owners:
            given = {n.id for n in walk(node) if isinstance(n, ast.Name) and id(n) not in elsewhere} & self._own
            steps = 1 if change.changed is None else self._steps(change) + 1
            given |= self._put(node, change)
            self._handed += [Handed(name, change.owners, steps, at) for name in given - named]
        return at

    def _put(self, node: Any, change: Change) -> set[str]:
        """Names of what the notebook holds that `node` puts into the changed object as it is."""
        call = change.node if isinstance(change.node, ast.Call) else None
        kept = call is not None and getattr(call.func, "attr", "") in tables.KEEPING
        values = call.args if call is not None and kept else [node.value] if isinstance(node, ast.Assign) else []
        found = {name for value in values for name in self._sharing.by(value)} - self._own
        resolver = self._effects.resolver
        held = [one for one in map(resolver.name, found) if one is not UNKNOWN and not immutable(one)]
        return (
            {name for name, value in resolver.namespace.items() if any(value is one for one in held)} if held else set()
        )

    def _steps(self, change: Change) -> int:
        """How many steps `change` goes into what the notebook holds before it changes something."""
        if change.inside:
            return DEEP
        node, steps = change.changed, 0
        while isinstance(node, (ast.Subscript, ast.Attribute)):
            node, steps = node.value, steps + 1
        return steps if isinstance(node, ast.Name) and node.id not in self._own else DEEP

    def _called(self, node: Any, elsewhere: set[int]) -> None:
        """Functions of the body's own: bound methods, ``partial`` objects, what it has defined."""
        for call in (n for n in walk(node) if isinstance(n, ast.Call) and id(n) not in elsewhere):
            handed = [a for a in (*call.args, *(k.value for k in call.keywords)) if isinstance(a, ast.Name)]
            called = [a for a in handed if self._is_method(a)]
            if isinstance(call.func, ast.Name) and call.func.id in self._own and not self._is_quiet(call.func.id):
                called += [call.func, *handed]
            if held := {a.id for a in called} & self._own:
                self.amended.append(Amended(held, _end(call), call, f"calls '{ast.unparse(call.func)}()'"))

    def _is_method(self, name: ast.Name) -> bool:
        values = self._effects.fresh.values.get(name.id, ())
        return any(isinstance(v, ast.Attribute) and v.attr in tables.MUTATORS for v in values)

    def _is_quiet(self, name: str) -> bool:
        """Whether it is a function that the body has defined, and that changes nothing."""
        values = [*self._effects.fresh.values.get(name, ()), *self._sharing.functions.get(name, ())]
        defined = all(isinstance(v, names.FUNCTIONS) for v in values)
        return defined and not any(True for v in values if v is not None for _ in self._effects.touches(v))

    def _before(self, handed: Handed, at: Position) -> bool:
        again = min([at, *_again(handed.name, at, self._body)])
        return handed.at < at or again < handed.at


def read(parts: list[Part]) -> list[tuple[str, ast.AST]]:
    """(name, where) of everything that workers read."""
    return [
        (name, where)
        for part in every_part(parts)
        for node in _computed(part)
        for kind, name, where in names.events(node)
        if kind == "load"
    ]


def _again(name: str, at: Position, body: list[ast.stmt]) -> Iterator[Position]:
    """Where inner loops of `body` begin in which `at` stands, and that read `name` as their last round has left it."""
    for loop in (n for s in body for n in walk(s) if isinstance(n, names.LOOPS)):
        if start_of(loop) <= at <= _end(loop):
            exposed = names.Exposed({name})
            exposed.body(loop.body, frozenset(names.stores(loop.target) if hasattr(loop, "target") else ()))
            bound = names.stores(*loop.body, *([loop.target] if hasattr(loop, "target") else []))
            if name in exposed.names or name not in bound:
                yield start_of(loop)


def _committed(part: Part) -> list[Any]:
    """What runs on the main thread, but for what stands in parts of its own."""
    if isinstance(part, Commit):
        return [part.whole or part.node]
    if isinstance(part, Branch):
        return [part.test] if part.test is not None else []
    if not isinstance(part, Guarded):
        return []
    if isinstance(part.node, ast.With):
        return list(part.node.items)
    return [*part.node.handlers, *part.node.orelse, *part.node.finalbody]


def _computed(part: Part) -> list[Any]:
    """What runs in workers, but for what stands in parts of its own."""
    if isinstance(part, (Both, Compute)):
        return [part.node]
    if isinstance(part, Inner):
        return [part.node.iter]
    if isinstance(part, Resource):
        return list(part.node.items)
    return [hoist.expression for hoist in getattr(part, "hoists", ())]


def _end(node: Any) -> Position:
    if isinstance(node, ast.withitem):
        node = node.optional_vars or node.context_expr
    return node.end_lineno or 0, node.end_col_offset or 0
