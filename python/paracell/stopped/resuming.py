"""Cells that an exception or an interrupt has stopped in a loop: what is kept of them, and how one is resumed."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from paracell.cell.nodes import walk
from paracell.later import Later
from paracell.records import record
from paracell.run.beneath import sources
from paracell.run.resume import NotResumed, Stopped

if TYPE_CHECKING:
    from paracell.cell import rest as rests
    from paracell.cellrun import CellRun
else:
    rests = Later("paracell.cell.rest")

_KEPT = 4
"""So many stopped cells are kept: each holds the items that were read ahead, and a comprehension's values."""
_LAZY = ("genexp", "map", "filter")


@record
class StoppedCell:
    """A cell that ended with the error that stopped one of its loops."""

    tree: ast.Module
    """As it was written."""
    source: str
    stopped: Stopped
    number: int
    """Of its execution."""


class Stops:
    """The stopped cells of one session, the latest last."""

    def __init__(self) -> None:
        self._cells: list[StoppedCell] = []
        self._finished: ast.Module | None = None
        """The last parallel cell that ran to its end."""

    @property
    def last(self) -> StoppedCell | None:
        """The cell that was stopped last."""
        return self._cells[-1] if self._cells else None

    def ended(self, run: CellRun, error: BaseException | None, number: int) -> StoppedCell | None:
        """A parallel cell has ended, with `error` or without: what is kept of it, if it was stopped in a loop."""
        if run.resumes is not None:
            if not run.resumes.begun:
                return None
            self._cells = [c for c in self._cells if c.stopped is not run.resumes.stopped]
        self._cells = [cell for cell in self._cells if not _same(cell.tree, run.written)]
        if error is None:
            self._finished = run.written
            return None
        stopped = next((s for s in reversed(run.stops) if s.error in _chain(error)), None)
        for here in run.here if stopped is None else ():
            stopped = here.stopped(error, line_of(error, here.filename)) or stopped
        if stopped is None:
            return None
        cell = StoppedCell(run.written, run.source, stopped, number)
        self._cells = [*self._cells, cell][-_KEPT:]
        return cell

    def find(self, tree: ast.Module) -> StoppedCell:
        """The stopped cell of which `tree` is the mended form. NotResumed if there is none."""
        for cell in reversed(self._cells):
            if _same(cell.tree, tree):
                return cell
        for cell in reversed(self._cells):
            region = cell.stopped.region
            if rests.same_loop(cell.tree, region.line, region.column, region.kind, tree):
                return cell
        if self._finished is not None and _same(self._finished, tree):
            raise NotResumed("this cell ran to its end, there is nothing left of it to run: run it without --resume")
        if not self._cells:
            raise NotResumed(
                "no cell has been stopped in a parallel loop, so there is nothing to go on with: run the cell "
                "without --resume. A cell that was stopped elsewhere, or in a loop that ran here over an iterator, "
                "is not kept: run what is left of it in a cell of its own"
            )
        return self._cells[-1]

    def rest(self, cell: StoppedCell, tree: ast.Module, namespace: dict[str, Any]) -> tuple[rests.Rest, bool]:
        """(what is left to run of `tree`, whether the loop's iterable is to be evaluated again). NotResumed."""
        region, stopped = cell.stopped.region, cell.stopped
        if stopped.settled() is None:
            why = f": {region.refusal.brief()}" if region.refusal is not None else ""
            raise NotResumed(f"line {region.line}: the loop is not parallel, so nothing is kept of it{why}")
        if region.kind in _LAZY:
            raise NotResumed(
                f"line {region.line}: what took the values of `{region.source}` has lost them with the error; with a "
                "list comprehension or a for loop in its place the next run can be resumed: run the cell without it"
            )
        if stopped.here and region.kind != "for":
            raise NotResumed(
                f"line {region.line}: `{region.source}` ran here, as auto had judged, and its values are lost with the "
                "error: run the cell without --resume"
            )
        try:
            left = rests.rest(cell.tree, region.line, region.column, region.kind, tree, namespace.get)
        except rests.NoRest as reason:
            raise NotResumed(f"{reason}.") from None
        keep = left.same_iterable and not left.reopened and (stopped.passes_once or not left.evaluate)
        if keep and stopped.alive:
            return left, False
        if not left.evaluate:
            raise NotResumed(
                f"line {left.line}: what the loop goes over was made by a loop in the same line, whose work would "
                "be done again: run the cell without --resume"
            )
        return left, True


