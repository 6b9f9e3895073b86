"""What an iteration leaves outside of itself, and how it happens in the notebook when the iteration is committed.

An event is (kind, content):

- ``stdout``, ``stderr``: text
- ``display``: keyword arguments of the display publisher's ``publish``; ``clear``: whether to wait
- ``log``: a log record; ``warning``: (message, category, file, line, module, source)
- ``figures``: figures that were left open (see ``figures``)
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import Any

Live = Callable[[str, Any], bool]
"""Takes an event of an iteration that still runs, to be shown at once; False if it cannot."""

namespace: dict[str, Any] = {}
"""The notebook's globals: where its registry of warnings is."""


def play(kind: str, content: Any) -> None:
    """Let the event happen here and now."""
    if kind in ("stdout", "stderr"):
        getattr(sys, kind).write(content)
    else:
        _PLAYERS[kind](content)


def publisher() -> Any:
    """The display publisher of this process's IPython shell, or None."""
    module = sys.modules.get("IPython.core.interactiveshell")
    if module is None or not module.InteractiveShell.initialized():
        return None
    return module.InteractiveShell.instance().display_pub


def _display(content: dict[str, Any]) -> None:
    found = publisher()
    if found is not None:
        found.publish(**content)


def _clear(wait: bool) -> None:
    found = publisher()
    if found is not None:
        found.clear_output(wait)


def _log(record: Any) -> None:
    """Hand the record to the notebook's own logger, with its filters and handlers, as the main thread's."""
    import logging

    here = threading.current_thread()
    record.thread, record.threadName, record.process = here.ident, here.name, os.getpid()
    record.processName = "MainProcess"
    if record.exc_info and not isinstance(record.exc_info, tuple):
        error = record.exc_info
        record.exc_info = (type(error), error, error.__traceback__)
    logger = record.__dict__.pop("paracell_logger", None) or logging.getLogger(
        None if record.name == "root" else record.name
    )
    logger.handle(record)


def _warning(content: tuple[Any, ...]) -> None:
    """Warn again, with the notebook's filters and its register of what was said before."""
    import warnings

    message, category, filename, line, module, source = content
    warnings.warn_explicit(message, category, filename, line, module, registry(module), None, source)


def registry(module: str | None) -> dict[Any, Any] | None:
    """Where Python notes the warnings that the code of `module` has given; None for code of no module."""
    if module is None:
        return None
    scope = namespace if module == "__main__" else getattr(sys.modules.get(module), "__dict__", None)
    return None if scope is None else scope.setdefault("__warningregistry__", {})


_PLAYERS: dict[str, Callable[[Any], None]] = {"display": _display, "clear": _clear, "log": _log, "warning": _warning}
