"""paracell: a Jupyter kernel whose ``%%parallel`` cells run loops on all cores and mean the same."""

from __future__ import annotations

from typing import Any

from paracell._native import __version__

__all__ = ["__version__", "last_run", "load_ipython_extension", "replay", "unload_ipython_extension", "why"]


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext paracell``: ``%%parallel`` in any IPython shell."""
    from paracell.magic import register

    register(shell)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext paracell``."""
    from paracell.magic import unregister

    unregister(shell)


def last_run() -> Any:
    """The ``paracell.report.RunReport`` of the last parallel cell, also after an exception; None before the first."""
    from paracell.report import last_run as last

    return last()


def replay(index: int | None = None) -> Any:
    """Run the iteration that stopped the last parallel cell again, here on the main thread: then ``%debug`` works.

    With its item, its random stream and the notebook's values as they are now. Only what workers run of an iteration
    runs: the notebook's names and objects stay as they are. With `index`, another iteration of that loop.

    Returns its value, if it does not fail this time: what the loop's commit part would be given, or a dict of the names
    that the iteration binds. Raises what the iteration raises; ``paracell.run.replay.NotReplayed`` where there is none.
    """
    __tracebackhide__ = True
    from IPython.core.getipython import get_ipython

    from paracell.replaying import replay as run

    hook = getattr(get_ipython(), "_paracell", None)
    return run(hook.session if hook is not None else None, index)


def why(code: str | None = None) -> None:
    """Print the manual page of a reason why a loop is not parallel; without `code`: those of the last cell.

    ValueError for an unknown code, naming the nearest one."""
    from paracell.manual import why as explained

    print(explained(code))
