"""Split a loop's body into its compute part and its commit part (docs: split.md).

Which names the compute part may not read grows until nothing changes: each commit statement adds what it writes,
and what reads that becomes commit in turn.
"""

from __future__ import annotations

import ast
from functools import cached_property

from paracell.records import field, record, replace

from . import amended, cases, managers, names, slices
from .beside import Step
from .nodes import walk
from .operands import Operands
from .parts import Both, Branch, Commit, Compute, Guarded, Hoist, Inner, Jump, Part, Place, Resource
from .shapes import commit_loads, harmless, moves_only, parts_loads, shallow, start_of, touched, with_test
from .sharing import Sharing
from .versions import plain
from .waits import Reason
from .walks import every_part


@record
class Body:
    """A split body."""

    parts: list[Part]
    reasons: dict[str, Reason]
    loop: set[str]
    temporaries: set[str]
    certain: set[str]
    """Temporaries that every iteration assigns before it ends."""
    broadcast: set[str]
    committed: set[str]
    changes_items: bool
    slices: list[slices.Slice]
    blocked: list[tuple[ast.AST, str]] = field(default_factory=list)
    """(expression that was not hoisted, the name that it waits for)."""
    beside: dict[str, frozenset[Step]] = field(default_factory=dict)
    """Names of whose objects the loop goes over one part and changes others."""

    def plain(self) -> Body:
        """The same under the notebook's own names (``versions``)."""
        reasons: dict[str, Reason] = {}
        for name, reason in self.reasons.items():
            reasons.setdefault(plain(name), replace(reason, name=plain(name), how=plain(reason.how)))
        return replace(
            self,
            reasons=reasons,
            temporaries=set(map(plain, self.temporaries)) - set(reasons),
            certain=set(map(plain, self.certain)),
            broadcast=set(map(plain, self.broadcast)),
            committed=set(map(plain, self.committed)),
        )


