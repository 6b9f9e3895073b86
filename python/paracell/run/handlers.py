"""Whether an event of an iteration runs code of the notebook's where it arrives: a stream, a handler of log records, a
function that shows warnings. Such code may change what iterations read, so it runs when the iteration is committed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from .capture import Router
from .reach import is_users


def runs_users(kind: str, content: Any) -> bool:
    """Whether playing this event (``events``) runs code of the user's."""
    if kind in ("stdout", "stderr", "raw"):
        stream = getattr(sys, content[0] if kind == "raw" else kind)
        return is_users(type(stream.beneath if type(stream) is Router else stream).__module__)
    if kind == "warning":
        warnings = sys.modules["warnings"]
        return any(is_users(getattr(warnings, name).__module__) for name in ("showwarning", "formatwarning"))
    return kind == "log" and any(is_users(_module(one)) for one in _handling(content))


def _handling(record: Any) -> Iterator[Any]:
    """What may look at the record."""
    import logging

    logger: Any = record.__dict__.get("paracell_logger") or logging.getLogger(record.name)
    yield from logger.filters
    while logger is not None:
        yield from logger.handlers
        for handler in logger.handlers:
            yield from (handler.formatter, *handler.filters, getattr(handler, "stream", None))
        logger = logger.parent if logger.propagate else None


def _module(one: Any) -> str | None:
    """The module of a function, or of an object's class."""
    module = getattr(one, "__module__", None)
    return module if isinstance(module, str) else type(one).__module__
