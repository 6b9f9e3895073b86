"""One shell's parallel cells: reads the magic line, plans the cell and hands IPython the tree to run.

IPython runs the cell itself. What it gets is the cell's own tree with its regions replaced; everything that is not a
region stays as the user wrote it.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from paracell import cell, compiler, debugged
from paracell.backends.choose import Backends
from paracell.backends.workers import Workers
from paracell.cell.located import located
from paracell.cell.regions import sites
from paracell.cellrun import CellRun
from paracell.line.defaults import Defaults
from paracell.line.inputs import Inputs
from paracell.line.options import Options, OptionsError, parse_line
from paracell.report import RunReport, remember
from paracell.report.notes import Notes
from paracell.report.serialnotes import NotParallel, Said, refused
from paracell.run.resume import NotResumed, Resumes
from paracell.ship import patched
from paracell.stopped.resuming import StoppedCell, Stops, goes_on, said_of

if TYPE_CHECKING:
    from paracell.aside.cells import Backgrounds

log = logging.getLogger("paracell")

_BREAKPOINTS = "a debugger has breakpoints, and stops in this process alone"


class Closable(Protocol):
    """What lives until its cell has ended."""

    def close(self) -> None: ...


class Session:
    """The state behind ``%%parallel`` in one IPython shell."""

    def __init__(self, shell: Any, inputs: Inputs, workers: Workers | None = None) -> None:
        """`inputs`: the cells that have run. `workers`: those that have been started already."""
        self.shell = shell
        self.defaults = Defaults()
        self.notes = Notes(shell)
        self.said = Said()
        self.backends = Backends(shell.user_ns, workers)
        self.stops = Stops()
        self._cells: list[list[Closable]] = [[]]
        self._backgrounds: Backgrounds | None = None
        self._ended: list[CellRun] = []
        """Parallel cells that have ended and whose outcome is not known yet."""
        compiler.put(shell.compile)
        patched.history = inputs
        self._names = itertools.count()

    def transform(self, tree: ast.Module, line: str, source: str | None) -> ast.Module:
        """The parallel form of `tree`, the body of a cell marked with the magic line `line`.

        Nothing escapes, for IPython would drop its transformer: what is wrong with the line or the cell is raised by
        the tree itself, before anything of the cell has run."""
        try:
            options = parse_line(line, self.defaults.options)
        except OptionsError as error:
            return self._raising(UsageError(str(error)))
        if debugged.has_breakpoints() and not options.explain:
            if not (options.background or options.resume):
                self.notes.say(f"The cell runs here, as it is written: {_BREAKPOINTS}.")
                return tree
            self.notes.say(f"{_BREAKPOINTS[0].upper()}{_BREAKPOINTS[1:]}: not in what other processes compute.")
        return self._planned(tree, source, options)

    def unmarked(self, tree: ast.Module, source: str | None) -> ast.Module:
        """A cell without a line of ours, while ``%parallel`` is on: as it is if it is debugged or has no loop."""
        if next(sites(tree), None) is None or debugged.has_breakpoints():
            return tree
        return self._planned(tree, source, self.defaults.for_every_cell)

    def _planned(self, tree: ast.Module, source: str | None, options: Options) -> ast.Module:
        try:
            return self._plan(tree, source or ast.unparse(tree), options)
        except Exception as error:
            log.exception("planning a cell failed")
            self.notes.say(f"The cell runs serially: planning it failed ({type(error).__name__}: {error}).")
            return tree

    def set_defaults(self, line: str) -> str:
        """``%parallel``: change the defaults if `line` says something; what they are now, for people."""
        try:
            return self.defaults.change(line)
        except OptionsError as error:
            raise UsageError(str(error)) from None

    @property
    def backgrounds(self) -> Backgrounds:
        """The cells in the background."""
        if self._backgrounds is None:
            from paracell.aside.cells import Backgrounds

            self._backgrounds = Backgrounds(self)
        return self._backgrounds

    def awaited(self, tree: ast.Module) -> ast.Module | None:
        """Before a cell is planned: let it wait for background cells that it must not meet. What stands for it where
        it must not run, or None."""
        if self._backgrounds is None or not self._backgrounds.running:
            return None
        error = self._backgrounds.before(tree)
        return self._raising(error) if error is not None else None

    @property
    def cell_number(self) -> int:
        """Number of the cell that runs. When IPython counts on differs between its versions; its inputs do not lie."""
        history = self.shell.history_manager
        return len(history.input_hist_parsed) - 1 if history is not None else self.shell.execution_count

    def begin_cell(self) -> None:
        self._cells.append([])
        self._ended.clear()

    def end_cell(self) -> None:
        """After a cell, however it ended: its runs are closed and its hidden names go."""
        for closable in reversed(self._cells.pop() if len(self._cells) > 1 else self._cells[0]):
            closable.close()
            if isinstance(closable, CellRun):
                self._ended.append(closable)

    def outcome(self, error: BaseException | None) -> None:
        """The cell that has just ended did so with `error`, or without one."""
        ended, self._ended = self._ended, []
        for run in reversed(ended):
            stopped = self.stops.ended(run, error, self.cell_number)
            if stopped is not None and stopped.stopped.region.parallel:
                self.say_stopped(stopped)

    def say_stopped(self, stopped: StoppedCell) -> None:
        """Below a cell that was stopped: what is kept of it."""
        self.notes.say(said_of(stopped, self.shell.user_ns))

    def shutdown(self) -> None:
        """Close what is open and stop the workers."""
        if self._backgrounds is not None:
            self._backgrounds.shutdown()
        while len(self._cells) > 1:
            self.end_cell()
        self.end_cell()
        self.backends.shutdown()
        compiler.take_away(self.shell.compile)

    def _plan(self, tree: ast.Module, source: str, options: Options) -> ast.Module:
        if options.background:
            from paracell.aside.cells import check

            try:
                check(tree)
            except UsageError as error:
                return self._raising(error)
        if options.resume:
            try:
                return self._resume(tree, source, options)
            except NotResumed as reason:
                return self._raising(reason)
        planned = cell.plan_later if options.may_wait and self._runs_statements() else cell.plan_tree
        plan = planned(tree, source, self.shell.user_ns, options.may_draw_here)
        refused = self._refused(plan, options)
        if refused is None and tree.body and not plan.regions and not options.quiet:
            from paracell.report.noloop import no_loop

            self.notes.say(no_loop(tree, self.shell.user_ns))
        return refused or self._running(plan, options, tree, None)

    def _runs_statements(self) -> bool:
        """Whether the shell compiles and runs the statements of our tree one after the other, as IPython does."""
        shell = self.shell
        return (
            type(shell).run_ast_nodes is InteractiveShell.run_ast_nodes
            and shell.ast_node_interactivity not in ("all", "last")
            and bool(shell.ast_transformers)
            and shell.ast_transformers[-1] is shell._paracell
        )

    def _resume(self, tree: ast.Module, source: str, options: Options) -> ast.Module:
        """The tree of what is left of the stopped cell of which `tree` is the mended form."""
        stopped = self.stops.find(tree)
        left, evaluate = self.stops.rest(stopped, tree, self.shell.user_ns)
        plan = cell.plan_tree(left.tree, source, self.shell.user_ns, options.may_draw_here)
        refused = self._refused(plan, options)
        if refused is not None:
            return refused
        from paracell.cell.continued import go_on

        region = go_on(plan, left, evaluate)
        text = goes_on(stopped, left.line, evaluate)
        same = left.same_iterable and not left.reopened
        say = partial(self.notes.say, text)
        resumes = Resumes(region, stopped.stopped, not evaluate, say, same)
        return self._running(plan, options, tree, resumes)

    def _refused(self, plan: cell.Plan, options: Options) -> ast.Module | None:
        """What stands for a cell that is only to be explained, or is refused."""
        if options.explain:
            remember(RunReport.of(plan, options.backend, self.shell.user_ns))
            from paracell.report.explained import explain

            return self._calling(lambda: explain(self.shell, plan))
        refusals = [(r, refusal) for r in plan.regions if (refusal := r.refusal) and not refusal.trivial]
        if refusals and options.refuses:
            report = RunReport.of(plan, options.backend, self.shell.user_ns)
            report.refused = refused(refusals, self.said)
            remember(report)
            return self._raising(NotParallel(report.refused))
        return None

    def _running(self, plan: cell.Plan, options: Options, written: ast.Module, resumes: Resumes | None) -> ast.Module:
        """The tree that runs the planned cell, here or in the background."""
        if options.background:
            from paracell.aside.cell import FollowedRun

            aside = FollowedRun(self, plan, options, written, resumes)
            return self._calling(self.backgrounds.start(plan.tree, written, aside))
        run = CellRun(self, plan, options, written, resumes)
        self._cells[-1].append(run)
        # What other transformers have made may have no place, and they may be about to look at the tree.
        return located(plan.tree) if self.shell.ast_transformers == [self.shell._paracell] else plan.tree

    def _raising(self, error: BaseException) -> ast.Module:
        def fail() -> None:
            raise error

        return self._calling(fail)

    def _calling(self, function: Callable[[], None]) -> ast.Module:
        """A tree that calls `function` and does nothing else."""
        hidden = Hidden(f"__paracell_call_{next(self._names)}__", function)
        self._cells[-1].append(hidden)
        return ast.parse(f"{hidden.name}()")


class Hidden:
    """A name that the cell's code finds and the notebook's namespace does not hold."""

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        setattr(builtins, name, value)

    def close(self) -> None:
        if hasattr(builtins, self.name):
            delattr(builtins, self.name)