class Splitter(Operands):
    """Split one body."""

    @cached_property
    def _chosen(self) -> dict[int, tuple[ast.Match, ast.If]]:
        """``match`` statements by their ids, as the worker's choice and the branches."""
        return {}

    def split(self, carried: bool = False) -> Body:
        """`carried`: names that an iteration may read as an earlier one has left them wait, wherever they are read."""
        for name, reads in self.exposed.names.items() if carried else ():
            self._wait_name(name, self._first_write(name), f"assigns '{name}'", reads[0])
        for statement in self.body:
            for name in self.effects.reads(statement) & self.assigned:
                self._wait_name(name, self._first_write(name), f"assigns '{name}', which a function reads", statement)
        self._late()
        parts: list[Part] = []
        for _ in range(50):
            before = (set(self.reasons), self.dirty)
            self.blocked = []
            parts = [p for s in self.body for p in self.statement(s, False)]
            self._escapes(parts)
            self._amended(parts)
            self._opened_for_both(parts)
            self._drained_by_both(parts)
            if before == (set(self.reasons), self.dirty):
                break
        ends = self.exposed.ends
        certain = set.intersection(*map(set, ends)) if ends else set()
        return self._result(parts, certain)

    def _result(self, parts: list[Part], certain: set[str]) -> Body:
        waiting = set(self.reasons)
        temporaries = self.assigned - waiting - self.loop
        read = names.loads(*self.body) | {n for s in self.body for n in self.effects.reads(s)}
        return Body(
            parts,
            self.reasons,
            self.loop,
            temporaries,
            certain & temporaries,
            read - self.own - waiting,
            {n for n in waiting if not n.startswith("<")},
            self.dirty is not None,
            slices.used(parts, self.slices, self.fresh),
            self.blocked,
        )

    def _late(self) -> None:
        """Functions made in the body see the notebook's names when they are called, perhaps after the iteration."""
        for statement in self.body:
            for node in walk(statement):
                if isinstance(node, ast.ClassDef):
                    for name in names.loads(node) & self.own:
                        self._wait(name, node, f"'{node.name}' sees '{name}'", node)

    def _escapes(self, parts: list[Part]) -> None:
        """A temporary that the commit part has been given may not be changed by the compute part afterwards."""
        given: dict[str, tuple[int, int]] = {}

        def collect(some: list[Part]) -> None:
            for part in some:
                if isinstance(part, (Commit, Branch, Guarded)):
                    head = (
                        part.node if isinstance(part, Commit) else part.node.test if isinstance(part, Branch) else None
                    )
                    for name in commit_loads(head) if head is not None else ():
                        for reached in self._reached(name):
                            at = min([start_of(part.node), *(start_of(loop) for loop in self._around(part.node))])
                            given[reached] = min(given.get(reached, at), at)
                for block in ("body", "orelse"):
                    if isinstance(getattr(part, block, None), list):
                        collect(getattr(part, block))

        collect(parts)
        for statement in self.body:
            for name, node in touched(statement, self.effects):
                if name in given and start_of(node) > given[name] and name in self.assigned:
                    self._wait(name, node, f"changes '{name}' after it was handed over", None)

    def _opened_for_both(self, parts: list[Part]) -> None:
        """What a block opens in a worker stays there: where the commit part uses it, it opens it itself."""
        read = parts_loads(parts)
        for part in every_part(parts):
            if isinstance(part, Resource):
                for name in names.stores(*(i.optional_vars for i in part.node.items if i.optional_vars)) & read:
                    self._wait_name(name, part.node, f"opens '{name}'", None)

    def _drained_by_both(self, parts: list[Part]) -> None:
        """A generator stays where it is made: where the commit part uses it up, that makes it."""
        for name in parts_loads(parts) & set(self._drained.values()):
            self._wait_name(name, self._first_write(name), f"assigns '{name}'", None)

    def _amended(self, parts: list[Part]) -> None:
        """A temporary that the commit part changes is not what the worker has: what reads it afterwards waits."""
        committed = amended.Committed(parts, self.body, self.effects, self._sharing)
        for name, read in amended.read(parts):
            found = committed.stale(name, read) if name in self.assigned and name not in self.reasons else None
            if found is not None:
                self._wait(name, found.node, found.how, read)
            elif name in committed.shared and name not in self.reasons:
                self._wait(name, committed.shared[name].node, committed.shared[name].how, read)

    @cached_property
    def _sharing(self) -> Sharing:
        return Sharing(self.body, self.fresh, self.numbers)

    def _reached(self, name: str, seen: frozenset[str] = frozenset()) -> set[str]:
        out = {name}
        for value in self.fresh.values.get(name, ()):
            if value is not None:
                for other in names.loads(value) - seen - {name}:
                    if other in self.assigned:
                        out |= self._reached(other, seen | {name})
        return out

    # ---------------------------------------------------------------------------------------------------- statements

    def statement(self, s: ast.stmt, guarded: bool) -> list[Part]:
        """The parts of `s`. `guarded`: serial Python may skip it, and the worker cannot know."""
        if isinstance(s, (ast.Break, ast.Continue)):
            return [Jump(s)]
        if self._is_both(s):
            return [Both(s)]
        if isinstance(s, ast.AnnAssign) and s.value is None and isinstance(s.target, ast.Name):
            return [Commit(s, [])]  # binds nothing, but the notebook's __annotations__ get it
        if self.is_compute(s) and not (guarded and (not harmless(s) or self.effects.acts(s))):
            return [Compute(s)]
        if isinstance(s, ast.If):
            return [self._if(s, guarded)]
        if isinstance(s, ast.For) and not guarded and self._free(s.iter, at_once=True) and self._names_free(s.target):
            inner = Inner(s, self._block(s.body, False), self._block(s.orelse, False))
            return [inner]
        if isinstance(s, ast.With):
            return [self._with(s, guarded)]
        if isinstance(s, ast.Try):
            body = self._block(s.body, guarded)
            for rest in (*s.handlers, *s.orelse, *s.finalbody):
                self._commit(rest)
            return [Guarded(s, [], body)]
        if isinstance(s, ast.Match) and not guarded and (chosen := self._match(s)) is not None:
            return chosen
        self._commit(s)
        if isinstance(
            s, (ast.While, ast.For, ast.Match, ast.FunctionDef, ast.ClassDef, ast.Delete, ast.AsyncFor, ast.AsyncWith)
        ):
            hoists: list[Hoist] = []
            node = s
            if isinstance(s, (ast.For, ast.Match)) and not guarded:
                node = shallow(s)
                attribute = "iter" if isinstance(s, ast.For) else "subject"
                setattr(node, attribute, self._hoist(getattr(s, attribute), hoists, guarded))
            elif isinstance(s, ast.FunctionDef):
                node = self._defaults(s, hoists, guarded)
            return [Commit(node, hoists, s)]
        hoists = []
        return [Commit(self._operands(s, hoists, guarded), hoists, s)]

    def _block(self, statements: list[ast.stmt], guarded: bool) -> list[Part]:
        if guarded:
            self._branch_names(statements)
        return [p for s in statements for p in self.statement(s, guarded)]

    def _branch_names(self, statements: list[ast.stmt]) -> None:
        """Names bound where only the main thread knows whether: other places of the compute part must not read them."""
        inside = {id(n) for s in statements for n in walk(s)}
        bound = names.stores(*statements)
        for statement in self.body:
            for kind, name, node in names.events(statement):
                if kind == "load" and name in bound and id(node) not in inside:
                    how = f"assigns '{name}' in a branch that the commit part takes"
                    self._wait_name(name, statements[0], how, node)

    def _if(self, s: ast.If, guarded: bool) -> Branch:
        hoists: list[Hoist] = []
        if self._free(s.test) and not guarded:
            place = Place(original=s.test)
            hoists.append(Hoist(s.test, place, False))
            return Branch(with_test(s, place), hoists, True, self._block(s.body, False), self._block(s.orelse, False))
        self._commit(s.test)
        test = self._hoist(s.test, hoists, guarded)
        blocks = self._block(s.body, True), self._block(s.orelse, True)
        return Branch(with_test(s, test), hoists, False, *blocks, s.test)

    def _match(self, s: ast.Match) -> list[Part] | None:
        """The worker finds the case, and both sides take the branch of that; None if the worker cannot."""
        if id(s) not in self._chosen:
            self._chosen[id(s)] = cases.as_branches(s)
        found, branches = self._chosen[id(s)]
        return [Compute(found), self._if(branches, False)] if self.is_compute(found) else None

    def _with(self, s: ast.With, guarded: bool) -> Part:
        opened = {n for i in s.items if i.optional_vars is not None for n in names.stores(i.optional_vars)}
        self.effects.enter(s)
        passing = all(managers.passes(i, self.effects) for i in s.items)
        known = passing or names.cannot_swallow(s) or all(managers.opens(i, self.effects) for i in s.items)
        if not guarded and known and all(self._free(i.context_expr) for i in s.items):
            around = self.opened, self.yielded
            self.opened, self.yielded = self.opened | opened, self.yielded | (opened if passing else set())
            body = self._block(s.body, False)
            self.opened, self.yielded = around
            if passing and not moves_only(body) and any(managers.shows(i, self.effects) for i in s.items):
                opened = opened | parts_loads(body)  # what the block prints at its end comes last
            if not (opened & parts_loads(body)) and not opened & set(self.reasons):
                if not names.sets(s) or moves_only(body):
                    return Resource(s, body)
                if not opened and (twice := self._twice(s, body)) is not None:
                    return Resource(s, twice, True)
        for item in s.items:
            if item.optional_vars is not None:
                self._commit(item.optional_vars)
            self._commit(item.context_expr)
        if all(self._neutral(i.context_expr) for i in s.items):
            return Guarded(s, [], self._block(s.body, guarded))
        self._commit(s)
        return Commit(s, [])

    def _twice(self, s: ast.With, body: list[Part]) -> list[Part] | None:
        """The parts of a ``with`` that sets something, entered by both sides; None if both cannot set the same."""
        found: list[Part] = []
        set_inside = {id(n) for statement in s.body for n in walk(statement) if self.effects.is_restored(n)}
        nodes: list[ast.AST] = [i.context_expr for i in s.items]
        for part in body:
            if isinstance(part, Compute) and isinstance(part.node, ast.Expr) and id(part.node.value) in set_inside:
                set_inside.discard(id(part.node.value))
                nodes.append(part.node)
                part = Both(part.node)
            found.append(part)
        known = not any(names.loads(node) & self.own for node in nodes)
        return found if known and not set_inside else None
