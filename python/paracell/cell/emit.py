"""Turn a split body into code: the compute function that workers call, and the loop that commits its residues.

The compute function is ``compute(item, keep, at)``: ``at`` is a ``run.residue.State``. Names with the prefix
``__paracell_`` are slots. It returns the slots' values: one value if there is one slot, else a tuple.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from . import names
from .parts import Both, Branch, Commit, Compute, Guarded, Hoist, Inner, Jump, Part, Place, Resource
from .split import Body, commit_loads, parts_loads

HIDDEN = "__paracell_"


@dataclass
class Emitted:
    """Code of one loop region."""

    compute: ast.Module
    """Defines ``compute``."""
    commit: list[ast.stmt]
    """The loop's new body."""
    slots: int
    temporaries: dict[str, int]
    """Names that only the compute part binds -> line of their last assignment."""
    partial: set[str]
    """Names that residues bind, but that a failing compute part may have bound further."""
    skips: bool
    """Whether the commit part may leave an iteration before it reaches a residue that failed."""
    residues: list[tuple[int, str]]
    """(line, source) of every residue, for ``explain``."""
    parked: set[str]
    """Names whose last value stays in the worker until the loop is over."""
    computed: set[int]
    """Lines of the statements that only workers run."""


@dataclass
class Level:
    """Slots of the iteration (number 0) or of one inner loop's rows."""

    number: int
    count: int = 0
    set: list[int] = field(default_factory=list)


