"""What an iteration leaves outside of itself, and how it happens in the notebook when the iteration is committed.

An event is (kind, content):

- ``stdout``, ``stderr``: text
- ``raw``: (``stdout`` or ``stderr``, bytes that C code or a child process wrote to the descriptor)
- ``display``: keyword arguments of the display publisher's ``publish``; ``clear``: whether to wait
- ``log``: a log record; ``warning``: (message, category, file, line, module, source, whether the filters were changed
  before it, what filters of the iteration's own say of it, if it has any)
- ``figures``: figures that were left open (see ``figures``)
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

Live = Callable[[str, Any], bool]
"""Takes an event of an iteration that still runs, to be shown at once; False if it cannot."""

WARNED = "__warningregistry__"
"""Where Python notes in a module what its code has warned of."""

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
    """Warn again, with the notebook's register of what was said before and its filters, or with what the filters of the
    iteration's own have said."""
    import warnings

    message, category, filename, line, module, source, renewed, action = content
    if renewed:
        renew_filters()
    with warnings.catch_warnings() if action is not None else nullcontext():
        if action is not None:
            warnings.simplefilter(action)
        warnings.warn_explicit(message, category, filename, line, module, registry(module), None, source)


MUTATED, MUTATED_LOCKED = "_filters_mutated", "_filters_mutated_lock_held"
"""What tells Python that the filters have changed; from Python 3.14 on it wants a lock."""


def renew_filters() -> None:
    """As if the filters had been changed: what was said before may be said again."""
    import warnings

    if (changed := getattr(warnings, MUTATED, None)) is not None:
        changed()
    elif (changed := getattr(warnings, MUTATED_LOCKED, None)) is not None:
        with warnings._lock:  # type: ignore[attr-defined]
            changed()


def registry(module: str | None) -> dict[Any, Any] | None:
    """Where Python notes the warnings that the code of `module` has given; None for code of no module."""
    if module is None:
        return None
    scope = namespace if module == "__main__" else getattr(sys.modules.get(module), "__dict__", None)
    return None if scope is None else scope.setdefault(WARNED, {})


def _raw(content: tuple[str, bytes]) -> None:
    """Through the stream, which keeps the order, unless it has been replaced by one that C code does not write to."""
    name, data = content
    stream = getattr(sys, name)
    try:
        descriptor = stream.fileno()
    except (AttributeError, OSError, ValueError):
        descriptor = -1
    if descriptor >= 0:
        stream.write(data.decode("utf-8", "replace"))
        return
    while data:
        data = data[os.write(1 if name == "stdout" else 2, data) :]


_PLAYERS: dict[str, Callable[[Any], None]] = {
    "display": _display,
    "clear": _clear,
    "log": _log,
    "warning": _warning,
    "raw": _raw,
}
