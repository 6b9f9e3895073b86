"""Each part of a split body as code for both sides: the worker sets slots, the loop's own body reads them."""

from __future__ import annotations

import ast

from . import names
from .build import HIDDEN, Fill, Level, at, effect, load, name_of, placed, set_slot, slot_place, slot_value
from .clone import clone
from .needs import Needs
from .nodes import walk
from .parts import Both, Branch, Commit, Compute, Guarded, Hoist, Inner, Jump, Part, Resource
from .split import Body
from .walks import bound_order, every_part


def is_names(target: ast.expr) -> bool:
    """Whether to bind `target` does no more than to bind names."""
    if isinstance(target, (ast.Tuple, ast.List)):
        return all(map(is_names, target.elts))
    return is_names(target.value) if isinstance(target, ast.Starred) else isinstance(target, ast.Name)


class Lower:
    """One method for each kind of part. Every one adds to the compute statements and to the commit statements."""

    def __init__(self, runtime: str, body: Body, needs: Needs):
        self.runtime = runtime
        self.split = body
        self.needs = needs
        self.levels = 0
        self._rows = any(isinstance(part, Inner) for part in every_part(body.parts))
        """Whether there are loops whose iterations have rows of slots."""
        self.residues: list[tuple[int, str]] = []
        self.pending: ast.stmt | None = None
        self.parked: set[str] = set()
        self.computed: set[int] = set()
        self.skips = self.inner = False
        self.guards = 0
        """Blocks around that only the main thread knows to be left early: jumps there are not the worker's."""

    def block(self, parts: list[Part], level: Level) -> tuple[list[ast.stmt], list[ast.stmt]]:
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
            compute.append(set_slot(level, slot, ast.Constant(None), node))
            commit.append(effect(self.read(level, slot, node), node))

    def _mark(self, level: Level, compute: list[ast.stmt], node: ast.AST) -> None:
        """Before code that may print: which residue it belongs to (the next one)."""
        mark = ast.Assign([at("slot", ast.Store())], ast.Constant(level.count))
        row = ast.Assign(
            [at("row", ast.Store())], load(f"{HIDDEN}row{level.number}") if level.number else ast.Constant(None)
        )
        for statement in (mark, row) if self._rows else (mark,):
            statement.is_mark = True  # type: ignore[attr-defined]
            compute.append(ast.copy_location(statement, node))

    def _slot(self, level: Level, node: ast.AST) -> int:
        self.residues.append((getattr(node, "lineno", 0), ast.unparse(node)))
        level.count += 1
        level.set.append(level.count - 1)
        return level.count - 1

    def read(self, level: Level, slot: int, node: ast.AST | None = None) -> ast.expr:
        attribute = "v" if level.number == 0 else f"v{level.number}"
        read = ast.Subscript(ast.Attribute(load(self.runtime), attribute, ast.Load()), ast.Constant(slot), ast.Load())
        return placed(read, node) if node is not None else read

    # -------------------------------------------------------------------------------------------------------- parts

    def _compute(self, part: Compute, level: Level, compute: list[ast.stmt], commit: list[ast.stmt]) -> None:
        node = part.node
        self.computed.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        if self.pending is None:
            self._mark(level, compute, node)
        compute.append(node)
        wanted = [n for n in dict.fromkeys(bound_order(node)) if n in self.needs.needed]
        if not wanted:
            self.pending = self.pending or node
            return
        self.pending = None
        exposed = names.Exposed(set())
        sure = exposed.block([node], frozenset()) or frozenset()
        for name in wanted:
            slot = self._slot(level, node)
            read = self.read(level, slot, node)
            late = name in self.needs.late
            value = [set_slot(level, slot, self._left(name, level) if late else load(name), node)]
            if name in sure:
                compute += value
            else:
                tried = [ast.copy_location(ast.Expr(load(name)), node), *value] if late else value
                handler = ast.ExceptHandler(at("unbound"), None, [set_slot(level, slot, at("absent"), node)])
                compute.append(ast.copy_location(ast.Try(tried, [handler], [], []), node))
            commit.append(
                self._park(name, level, slot, node)
                if late
                else placed(self._bind(name, node, read, name in sure), node)
            )

    def _is_passing(self, name: str, level: Level) -> bool:
        """Whether an iteration may have bound `name` otherwise by its end."""
        return level.number > 0 or name in self.needs.several

    def _left(self, name: str, level: Level) -> ast.expr:
        """What stands in the slot of a name whose value stays in the worker: it, if that is computed once more."""
        if not self._is_passing(name, level):
            return ast.Constant(True)
        return ast.IfExp(at("again"), load(name), ast.Constant(True))

    def _park(self, name: str, level: Level, slot: int, node: ast.stmt) -> ast.stmt:
        """The commit part's statement that notes that the worker has bound `name`."""
        self.parked.add(name)
        said = [ast.Constant(name), self.read(level, slot, node)]
        if self._is_passing(name, level):
            said.append(ast.Constant(slot))
        if level.number:
            said.append(ast.Attribute(load(self.runtime), f"v{level.number}", ast.Load()))
        return placed(ast.Expr(ast.Call(ast.Attribute(load(self.runtime), "park", ast.Load()), said, [])), node)

    def _bind(self, name: str, node: ast.stmt, read: ast.expr, sure: bool) -> ast.stmt:
        """The commit part's statement that gives `name` the value that the worker bound."""
        bind: ast.stmt = ast.Assign([name_of(name)], read)
        if isinstance(node, ast.AnnAssign):
            bind = ast.AnnAssign(name_of(name), node.annotation, read, node.simple)
        if sure:
            return bind
        return ast.If(ast.Call(ast.Attribute(load(self.runtime), "bound", ast.Load()), [read], []), [bind], [])

    def _both(self, part: Both, level: Level, compute: list[ast.stmt], commit: list[ast.stmt]) -> None:
        if isinstance(part.node, (ast.Import, ast.ImportFrom)):
            self._flush(level, compute, commit)
            commit.append(part.node)
            compute.append(part.node)
            self.pending = part.node
            return
        if not isinstance(part.node, ast.Pass):
            self._flush(level, compute, commit)  # what fails before a name is bound leaves it as it was
        compute.append(part.node)
        commit.append(part.node)

    def _hoists(self, hoists: list[Hoist], level: Level, compute: list[ast.stmt]) -> dict[int, ast.expr]:
        reads: dict[int, ast.expr] = {}
        for hoist in hoists:
            if self.pending is None:
                self._mark(level, compute, hoist.expression)
            self.pending = None
            slot = self._slot(level, hoist.expression)
            node, read = hoist.expression, self.read(level, slot, hoist.expression)
            computed = [set_slot(level, slot, node, node)]
            if hoist.taken:
                computed = self._taken(node, level, slot)
                read = placed(ast.Call(ast.Attribute(load(self.runtime), "given", ast.Load()), [read], []), node)
            compute += [self._guard(computed, level, [slot], node)] if hoist.guarded else computed
            reads[id(hoist.place)] = read
        return reads

    def _taken(self, node: ast.expr, level: Level, slot: int) -> list[ast.stmt]:
        """What the iterator has given stands in the slot by the time at which it fails."""
        used_up = set_slot(level, slot, ast.Call(at("taken"), [node], []), node)
        fails = ast.Expr(ast.Call(at("went"), [slot_value(level, slot)], []))
        return [used_up, placed(fails, node)]

    def _guard(self, inside: ast.stmt | list[ast.stmt], level: Level, slots: list[int], node: ast.AST) -> ast.stmt:
        error = f"{HIDDEN}error"
        handler: list[ast.stmt] = [ast.Expr(ast.Call(at("caught"), [load(error)], []))]
        for slot in slots:
            handler.append(set_slot(level, slot, ast.Call(at("fault"), [load(error), *slot_place(level, slot)], [])))
        body = inside if isinstance(inside, list) else [inside]
        guard = ast.Try(body, [ast.ExceptHandler(at("every"), error, handler)], [], [])
        ast.copy_location(guard.handlers[0], node)
        return ast.copy_location(guard, node)

    def _commit(self, part: Commit, level: Level, compute: list[ast.stmt], commit: list[ast.stmt]) -> None:
        calls = sum(isinstance(n, ast.Call) for n in walk(part.node))
        if (
            not part.hoists
            or part.hoists[0].guarded
            or calls > 1
            or not isinstance(part.node, (ast.Expr, ast.Assign, ast.AugAssign))
        ):
            self._flush(level, compute, commit)
        self.skips = self.skips or any(isinstance(n, (ast.Continue, ast.Break)) for n in walk(part.node))
        reads = self._hoists(part.hoists, level, compute)
        commit.append(Fill(reads).visit(part.node))

    def _branch(self, part: Branch, level: Level, compute: list[ast.stmt], commit: list[ast.stmt]) -> None:
        node = part.node
        if part.by_worker:
            if self.pending is None:
                self._mark(level, compute, node.test)
            self.pending = None
            slot = self._slot(level, part.hoists[0].expression)
            test = ast.IfExp(part.hoists[0].expression, ast.Constant(True), ast.Constant(False))
            compute.append(set_slot(level, slot, ast.copy_location(test, node), node))
            body, commit_body = self.block(part.body, level)
            orelse, commit_orelse = self.block(part.orelse, level) if part.orelse else ([], [])
            compute.append(ast.copy_location(ast.If(slot_value(level, slot), body or [ast.Pass()], orelse), node))
            commit.append(ast.copy_location(ast.If(self.read(level, slot, node), commit_body, commit_orelse), node))
            return
        self._flush(level, compute, commit)
        reads = self._hoists(part.hoists, level, compute)
        body, commit_body = self._speculate(part.body, level)
        orelse, commit_orelse = self._speculate(part.orelse, level) if part.orelse else ([], [])
        compute += [*body, *orelse]
        commit.append(ast.copy_location(ast.If(Fill(reads).visit(node.test), commit_body, commit_orelse), node))

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
        self.inner = True
        self.levels += 1
        inner = Level(self.levels)
        guards, self.guards = self.guards, 0
        body, commit_body = self.block(part.body, inner)
        self.guards = guards
        alone = not body and not inner.count and is_names(node.target)
        if alone:  # workers compute what it goes over, and nothing in it: rows would be empty
            self.levels -= 1
        begun, going = ("items", "last") if alone else ("rows", "each")
        compute.append(set_slot(level, slot, ast.Call(at(begun), [node.iter], []), node.iter))
        orelse, commit_orelse = self.block(part.orelse, level) if part.orelse else ([], [])
        each = ast.copy_location(ast.Call(at(going), [slot_value(level, slot)], []), node.iter)
        target = bound = node.target
        if not alone:
            each.args.append(ast.Constant(inner.count))
            target = ast.Tuple([target, name_of(f"{HIDDEN}row{inner.number}")], ast.Store())
            here = ast.Attribute(load(self.runtime), f"v{inner.number}", ast.Store())
            bound = ast.copy_location(ast.Tuple([bound, here], ast.Store()), bound)
        compute.append(ast.copy_location(ast.For(target, each, body or [ast.Pass()], orelse), node))
        commit.append(
            ast.copy_location(ast.For(bound, self.read(level, slot, node.iter), commit_body, commit_orelse), node)
        )
        self._mark(level, compute, node)
        self.pending = node

    def _guarded(self, part: Guarded, level: Level, compute: list[ast.stmt], commit: list[ast.stmt]) -> None:
        rest = [*part.node.handlers, *part.node.orelse, *part.node.finalbody] if isinstance(part.node, ast.Try) else []
        self.skips = self.skips or any(isinstance(n, (ast.Continue, ast.Break)) for r in rest for n in walk(r))
        self._flush(level, compute, commit)
        first = level.count
        self.guards += 1
        body, commit_body = self.block(part.body, level)
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
        committed: list[ast.stmt] = [] if part.twice else commit
        for item in part.body:
            getattr(self, f"_{type(item).__name__.lower()}")(item, level, inside, committed)
        if part.twice:
            again = ast.With([clone(item) for item in part.node.items], committed or [ast.Pass()])
            commit.append(ast.copy_location(again, part.node))
        new = ast.With(part.node.items, inside or [ast.Pass()])
        compute.append(ast.copy_location(new, part.node))
        self.pending = self.pending or part.node
        opened = [n for i in part.node.items if i.optional_vars is not None for n in names.stores(i.optional_vars)]
        for name in [n for n in opened if n in self.needs.needed]:
            # What it opened stays with the worker: after the loop the last one is wanted, wherever it was opened.
            self.pending = None
            slot = self._slot(level, part.node)
            compute.append(set_slot(level, slot, self._left(name, level), part.node))
            commit.append(self._park(name, level, slot, part.node))

    def _jump(self, part: Jump, level: Level, compute: list[ast.stmt], commit: list[ast.stmt]) -> None:
        self._flush(level, compute, commit)
        if not self.guards:
            compute.append(part.node)
        else:
            self.skips = True
        commit.append(part.node)