class Emitter:
    def __init__(self, runtime: str, target: ast.expr, body: Body, effects: Any):
        self.runtime = runtime
        self.target = target
        self.split = body
        self.effects = effects
        self.levels = 0
        self.residues: list[tuple[int, str]] = []
        self.pending: ast.stmt | None = None
        self.both = _bound(body.parts, (Both, Inner))
        read = self._commit_reads(body.parts)
        assigned = _bound(body.parts, (Compute, Resource))
        self.needed = (read | (body.temporaries - body.certain) | self.both) & assigned
        for part in body.parts:
            if isinstance(part, Compute) and isinstance(part.node, ast.AnnAssign):
                self.needed |= names.stores(part.node)  # the notebook gets the annotation, too
        bound = [name for name, _ in _assignments(body.parts)]
        self.needed |= {name for name in bound if bound.count(name) > 1} & body.temporaries & assigned
        if _has_break(body.parts):
            self.needed |= body.temporaries & assigned
        self.late = self._late(read, bound, assigned)
        self.parked: set[str] = set()
        self.computed: set[int] = set()
        self._skips = False
        self.guards = 0
        """Blocks around that only the main thread knows to be left early: jumps there are not the worker's."""

    def _late(self, read: set[str], bound: list[str], assigned: set[str]) -> set[str]:
        """Names of which only the last value matters: workers say that they were bound, the value stays there."""
        if self.split.changes_items:
            return set()
        once = {name for name in bound if bound.count(name) == 1}
        annotated = {
            name
            for part in _every(self.split.parts)
            if isinstance(part, Compute) and isinstance(part.node, ast.AnnAssign)
            for name in names.stores(part.node)
        }
        return (self.needed & self.split.temporaries & assigned & once) - read - self.both - annotated

    def _commit_reads(self, parts: list[Part]) -> set[str]:
        found = parts_loads(parts)
        for part in parts:
            nodes = [part.node] if isinstance(part, (Commit, Both, Guarded, Branch)) else []
            for node in nodes:
                found |= self.effects.reads(node)
            for block in ("body", "orelse"):
                if isinstance(getattr(part, block, None), list):
                    found |= self._commit_reads(getattr(part, block))
        return found

    # ------------------------------------------------------------------------------------------------------- entry

    def emit(self) -> Emitted:
        level = Level(0)
        compute, commit = self._block(self.split.parts, level)
        if level.count == 0:
            compute.append(_set(level, 0, ast.Constant(None)))
            level.count = 1
            commit.insert(0, ast.Expr(self._read(level, 0)))
        single = level.count == 1 and self.levels == 0
        if single:
            commit = [_Single(self.runtime).visit(s) for s in commit]
            compute = [s for s in compute if not _is_mark(s)]
        for s in commit:
            ast.fix_missing_locations(s)
        return Emitted(
            self._function(compute, level, single),
            commit,
            level.count,
            self._only_compute(),
            self._partial(),
            self._skips,
            self.residues,
            self.parked,
            self.computed,
        )

    def _only_compute(self) -> dict[str, int]:
        lines: dict[str, int] = {}
        for name, line in _assignments(self.split.parts):
            if name in self.split.temporaries and name not in self.needed:
                lines[name] = line
        return lines

    def _partial(self) -> set[str]:
        speculative = {
            n
            for part in _every(self.split.parts)
            if isinstance(part, (Guarded, Branch))
            for n in names.stores(part.node)
        }
        bound = {n for n, _ in _assignments(self.split.parts)}
        return (bound & self.needed) - speculative

    def _function(self, body: list[ast.stmt], level: Level, single: bool) -> ast.Module:
        slots = [f"{HIDDEN}{k}" for k in range(level.count)]
        result: ast.expr = _load(slots[0]) if single else ast.Tuple([_load(s) for s in slots], ast.Load())
        everything = ast.Tuple([_load(s) for s in slots], ast.Load())
        item = f"{HIDDEN}item"
        unpack = ast.Assign([self.target], _load(item))
        line = ast.copy_location(ast.Pass(), self.target)
        start = ast.Assign([_name(s) for s in slots], _at("unset"))
        error = f"{HIDDEN}error"
        failed = ast.Return(ast.Call(_at("failed"), [_load(error), everything], []))
        tries = ast.Try(
            body=[unpack, *_Returns(result).block(body), ast.Return(result)],
            handlers=[ast.ExceptHandler(_at("every"), error, [failed])],
            orelse=[],
            finalbody=[
                ast.If(
                    ast.Compare(_load(f"{HIDDEN}keep"), [ast.IsNot()], [ast.Constant(None)]),
                    [ast.Expr(ast.Call(_at("keep"), [_load(f"{HIDDEN}keep")], []))],
                    [],
                )
            ],
        )
        args = ast.arguments(
            [], [ast.arg(item), ast.arg(f"{HIDDEN}keep"), ast.arg(f"{HIDDEN}at")], None, [], [], None, []
        )
        extra: dict[str, Any] = {"type_params": []} if "type_params" in ast.FunctionDef._fields else {}
        function = ast.FunctionDef("compute", args, [start, tries], [], None, **extra)
        for node in (function, start, tries, *tries.handlers, *tries.finalbody, unpack):
            ast.copy_location(node, line)
        function.lineno = 1  # the code is one of the module, which begins on its first line
        return ast.fix_missing_locations(ast.Module([function], []))

    # ------------------------------------------------------------------------------------------------------- blocks

    def _block(self, parts: list[Part], level: Level) -> tuple[list[ast.stmt], list[ast.stmt]]:
        compute: list[ast.stmt] = []
        commit: list[ast.stmt] = []
        for part in parts:
            handler = getattr(self, f"_{type(part).__name__.lower()}")
            handler(part, level, compute, commit)
        self._flush(level, compute, commit)
        return compute, commit or [ast.Pass()]

    def _flush(self, level: Level, compute: list[ast.stmt], commit: list[ast.stmt]) -> None:
        """What was computed since the last residue may have printed or failed: give it a residue of its own."""
        if self.pending is not None:
            node, self.pending = self.pending, None
            slot = self._slot(level, node)
            compute.append(_set(level, slot, ast.Constant(None), node))
            commit.append(_effect(self._read(level, slot, node), node))

    def _mark(self, level: Level, compute: list[ast.stmt], node: ast.AST) -> None:
        """Before code that may print: which residue it belongs to (the next one)."""
        mark = ast.Assign([_at("slot", ast.Store())], ast.Constant(level.count))
        row = ast.Assign(
            [_at("row", ast.Store())], _load(f"{HIDDEN}row{level.number}") if level.number else ast.Constant(None)
        )
        for statement in (mark, row):
            statement.is_mark = True  # type: ignore[attr-defined]
            compute.append(ast.copy_location(statement, node))

    def _slot(self, level: Level, node: ast.AST) -> int:
        self.residues.append((getattr(node, "lineno", 0), ast.unparse(node)))
        level.count += 1
        level.set.append(level.count - 1)
        return level.count - 1

    def _read(self, level: Level, slot: int, node: ast.AST | None = None) -> ast.expr:
        attribute = "v" if level.number == 0 else f"v{level.number}"
        read = ast.Subscript(ast.Attribute(_load(self.runtime), attribute, ast.Load()), ast.Constant(slot), ast.Load())
        return _place(read, node) if node is not None else read

    # -------------------------------------------------------------------------------------------------------- parts

    def _compute(self, part: Compute, level: Level, compute: list[ast.stmt], commit: list[ast.stmt]) -> None:
        node = part.node
        self.computed.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        if self.pending is None:
            self._mark(level, compute, node)
        compute.append(node)
        wanted = [n for n in dict.fromkeys(_bound_order(node)) if n in self.needed]
        if not wanted:
            self.pending = self.pending or node
            return
        self.pending = None
        exposed = names.Exposed(set())
        sure = exposed.block([node], frozenset()) or frozenset()
        for name in wanted:
            slot = self._slot(level, node)
            read = self._read(level, slot, node)
            late = name in self.late and level.number == 0
            value = [_set(level, slot, ast.Constant(True) if late else _load(name), node)]
            if name in sure:
                compute += value
            else:
                tried = [ast.copy_location(ast.Expr(_load(name)), node), *value] if late else value
                handler = ast.ExceptHandler(_at("unbound"), None, [_set(level, slot, _at("absent"), node)])
                compute.append(ast.copy_location(ast.Try(tried, [handler], [], []), node))
            commit.append(_place(self._bind(name, node, read, late, name in sure), node))

    def _bind(self, name: str, node: ast.stmt, read: ast.expr, late: bool, sure: bool) -> ast.stmt:
        """The commit part's statement that gives `name` the value that the worker bound."""
        if late:
            self.parked.add(name)
            return ast.Expr(
                ast.Call(ast.Attribute(_load(self.runtime), "park", ast.Load()), [ast.Constant(name), read], [])
            )
        bind: ast.stmt = ast.Assign([_name(name)], read)
        if isinstance(node, ast.AnnAssign):
            bind = ast.AnnAssign(_name(name), node.annotation, read, node.simple)
        if sure:
            return bind
        return ast.If(ast.Call(ast.Attribute(_load(self.runtime), "bound", ast.Load()), [read], []), [bind], [])

    def _both(self, part: Both, level: Level, compute: list[ast.stmt], commit: list[ast.stmt]) -> None:
        if isinstance(part.node, (ast.Import, ast.ImportFrom)):
            self._flush(level, compute, commit)
            commit.append(part.node)
            compute.append(part.node)
            self.pending = part.node
            return
        compute.append(part.node)
        commit.append(part.node)

    def _hoists(self, hoists: list[Hoist], level: Level, compute: list[ast.stmt]) -> dict[int, ast.expr]:
        reads: dict[int, ast.expr] = {}
        for hoist in hoists:
            if self.pending is None:
                self._mark(level, compute, hoist.expression)
            self.pending = None
            slot = self._slot(level, hoist.expression)
            value = _set(level, slot, hoist.expression, hoist.expression)
            compute.append(self._guard(value, level, [slot], hoist.expression) if hoist.guarded else value)
            reads[id(hoist.place)] = self._read(level, slot, hoist.expression)
        return reads

    def _guard(self, inside: ast.stmt | list[ast.stmt], level: Level, slots: list[int], node: ast.AST) -> ast.stmt:
        error = f"{HIDDEN}error"
        handler: list[ast.stmt] = [ast.Expr(ast.Call(_at("caught"), [_load(error)], []))]
        for slot in slots:
            handler.append(_set(level, slot, ast.Call(_at("fault"), [_load(error), *_where(level, slot)], [])))
        body = inside if isinstance(inside, list) else [inside]
        guard = ast.Try(body, [ast.ExceptHandler(_at("every"), error, handler)], [], [])
        ast.copy_location(guard.handlers[0], node)
        return ast.copy_location(guard, node)

    def _commit(self, part: Commit, level: Level, compute: list[ast.stmt], commit: list[ast.stmt]) -> None:
        calls = sum(isinstance(n, ast.Call) for n in ast.walk(part.node))
        if (
            not part.hoists
            or part.hoists[0].guarded
            or calls > 1
            or not isinstance(part.node, (ast.Expr, ast.Assign, ast.AugAssign))
        ):
            self._flush(level, compute, commit)
        self._skips = self._skips or any(isinstance(n, (ast.Continue, ast.Break)) for n in ast.walk(part.node))
        reads = self._hoists(part.hoists, level, compute)
        commit.append(_Fill(reads).visit(part.node))

    def _branch(self, part: Branch, level: Level, compute: list[ast.stmt], commit: list[ast.stmt]) -> None:
        node = part.node
        if part.by_worker:
            if self.pending is None:
                self._mark(level, compute, node.test)
            self.pending = None
            slot = self._slot(level, part.hoists[0].expression)
            test = ast.IfExp(part.hoists[0].expression, ast.Constant(True), ast.Constant(False))
            compute.append(_set(level, slot, ast.copy_location(test, node), node))
            body, commit_body = self._block(part.body, level)
            orelse, commit_orelse = self._block(part.orelse, level) if part.orelse else ([], [])
            compute.append(ast.copy_location(ast.If(_value(level, slot), body or [ast.Pass()], orelse), node))
            commit.append(ast.copy_location(ast.If(self._read(level, slot, node), commit_body, commit_orelse), node))
            return
        self._flush(level, compute, commit)
        reads = self._hoists(part.hoists, level, compute)
        body, commit_body = self._speculate(part.body, level)
        orelse, commit_orelse = self._speculate(part.orelse, level) if part.orelse else ([], [])
        compute += [*body, *orelse]
        commit.append(ast.copy_location(ast.If(_Fill(reads).visit(node.test), commit_body, commit_orelse), node))

    def _speculate(self, parts: list[Part], level: Level) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """Parts that serial Python may skip: every failure is kept until it is asked for; no jumps."""
        compute: list[ast.stmt] = []
        commit: list[ast.stmt] = []
        for part in parts:
            first = level.count
            own: list[ast.stmt] = []
            self.guards += 1
            getattr(self, f"_{type(part).__name__.lower()}")(part, level, own, commit)
            self._flush(level, own, commit)
            self.guards -= 1
            if isinstance(part, Compute):
                own = [self._guard(own, level, list(range(first, level.count)), part.node)]
            compute += own
        return compute, commit or [ast.Pass()]

    def _inner(self, part: Inner, level: Level, compute: list[ast.stmt], commit: list[ast.stmt]) -> None:
        node = part.node
        if self.pending is None:
            self._mark(level, compute, node)
        self.pending = None
        slot = self._slot(level, node.iter)
        compute.append(_set(level, slot, ast.Call(_at("rows"), [node.iter], []), node.iter))
        self.levels += 1
        inner = Level(self.levels)
        guards, self.guards = self.guards, 0
        body, commit_body = self._block(part.body, inner)
        self.guards = guards
        orelse, commit_orelse = self._block(part.orelse, level) if part.orelse else ([], [])
        each = ast.Call(_at("each"), [_value(level, slot), ast.Constant(inner.count)], [])
        row = ast.Tuple([node.target, _name(f"{HIDDEN}row{inner.number}")], ast.Store())
        compute.append(ast.copy_location(ast.For(row, each, body or [ast.Pass()], orelse), node))
        here = ast.Attribute(_load(self.runtime), f"v{inner.number}", ast.Store())
        pair = ast.copy_location(ast.Tuple([node.target, here], ast.Store()), node.target)
        commit.append(
            ast.copy_location(ast.For(pair, self._read(level, slot, node.iter), commit_body, commit_orelse), node)
        )
        self._mark(level, compute, node)
        self.pending = node

    def _guarded(self, part: Guarded, level: Level, compute: list[ast.stmt], commit: list[ast.stmt]) -> None:
        rest = [*part.node.handlers, *part.node.orelse, *part.node.finalbody] if isinstance(part.node, ast.Try) else []
        self._skips = self._skips or any(isinstance(n, (ast.Continue, ast.Break)) for r in rest for n in ast.walk(r))
        self._flush(level, compute, commit)
        first = level.count
        self.guards += 1
        body, commit_body = self._block(part.body, level)
        self.guards -= 1
        if body:
            compute.append(self._guard(body, level, list(range(first, level.count)), part.node))
        new = type(part.node)(**{f: getattr(part.node, f) for f in part.node._fields if hasattr(part.node, f)})
        new.body = commit_body
        commit.append(ast.copy_location(new, part.node))

    def _resource(self, part: Resource, level: Level, compute: list[ast.stmt], commit: list[ast.stmt]) -> None:
        if self.pending is None:
            self._mark(level, compute, part.node)
        self.pending = self.pending or part.node
        inside: list[ast.stmt] = []
        for item in part.body:
            getattr(self, f"_{type(item).__name__.lower()}")(item, level, inside, commit)
        new = ast.With(part.node.items, inside or [ast.Pass()])
        compute.append(ast.copy_location(new, part.node))
        self.pending = self.pending or part.node

    def _jump(self, part: Jump, level: Level, compute: list[ast.stmt], commit: list[ast.stmt]) -> None:
        self._flush(level, compute, commit)
        if not self.guards:
            compute.append(part.node)
        else:
            self._skips = True
        commit.append(part.node)


