"""Turn a split body into code: the compute function that workers call, and the loop that commits its residues.

The compute function is ``compute(item, keep, at)``: ``at`` is a ``run.state.State``. Names with the prefix
``__paracell_`` are slots. It returns the slots' values: one value if there is one slot, else a tuple.
"""

from __future__ import annotations

import ast
from typing import Any

from paracell.records import record

from .build import HIDDEN, Level, Returns, Single, at, is_mark, load, name_of, set_slot
from .bulk import Bulk, bulk
from .leading import Leading, leading
from .located import completed
from .lower import Lower
from .needs import Needs
from .split import Body


@record
class Emitted:
    """Code of one loop region."""

    compute: ast.Module
    """Defines ``compute``."""
    commit: list[ast.stmt]
    """The loop's new body."""
    slots: int
    """How many make up an iteration's value; 0: that of the only one is it."""
    temporaries: dict[str, int]
    """Names that only the compute part binds -> line of their last assignment."""
    partial: set[str]
    """Names that residues bind, but that a failing compute part may have bound further."""
    skips: bool
    """Whether the commit part may leave an iteration before it reaches a residue that failed."""
    inner: bool
    """Whether the commit part goes over what the compute part has gone over."""
    leading: Leading
    residues: list[tuple[int, str]]
    """(line, source) of every residue, for ``explain``."""
    parked: set[str]
    """Names whose last value stays in the worker until the loop is over."""
    bulk: Bulk | None
    computed: set[int]
    """Lines of the statements that only workers run."""


class Emitter:
    """Puts the two sides of a body together."""

    def __init__(self, runtime: str, target: ast.expr, body: Body, effects: Any):
        self.runtime = runtime
        self.target = target
        self.needs = Needs(body, effects)
        self.lower = Lower(runtime, body, self.needs)

    def emit(self) -> Emitted:
        level = Level(0)
        compute, commit = self.lower.block(self.lower.split.parts, level)
        if level.count == 0:
            compute.append(set_slot(level, 0, ast.Constant(None)))
            level.count = 1
            commit.insert(0, ast.Expr(self.lower.read(level, 0)))
        first = leading(commit, self.runtime)
        single = level.count == 1 and self.lower.levels == 0
        if single:
            commit = [Single(self.runtime).visit(s) for s in commit]
            compute = [s for s in compute if not is_mark(s)]
        together = bulk(self.target, commit, self.runtime) if self.lower.levels == 0 else None
        for s in commit:
            completed(s)
        return Emitted(
            self._function(compute, level, single),
            commit,
            0 if single else level.count,
            self.needs.only_compute(),
            self.needs.partial(),
            self.lower.skips,
            self.lower.inner,
            first,
            self.lower.residues,
            self.lower.parked,
            together,
            self.lower.computed,
        )

    def _function(self, body: list[ast.stmt], level: Level, single: bool) -> ast.Module:
        slots = [f"{HIDDEN}{k}" for k in range(level.count)]
        result: ast.expr = load(slots[0]) if single else ast.Tuple([load(s) for s in slots], ast.Load())
        everything = ast.Tuple([load(s) for s in slots], ast.Load())
        item = f"{HIDDEN}item"
        unpack = ast.Assign([self.target], load(item))
        line = ast.copy_location(ast.Pass(), self.target)
        start = ast.Assign([name_of(s) for s in slots], at("unset"))
        error = f"{HIDDEN}error"
        failed = ast.Return(ast.Call(at("failed"), [load(error), everything], []))
        tries = ast.Try(
            body=[unpack, *Returns(result).block(body), ast.Return(result)],
            handlers=[ast.ExceptHandler(at("every"), error, [failed])],
            orelse=[],
            finalbody=[
                ast.If(
                    ast.Compare(load(f"{HIDDEN}keep"), [ast.IsNot()], [ast.Constant(None)]),
                    [ast.Expr(ast.Call(at("keep"), [load(f"{HIDDEN}keep")], []))],
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
        return completed(ast.Module([function], []))
