"""``paracell.replay()``: the iteration that stopped the last parallel cell, here and now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paracell.run.replay import NotReplayed
from paracell.run.replay import replay as run_again

if TYPE_CHECKING:
    from paracell.session import Session
    from paracell.stopped.resuming import StoppedCell


def replay(session: Session | None, index: int | None) -> Any:
    """See ``paracell.replay``."""
    __tracebackhide__ = True
    cell = session.stops.last if session is not None else None
    if session is None or cell is None:
        raise NotReplayed("no parallel cell has been stopped by an error in one of its loops")
    stopped = cell.stopped
    if stopped.settled() is None:
        raise NotReplayed(f"the loop in line {stopped.region.line} is not parallel: nothing of it runs by itself")
    if index is None:
        _check(cell)
    number = stopped.committed if index is None else index
    value = run_again(stopped, number, session.shell.user_ns)
    if number == stopped.committed and stopped.failed:
        session.notes.say(_passed(cell, number))
    return value


def _check(cell: StoppedCell) -> None:
    """NotReplayed where the iteration is not to be run without its number being said."""
    stopped = cell.stopped
    if not stopped.failed:
        raise NotReplayed(
            f"no iteration failed, {type(stopped.error).__name__} came from outside: "
            f"paracell.replay({stopped.committed}) runs the next one"
        )
    if type(stopped.error).__name__ == "WorkerDied":
        raise NotReplayed(
            f"iteration {stopped.committed:,} ended two worker processes, and would end the kernel with all your "
            f"variables. paracell.replay({stopped.committed}) runs it here all the same"
        )


def _passed(cell: StoppedCell, number: int) -> str:
    stopped = cell.stopped
    text = f"Iteration {number:,} did not fail this time; this is its value."
    if not stopped.in_compute and stopped.begun:
        text = (
            f"Iteration {number:,} did not fail in what workers run of it; this is its value. The error came from what "
            "runs in the notebook, which is not run again here: %debug in a cell right after the error shows it."
        )
    return text
