"""Split a loop's body into its compute part and its commit part (docs: split.md).

Which names the compute part may not read grows until nothing changes: each commit statement adds what it writes,
and what reads that becomes commit in turn.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from . import names, tables
from .effects import Effects
from .freshness import Freshness
from .parts import Both, Branch, Commit, Compute, Guarded, Hoist, Inner, Jump, Part, Place, Resource
from .resolve import Resolver
from .shapes import (
    commit_loads,
    consumed,
    function_body,
    harmless,
    has_jump,
    parts_loads,
    prints,
    shallow,
    start_of,
    touched,
    with_test,
    worth,
)

NEVER_COMPUTE = (ast.Global, ast.Nonlocal, ast.Return, ast.AsyncFor, ast.AsyncWith, ast.AsyncFunctionDef)


@dataclass
class Reason:
    """Why a name belongs to the commit part: where it is written, and where it is first read by what must wait."""

    name: str
    write: ast.AST
    how: str
    read: ast.AST | None = None


@dataclass
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
    blocked: list[tuple[ast.AST, str]] = field(default_factory=list)
    """(expression that was not hoisted, the name that it waits for)."""


class Splitter:
    """Split one body. `target` is the loop's target, `resolver` knows the global names."""

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
        self._speculative: set[str] = set()
        self._iterates = names.loads(iterable)

    # --------------------------------------------------------------------------------------------------- fixed point

    def split(self) -> Body:
        exposed = names.Exposed(self.assigned)
        exposed.body(self.body, frozenset(self.loop))
        for name, read in exposed.names.items():
            self._wait(name, self._first_write(name), f"assigns '{name}'", read)
        for name in self.loop & self.assigned:
            self._wait(name, self._first_write(name), f"assigns the loop variable '{name}'", None)
        for statement in self.body:
            for name in self.effects.reads(statement) & self.assigned:
                self._wait(name, self._first_write(name), f"assigns '{name}', which a function reads", statement)
        self._late()
        parts: list[Part] = []
        for _ in range(50):
            before = (set(self.reasons), self.dirty)
            self.blocked = []
            parts = [p for s in self.body for p in self.statement(s, False)]
            self._escapes(parts)
            if before == (set(self.reasons), self.dirty):
                break
        certain = set.intersection(*map(set, exposed.ends)) if exposed.ends else set()
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
            self.blocked,
        )

    def _wait(self, name: str, write: ast.AST, how: str, read: ast.AST | None) -> None:
        if name in self.loop and "loop variable" not in how:
            at = self._end(write)
            at = min([at, *(start_of(loop) for loop in self._around(write))])
            self.dirty = at if self.dirty is None else min(self.dirty, at)
            return
        self.reasons.setdefault(name, Reason(name, write, how, read))

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

    def _late(self) -> None:
        """Functions made in the body see the notebook's names when they are called, perhaps after the iteration."""
        for statement in self.body:
            for node in ast.walk(statement):
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
        if self.is_compute(s) and not (guarded and not harmless(s)):
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
            return [Commit(node, hoists)]
        hoists = []
        return [Commit(self._operands(s, hoists, guarded), hoists)]

    def _block(self, statements: list[ast.stmt], guarded: bool) -> list[Part]:
        if guarded:
            self._branch_names(statements)
        return [p for s in statements for p in self.statement(s, guarded)]

    def _branch_names(self, statements: list[ast.stmt]) -> None:
        """Names bound where only the main thread knows whether: other places of the compute part must not read them."""
        inside = {id(n) for s in statements for n in ast.walk(s)}
        bound = names.stores(*statements)
        for statement in self.body:
            for kind, name, node in names.events(statement):
                if kind == "load" and name in bound and id(node) not in inside:
                    self._wait(name, statements[0], f"assigns '{name}' in a branch that the commit part takes", node)

    def _if(self, s: ast.If, guarded: bool) -> Branch:
        hoists: list[Hoist] = []
        if self._free(s.test) and not guarded:
            place = Place(original=s.test)
            hoists.append(Hoist(s.test, place, False))
            return Branch(with_test(s, place), hoists, True, self._block(s.body, False), self._block(s.orelse, False))
        self._commit(s.test)
        test = self._hoist(s.test, hoists, guarded)
        return Branch(with_test(s, test), hoists, False, self._block(s.body, True), self._block(s.orelse, True))

    def _with(self, s: ast.With, guarded: bool) -> Part:
        opened = {n for i in s.items if i.optional_vars is not None for n in names.stores(i.optional_vars)}
        if not guarded and names.cannot_swallow(s) and all(self._free(i.context_expr) for i in s.items):
            body = self._block(s.body, False)
            if not (opened & parts_loads(body)) and not opened & set(self.reasons):
                return Resource(s, body)
        for item in s.items:
            if item.optional_vars is not None:
                self._commit(item.optional_vars)
            self._commit(item.context_expr)
        if all(self._neutral(i.context_expr) for i in s.items):
            return Guarded(s, [], self._block(s.body, guarded))
        self._commit(s)
        return Commit(s, [])

    def _neutral(self, context: ast.expr) -> bool:
        """Whether what runs inside the ``with`` gives the same outside it: locks and ``suppress``."""
        if isinstance(context, ast.Call):
            return (getattr(context.func, "id", None) or getattr(context.func, "attr", "")) in ("suppress", "tqdm")
        return type(self.effects.resolve(context)).__module__ in ("_thread", "threading")

    # ------------------------------------------------------------------------------------------------ classification

    def _is_both(self, s: ast.stmt) -> bool:
        if isinstance(s, (ast.Pass, ast.Import)):
            return True
        if isinstance(s, ast.ImportFrom):
            return all(a.name != "*" for a in s.names)
        if isinstance(s, ast.FunctionDef):
            simple = all(isinstance(d, ast.Constant) for d in (*s.args.defaults, *(d for d in s.args.kw_defaults if d)))
            return simple and not s.decorator_list and not self._hides(s) and s.name not in self.reasons
        if isinstance(s, ast.Assign) and all(isinstance(t, ast.Name) for t in s.targets):
            if names.stores(s) & set(self.reasons):
                return False
            if isinstance(s.value, ast.Lambda):
                return not self._hides(s.value)
            return isinstance(s.value, ast.Name) and s.value.id in self.loop and self._free(s.value)
        return isinstance(s, ast.Delete) and all(
            isinstance(t, ast.Name) and t.id not in self.reasons for t in s.targets
        )

    def _hides(self, function: ast.FunctionDef | ast.Lambda) -> bool:
        """Whether the function changes anything outside or reads what waits for the commit part."""
        if any(True for s in function_body(function) for _ in self.effects.changes(s)):
            return True
        if any(isinstance(n, (ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom)) for n in ast.walk(function)):
            return True
        return not self._free_names(function)

    def _free_names(self, node: ast.AST) -> bool:
        return not ((names.loads(node) | self.effects.reads(node)) & set(self.reasons))

    def is_compute(self, s: ast.stmt) -> bool:
        """Whether a worker may run the whole statement ahead of time; notes what stands against it."""
        for n in ast.walk(s):
            if isinstance(n, NEVER_COMPUTE) or (isinstance(n, ast.ImportFrom) and n.names[0].name == "*"):
                return False
            if isinstance(n, ast.Delete) and any(isinstance(t, ast.Name) for t in n.targets):
                return False
            if isinstance(n, (ast.FunctionDef, ast.ClassDef)):
                return False
        if has_jump(s) or names.stores(s) & set(self.reasons):
            return False
        changed = False
        for change in self.effects.changes(s):
            changed = True
            for owner in change.owners:
                self._wait(owner, change.node, change.how, None)
        return not changed and self._free(s)

    def _names_free(self, target: ast.expr) -> bool:
        return (
            isinstance(target, (ast.Name, ast.Tuple, ast.List))
            and not (names.stores(target) & set(self.reasons))
            and not any(isinstance(n, (ast.Attribute, ast.Subscript)) for n in ast.walk(target))
        )

    def _free(self, node: ast.AST, at_once: bool = False) -> bool:
        """Whether a worker may evaluate `node` ahead of time."""
        for change in self.effects.changes(node):
            for owner in change.owners:
                self._wait(owner, change.node, change.how, None)
            return False
        if isinstance(node, ast.expr) and any(isinstance(n, ast.NamedExpr) for n in ast.walk(node)):
            return False
        if self.effects.forbidden(node) is not None:
            return False
        waits = set(self.reasons)
        for kind, name, where in names.events(node):
            if kind == "load" and name in waits:
                self._note(node, name, where)
                return False
        for name in self.effects.reads(node) & waits:
            self._note(node, name, node)
            return False
        if self.dirty is not None and start_of(node) > self.dirty:  # noqa: SIM102
            if any(n in self.loop or self.fresh.depths.get(n, 2) < 2 for n in names.loads(node)):
                return False
        return not self._keeps_function(node, at_once)

    def _note(self, node: ast.AST, name: str, where: ast.AST) -> None:
        reason = self.reasons[name]
        if reason.read is None:
            reason.read = where
        self.blocked.append((node, name))

    def _keeps_function(self, node: ast.AST, at_once: bool = False) -> bool:
        """Whether a function or generator made in `node` could outlive the iteration."""
        for n in ast.walk(node):
            if at_once and n is node:
                continue
            if isinstance(n, (ast.Lambda, ast.GeneratorExp)) and not self._used_at_once(node, n):
                return True
        return False

    def _used_at_once(self, whole: ast.AST, function: ast.AST) -> bool:
        for n in ast.walk(whole):
            if isinstance(n, ast.Call):
                handed = [*n.args, *(k.value for k in n.keywords)]
                if any(a is function for a in handed):
                    name = n.func.id if isinstance(n.func, ast.Name) else getattr(n.func, "attr", "")
                    if name in ("map", "filter", "enumerate", "zip"):
                        return self._used_at_once(whole, n) or (
                            isinstance(function, ast.GeneratorExp) is False and consumed(whole, n)
                        )
                    value = self.effects.resolve(n.func)
                    if isinstance(function, ast.GeneratorExp):
                        return name in tables.CONSUMERS
                    return name in tables.CONSUMERS or (name != "partial" and not isinstance(value, type))
            if isinstance(n, (ast.For, ast.comprehension)) and n.iter is function:
                return not isinstance(whole, ast.GeneratorExp)
        return False

    # ------------------------------------------------------------------------------------------------------- commits

    def _commit(self, node: ast.AST) -> None:
        """`node` stays on the main thread: what it writes, the compute part may not read."""
        for name in names.stores(node):
            self._wait(name, self._writer(node, name), f"assigns '{name}'", None)
        for change in self.effects.changes(node):
            for owner in change.owners:
                self._wait(owner, change.node, change.how, None)

    def _writer(self, node: ast.AST, name: str) -> ast.AST:
        return next((w for kind, n, w in names.events(node) if kind != "load" and n == name), node)

    def _operands(self, s: ast.stmt, hoists: list[Hoist], guarded: bool) -> ast.stmt:
        """A copy of the simple statement `s` with its expensive operands hoisted, in order of evaluation."""
        new = shallow(s)
        if isinstance(s, ast.Assign):
            new.value = self._hoist(s.value, hoists, guarded)  # type: ignore[attr-defined]
            new.targets = [self._hoist(t, hoists, guarded) for t in s.targets]  # type: ignore[attr-defined]
        elif isinstance(s, ast.AugAssign):
            new.target = self._hoist(s.target, hoists, guarded)  # type: ignore[attr-defined]
            new.value = self._hoist(s.value, hoists, guarded)  # type: ignore[attr-defined]
        elif isinstance(s, ast.AnnAssign):
            if s.value is not None:
                new.value = self._hoist(s.value, hoists, guarded)  # type: ignore[attr-defined]
                new.target = self._hoist(s.target, hoists, guarded)  # type: ignore[attr-defined]
        elif isinstance(s, ast.Expr):
            effect = isinstance(s.value, ast.Call) and any(True for _ in self.effects.changes(s))
            hoist = self._children if effect else self._hoist
            new.value = hoist(s.value, hoists, guarded)  # type: ignore[attr-defined]
        elif isinstance(s, ast.Assert):
            new.test = self._hoist(s.test, hoists, guarded)  # type: ignore[attr-defined]
        elif isinstance(s, ast.Raise) and s.exc is not None:
            new.exc = self._hoist(s.exc, hoists, guarded)  # type: ignore[attr-defined]
        return new

    def _hoist(self, node: ast.expr, hoists: list[Hoist], guarded: bool) -> ast.expr:
        """`node` with what a worker can compute replaced by places."""
        load = isinstance(getattr(node, "ctx", None) or ast.Load(), ast.Load)
        if isinstance(node, (ast.Constant, ast.Name, ast.Lambda)):
            return node
        if load and not isinstance(node, (ast.Starred, ast.Slice, ast.Tuple, ast.Dict, ast.List)) and worth(node):  # noqa: SIM102
            if self._free(node) and not (guarded and prints(node)):
                place = Place(original=node)
                hoists.append(Hoist(node, place, guarded))
                return place
        return self._children(node, hoists, guarded)

    def _children(self, node: ast.expr, hoists: list[Hoist], guarded: bool) -> ast.expr:
        new = shallow(node)
        if isinstance(node, ast.BoolOp):
            new.values = [self._hoist(v, hoists, guarded or i > 0) for i, v in enumerate(node.values)]  # type: ignore[attr-defined]
        elif isinstance(node, ast.IfExp):
            new.test = self._hoist(node.test, hoists, guarded)  # type: ignore[attr-defined]
            new.body = self._hoist(node.body, hoists, True)  # type: ignore[attr-defined]
            new.orelse = self._hoist(node.orelse, hoists, True)  # type: ignore[attr-defined]
        elif isinstance(node, ast.Compare):
            new.left = self._hoist(node.left, hoists, guarded)  # type: ignore[attr-defined]
            new.comparators = [self._hoist(c, hoists, guarded or i > 0) for i, c in enumerate(node.comparators)]  # type: ignore[attr-defined]
        elif isinstance(node, names.COMPREHENSIONS):
            first = shallow(node.generators[0])
            first.iter = self._hoist(first.iter, hoists, guarded)
            new.generators = [first, *node.generators[1:]]  # type: ignore[attr-defined]
        elif isinstance(node, ast.Call):
            new.func = self._hoist(node.func, hoists, guarded)  # type: ignore[attr-defined]
            new.args = [self._hoist(a, hoists, guarded) for a in node.args]  # type: ignore[attr-defined]
            new.keywords = [
                ast.copy_location(ast.keyword(k.arg, self._hoist(k.value, hoists, guarded)), k) for k in node.keywords
            ]  # type: ignore[attr-defined]
        elif isinstance(node, ast.Dict):
            pairs = [
                (k and self._hoist(k, hoists, guarded), self._hoist(v, hoists, guarded))
                for k, v in zip(node.keys, node.values, strict=True)
            ]
            new.keys, new.values = [k for k, _ in pairs], [v for _, v in pairs]  # type: ignore[attr-defined]
        elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            new.elts = [self._hoist(e, hoists, guarded) for e in node.elts]  # type: ignore[attr-defined]
        elif isinstance(node, (ast.Attribute, ast.Starred, ast.NamedExpr, ast.FormattedValue)):
            new.value = self._hoist(node.value, hoists, guarded)  # type: ignore[attr-defined]
        elif isinstance(node, ast.Subscript):
            new.value = self._hoist(node.value, hoists, guarded)  # type: ignore[attr-defined]
            new.slice = self._hoist(node.slice, hoists, guarded)  # type: ignore[attr-defined]
        elif isinstance(node, ast.BinOp):
            new.left = self._hoist(node.left, hoists, guarded)  # type: ignore[attr-defined]
            new.right = self._hoist(node.right, hoists, guarded)  # type: ignore[attr-defined]
        elif isinstance(node, ast.UnaryOp):
            new.operand = self._hoist(node.operand, hoists, guarded)  # type: ignore[attr-defined]
        elif isinstance(node, ast.JoinedStr):
            new.values = [
                self._hoist(v, hoists, guarded) if isinstance(v, ast.FormattedValue) else v for v in node.values
            ]  # type: ignore[attr-defined]
        return new