# ------------------------------------------------------------------------------------------------------------- helpers


class _Returns(ast.NodeTransformer):
    """In the compute function the iteration's own ``continue`` and ``break`` end the call."""

    def __init__(self, result: ast.expr):
        self.result = result

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return [self.visit(s) for s in body]

    def visit_Continue(self, node: ast.Continue) -> ast.stmt:
        return ast.copy_location(ast.Return(self.result), node)

    def visit_Break(self, node: ast.Break) -> ast.stmt:
        return ast.copy_location(ast.Return(self.result), node)

    def visit_For(self, node: ast.For) -> ast.stmt:
        node = ast.copy_location(ast.For(node.target, node.iter, node.body, self.block(node.orelse)), node)
        return node

    def visit_While(self, node: ast.While) -> ast.stmt:
        return ast.copy_location(ast.While(node.test, node.body, self.block(node.orelse)), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        return node

    def visit_If(self, node: ast.If) -> ast.stmt:
        return ast.copy_location(ast.If(node.test, self.block(node.body), self.block(node.orelse)), node)


class _Fill(ast.NodeTransformer):
    """Put slots where places stand."""

    def __init__(self, reads: dict[int, ast.expr]):
        self.reads = reads

    def visit_Place(self, node: Place) -> ast.expr:
        return self.reads[id(node)]


class _Single(ast.NodeTransformer):
    """With one slot the iteration's value is the slot's."""

    def __init__(self, runtime: str):
        self.runtime = runtime

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        value = node.value
        if (
            isinstance(value, ast.Attribute)
            and isinstance(value.value, ast.Name)
            and value.value.id == self.runtime
            and value.attr == "v"
        ):
            return value
        self.generic_visit(node)
        return node


def _is_mark(s: ast.stmt) -> bool:
    return getattr(s, "is_mark", False)


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Store())


