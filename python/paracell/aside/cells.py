"""The background cells of one session: who has to wait for whom."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from paracell.aside.cell import Background, BackgroundFailed, FollowedRun, work
from paracell.cell.freshness import immutable
from paracell.cell.touched import Touched, touched
from paracell.run.alias import reaches

if TYPE_CHECKING:
    from paracell.session import Session

_KEPT = 16
"""So many background cells are remembered after they have ended."""
_OWN_WAY = ("wait", "result", "cancel")


class Backgrounds:
    """Starts background cells, and lets later cells wait for those that they must not meet."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.cells: list[Background] = []

    @property
    def running(self) -> list[Background]:
        """Those that have not ended, the earliest first."""
        return [cell for cell in self.cells if cell.running]

    def start(self, tree: ast.Module, written: ast.Module, run: FollowedRun) -> Callable[[], None]:
        """What the cell's own execution does: start the thread on `tree`, and return at once."""
        shell = self._session.shell
        touches = touched(written, shell.user_ns)

        def begin() -> None:
            filename = sys._getframe(1).f_code.co_filename
            cell = Background(self._session.cell_number, touches)
            cell.run = run
            self.cells = [*self.running, *[c for c in self.cells if not c.running][-_KEPT:], cell]
            cell.start(work(self._session, tree, run, filename, cell))
            self._session.notes.say(
                f"[{cell.number}] runs in the background. Cells that need what it changes wait for it; paracell.wait() "
                f"waits for its end, paracell.background({cell.number}).cancel() stops it."
            )

        return begin

    def before(self, tree: ast.Module) -> BaseException | None:
        """Let the cell `tree`, which is about to be planned, wait for those that it must not meet. Why it must not run
        then, or None."""
        namespace = self._session.shell.user_ns
        if not self.running or _goes_its_own_way(tree, namespace):
            return None
        mine = touched(tree, namespace)
        try:
            for cell in self.running:
                name = meets(mine, cell.touches, namespace)
                if name is None:
                    continue
                self._session.notes.say(f"Waits for [{cell.number}] in the background: both use {name!r}.")
                cell.wait()
                if cell.error is not None and not cell.seen:
                    cell.seen = True
                    return _failed(cell)
        except KeyboardInterrupt as interrupt:
            return interrupt
        return None

    def wait(self) -> None:
        """Wait for all; raise the exception of the first that ended with one nobody has been told of."""
        for cell in self.running:
            cell.wait()
        for cell in self.cells:
            if cell.error is not None and not cell.seen:
                cell.seen = True
                raise cell.error

    def find(self, number: int | None) -> Background:
        """The cell with that number, or the latest. LookupError if there is none."""
        for cell in reversed(self.cells):
            if number is None or cell.number == number:
                return cell
        which = "no cell" if number is None else f"no cell [{number}]"
        raise LookupError(f"{which} has run in the background; there are {[c.number for c in self.cells]}")

    def shutdown(self) -> None:
        """Stop what runs."""
        for cell in self.running:
            cell.cancel()


def meets(one: Touched, other: Touched, namespace: Mapping[str, Any]) -> str | None:
    """A name that one of the two uses and the other one changes, or whose object does; None if they can go together."""
    for name in sorted((one.uses & other.changes) | (one.changes & other.uses)):
        return name
    return _shared(one, other, namespace) or _shared(other, one, namespace)


def _shared(user: Touched, changer: Touched, namespace: Mapping[str, Any]) -> str | None:
    """A name of `user` whose object reaches one that `changer` changes."""
    changed = {id(value): name for name, value in _held(changer.changes, namespace)}
    if not changed:
        return None
    for name, value in _held(user.uses, namespace):
        if reaches(value, changed, name) is not None:
            return name
    return None


def _held(names: frozenset[str], namespace: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, namespace[name]) for name in sorted(names) if name in namespace and not immutable(namespace[name]))


def _goes_its_own_way(tree: ast.Module, namespace: Mapping[str, Any]) -> bool:
    """Whether the cell itself waits for background cells, or stops them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _OWN_WAY:
            named = {n.id for n in ast.walk(node.func) if isinstance(n, ast.Name)}
            if any(n == "paracell" or isinstance(namespace.get(n), Background) for n in named):
                return True
    return False


def check(tree: ast.Module) -> None:
    """UsageError for a cell that can only run in the notebook's own thread."""
    for node in ast.walk(tree):
        what = None
        if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith)):
            what = "'await' needs the notebook's event loop"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            names = {"get_ipython": "magics and shell commands work in the notebook's own thread", "input": "it asks"}
            what = names.get(node.func.id)
        if what is not None:
            raise UsageError(
                f"%%parallel --background: line {node.lineno} cannot run in the background, {what}. "  # type: ignore[attr-defined]
                "Put it into a cell of its own."
            )


def _failed(cell: Background) -> BackgroundFailed:
    error = BackgroundFailed(
        f"this cell has not run: it waited for [{cell.number}] in the background, which ended with "
        f"{type(cell.error).__name__}: {cell.error}. Run it again to use what there is"
    )
    error.__cause__ = cell.error
    return error
