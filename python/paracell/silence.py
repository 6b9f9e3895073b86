"""Warnings about none of the user's lines: of what is compiled a second time, and of calls that are our own."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import Any


class Silence:
    """Around a call of the compiler (or parser) for the file `filename`, or of C code by the module of this name: it
    warns of nothing in this thread.

    Python's own means would make it forget which warnings were shown before, and silence other threads too."""

    def __init__(self, filename: str) -> None:
        self.broken = False
        """Whether there was something to be said."""
        self._modules = (filename, filename.removesuffix(".py"))
        self._thread = threading.get_ident()
        self._filters: Any = None
        self._entry = ("ignore", None, Warning, self, 0)

    def match(self, module: str) -> bool:
        """As a filter's pattern: whether it is about a warning that is given for this module."""
        if module not in self._modules or threading.get_ident() != self._thread:
            return False
        self.broken = True
        return True

    def __enter__(self) -> Silence:
        self._filters = _filters()
        self._filters.insert(0, self._entry)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._entry in self._filters:
            self._filters.remove(self._entry)


def _filters() -> list[Any]:
    """What the interpreter looks at first."""
    warnings: Any = sys.modules.get("warnings")
    context = getattr(warnings, "_get_context", None)  # from Python 3.14 on
    found = context()._filters if context is not None else getattr(warnings, "filters", None)
    return found if isinstance(found, list) else []