def _load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _at(attribute: str, ctx: ast.expr_context | None = None) -> ast.Attribute:
    return ast.Attribute(_load(f"{HIDDEN}at"), attribute, ctx or ast.Load())


def _value(level: Level, slot: int) -> ast.expr:
    if level.number == 0:
        return _load(f"{HIDDEN}{slot}")
    return ast.Subscript(_load(f"{HIDDEN}row{level.number}"), ast.Constant(slot), ast.Load())


def _where(level: Level, slot: int) -> list[ast.expr]:
    """A slot's value for ``fault``: rows may replay already and must not be asked."""
    if level.number == 0:
        return [_load(f"{HIDDEN}{slot}")]
    return [_load(f"{HIDDEN}row{level.number}"), ast.Constant(slot)]


def _set(level: Level, slot: int, value: ast.expr, node: ast.AST | None = None) -> ast.stmt:
    target = _value(level, slot)
    target.ctx = ast.Store()  # type: ignore[attr-defined]
    statement = ast.Assign([target], value)
    return _place(statement, node) if node is not None else statement


def _place(new: Any, node: ast.AST) -> Any:
    """Positions of `node` for `new` and what was made with it."""
    ast.copy_location(new, node)
    for child in ast.walk(new):
        if hasattr(child, "lineno") or isinstance(child, (ast.expr, ast.stmt)):  # noqa: SIM102
            if getattr(child, "lineno", None) is None:
                ast.copy_location(child, node)
    return new


