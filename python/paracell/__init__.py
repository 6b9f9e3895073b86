"""paracell: a Jupyter kernel whose ``%%parallel`` cells run loops on all cores and mean the same."""

from __future__ import annotations

from typing import Any

from paracell._native import __version__

__all__ = ["__version__", "last_run", "load_ipython_extension", "unload_ipython_extension"]


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