def said_of(cell: StoppedCell, namespace: Mapping[str, Any]) -> str:
    """What is said below a cell that was stopped."""
    return _kept(cell) + _ahead(cell.stopped, namespace)


def _ahead(stopped: Stopped, namespace: Mapping[str, Any]) -> str:
    """That an iterator of the notebook's stands further on than the serial loop would have left it."""
    ahead = len(stopped.waiting) - (stopped.failed or stopped.begun)
    names = {id(value): name for name, value in namespace.items() if hasattr(type(value), "__next__")}
    name = next((names[id(source)] for source in sources(stopped.iterable) if id(source) in names), None)
    if name is None or ahead < 1:
        return ""
    lost = stopped.region.kind in _LAZY
    kept = "the serial cell would have left them in it" if lost else "--resume goes on with them"
    return f" '{name}' was read ahead: {ahead:,} more items have been taken from it; {kept}."


def _kept(cell: StoppedCell) -> str:
    stopped = cell.stopped
    here = "paracell.replay() runs the failing one here" if stopped.failed else ""
    if not stopped.committed:
        return f"Line {stopped.region.line}: no iteration is finished{here and '; '}{here}.{_in_part(cell)}"
    whole = f" of {stopped.total:,}" if stopped.total is not None else ""
    if stopped.region.kind in _LAZY or (stopped.here and stopped.region.kind != "for"):
        advice = "a for loop" if stopped.here else "a list comprehension or a for loop"
        done = f"{stopped.committed:,}{whole} iterations were done, and what took their values has lost them"
        return f"Line {stopped.region.line}: {done}; {advice} would keep them for --resume{here and '; '}{here}."
    text = (
        f"Line {stopped.region.line}: {stopped.committed:,}{whole} iterations are kept: mend the cell and run it with "
        f"--resume to go on with the next{here and '; '}{here}."
    )
    return text + _in_part(cell)


def goes_on(cell: StoppedCell, line: int, evaluate: bool) -> str:
    """What is said above the output of a cell that is resumed."""
    stopped = cell.stopped
    where = "" if evaluate else f", with the iterator where it stood ({len(stopped.waiting)} items had been read ahead)"
    return (
        f"Line {line}: goes on with iteration {stopped.committed:,} of the loop that stopped in "
        f"[{cell.number}]{where}; what stands before the loop is not run again.{_in_part(cell)}"
    )


def _in_part(cell: StoppedCell) -> str:
    """What the iteration to go on with has done to the notebook's objects before it stopped."""
    stopped = cell.stopped
    region = stopped.region
    if not stopped.begun or region.kind != "for":
        return ""
    loop = next(n for n in ast.walk(cell.tree) if isinstance(n, ast.For) and n.lineno == region.line)
    line = line_of(stopped.error, stopped.filename)
    done = [
        statement
        for statement in loop.body
        if (statement.end_lineno or statement.lineno) < line
        and not set(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)) <= region.computed
        and not isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass))
    ]
    if not done:
        return ""
    lines = ", ".join(f"line {s.lineno} `{ast.unparse(s).splitlines()[0]}`" for s in done)
    return f" Of iteration {stopped.committed:,} this has been done already, and will be done again: {lines}."


def _same(one: ast.Module, other: ast.Module) -> bool:
    """Whether two cells have the same code."""
    if len(one.body) != len(other.body) or list(map(type, walk(one))) != list(map(type, walk(other))):
        return False  # which is much sooner told than what all of it says
    return ast.dump(one) == ast.dump(other)


def line_of(error: BaseException, filename: str) -> int:
    """The cell's line in which `error` left it; 0 if none is known."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != filename:
        trace = trace.tb_next
    return trace.tb_lineno if trace is not None else 0


def _chain(error: BaseException | None) -> Iterable[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