def _effect(read: ast.expr, node: ast.AST) -> ast.stmt:
    """Reach a residue for its output and its exception only, as a statement that displays nothing."""
    return _place(ast.If(read, [ast.Pass()], []), node)


def _bound_order(node: ast.stmt) -> list[str]:
    return [name for kind, name, _ in names.events(node) if kind == "store"]


def _every(parts: list[Part]) -> list[Part]:
    """All parts, those inside others too."""
    found: list[Part] = []
    for part in parts:
        found.append(part)
        for block in ("body", "orelse"):
            if isinstance(getattr(part, block, None), list):
                found += _every(getattr(part, block))
    return found


def _assignments(parts: list[Part]) -> list[tuple[str, int]]:
    """(name, line) of everything that workers bind, in order."""
    found: list[tuple[str, int]] = []
    for part in parts:
        if isinstance(part, (Compute, Resource)):
            for kind, name, node in names.events(part.node):
                if kind == "store":
                    found.append((name, getattr(node, "lineno", part.node.lineno)))
        for block in ("body", "orelse"):
            if isinstance(getattr(part, block, None), list):
                found += _assignments(getattr(part, block))
    return found


def _bound(parts: list[Part], kinds: tuple[type, ...]) -> set[str]:
    found: set[str] = set()
    for part in parts:
        if isinstance(part, kinds):
            if isinstance(part, Inner):
                found |= names.stores(part.node.target)
            elif isinstance(part, Resource):
                found |= {
                    n for i in part.node.items if i.optional_vars is not None for n in names.stores(i.optional_vars)
                }
            else:
                found |= names.stores(part.node)  # type: ignore[union-attr]
        for block in ("body", "orelse"):
            if isinstance(getattr(part, block, None), list):
                found |= _bound(getattr(part, block), kinds)
    return found


def _has_break(parts: list[Part], inside: bool = False) -> bool:
    for part in parts:
        if isinstance(part, Jump) and isinstance(part.node, ast.Break) and not inside:
            return True
        if isinstance(part, Commit) and any(isinstance(n, ast.Break) for n in ast.walk(part.node)):
            return True
        for block in ("body", "orelse"):
            if isinstance(getattr(part, block, None), list):  # noqa: SIM102
                if _has_break(getattr(part, block), inside or (isinstance(part, Inner) and block == "body")):
                    return True
    return False


__all__ = ["HIDDEN", "Emitted", "Emitter", "commit_loads"]
