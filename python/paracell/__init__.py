"""paracell: a Jupyter kernel whose ``%%parallel`` cells run loops on all cores and mean the same."""

from __future__ import annotations

from paracell._native import __version__

# `python -m paracell` comes here first, with the notebook's folder before the standard library: what is imported here
# could be a file of the user's, and typing.py is one that people have.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from paracell.check import CheckFailed

__all__ = [
    "CheckFailed",
    "__version__",
    "background",
    "last_run",
    "load_ipython_extension",
    "replay",
    "unload_ipython_extension",
    "wait",
    "why",
]


def __getattr__(name: str) -> Any:
    if name == "CheckFailed":
        from paracell.check import CheckFailed

        return CheckFailed
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
    from paracell.stopped.replaying import replay as run

    return run(_session(), index)


def background(number: int | None = None) -> Any:
    """The cell ``[number]`` that runs, or ran, in the background; without a number the latest.

    A ``paracell.aside.cell.Background``: ``.wait()``, ``.result()``, ``.cancel()``, ``.state``, ``.report``.
    LookupError if there is none."""
    session = _session()
    if session is None:
        raise LookupError("no cell has run in the background")
    return session.backgrounds.find(number)


def wait() -> None:
    """Wait for every cell in the background. Raises the exception of the first that ended with one."""
    __tracebackhide__ = True
    session = _session()
    if session is not None:
        session.backgrounds.wait()


def _session() -> Any:
    from IPython.core.getipython import get_ipython

    hook = getattr(get_ipython(), "_paracell", None)
    return hook.session if hook is not None else None


def why(code: str | None = None) -> None:
    """Print the manual page of a reason why a loop is not parallel; without `code`: those of the last cell.

    ValueError for an unknown code, naming the nearest one."""
    from paracell.manual import why as explained

    print(explained(code))
