"""Which backends this Python has."""

from __future__ import annotations

import importlib.util
import sys

from paracell.line.words import BACKENDS

_NEEDS = ("_interpreters", "ctypes")
"""What subinterpreters are made with, and what they reach the extension by."""


def available() -> list[str]:
    """Words of the magic line for backends that this Python has."""
    return [word for word in BACKENDS if missing(word) is None]


def missing(backend: str) -> str | None:
    """Why `backend` cannot be had here, and what to take; None: it can."""
    if backend != "interpreters":
        return None
    here = ".".join(map(str, sys.version_info[:2]))
    if sys.version_info < (3, 13):
        return f"interpreters needs Python 3.13 or later, and this is {here}; 'processes' does the same work"
    for module in _NEEDS:
        if importlib.util.find_spec(module) is None:
            return f"interpreters needs the module {module}, which this Python {here} has not got; take 'processes'"
    return None
