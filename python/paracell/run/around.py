"""Pictures of what belongs to the whole process, or to all threads of a cell (see ``pictures``).

What a module adds when it is imported for the first time is no change.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from contextvars import Context, ContextVar
from typing import Any

from paracell import _native

from .events import renew_filters
from .pictures import Picture


class Around(Picture):
    """Something of the process; ``label``: what it is called."""

    __slots__ = ("modules",)
    label = ""

    def __init__(self, shown: Any = None) -> None:
        super().__init__(shown)
        self.modules = len(sys.modules)
        self.cost = 2e-6

    def same(self) -> bool:
        now = self.look()
        if now == self.saved:
            return True
        if len(sys.modules) != self.modules and self._only_more(now):
            self.saved, self.modules = now, len(sys.modules)
            return True
        return False

    def _only_more(self, now: Any) -> bool:
        return all(one in now for one in self.saved)


class OfEnvironment(Around):
    __slots__ = ()
    label = "os.environ"

    def look(self) -> Any:
        return list(dict(getattr(os.environ, "_data", os.environ)).items())

    def restore(self) -> None:
        decode = getattr(os.environ, "decodevalue", str)
        wanted = {decode(name): decode(value) for name, value in self.saved}
        for name in os.environ.keys() - wanted.keys():
            del os.environ[name]
        for name, value in wanted.items():
            if os.environ.get(name) != value:
                os.environ[name] = value


class OfPath(Around):
    __slots__ = ()
    label = "sys.path"

    def look(self) -> Any:
        return list(sys.path)

    def restore(self) -> None:
        sys.path[:] = self.saved


class OfLimit(Around):
    __slots__ = ()
    label = "sys.getrecursionlimit()"

    def look(self) -> Any:
        return [sys.getrecursionlimit()]

    def restore(self) -> None:
        sys.setrecursionlimit(self.saved[0])


class OfDirectory(Around):
    __slots__ = ()
    label = "os.getcwd()"

    def look(self) -> Any:
        return [_native.working_directory()]

    def restore(self) -> None:
        if self.saved[0] is not None:
            os.chdir(self.saved[0])


class OfFilters(Around):
    __slots__ = ()
    label = "warnings.filters"

    def look(self) -> Any:
        return list(warnings.filters)

    def restore(self) -> None:
        with contextlib.suppress(TypeError):
            warnings.filters[:] = self.saved  # type: ignore[index]
            renew_filters()


class OfDecimal(Around):
    """The decimal context, which all threads of a cell share; with None the one that is the cell's own by then. Its
    flags are set by reading, too."""

    __slots__ = ()
    label = "decimal.getcontext()"
    _PARTS = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")

    def look(self) -> Any:
        # As pickle sees it: the parts, the signals whose flags are set, and those that are traps.
        *parts, _, traps = self._context().__reduce__()[1]
        return [*parts, traps]

    def _context(self) -> Any:
        return sys.modules["decimal"].getcontext() if self.shown is None else self.shown

    def _only_more(self, now: Any) -> bool:
        return False

    def restore(self) -> None:
        context = self._context()
        *parts, traps = self.saved
        for part, value in zip(self._PARTS, parts, strict=True):
            setattr(context, part, value)
        for signal in context.traps:
            context.traps[signal] = signal in traps


def around() -> list[Around]:
    """Pictures of everything here, as it is now."""
    made: list[Around] = [OfEnvironment(), OfPath(), OfLimit(), OfDirectory(), OfFilters()]
    return [*made, OfDecimal()] if hasattr(sys.modules.get("decimal"), "getcontext") else made


_FILLED = frozenset(("decimal_context",))
"""Context variables that are set by reading them."""


def set_in(context: Context, before: Context) -> list[str]:
    """Names of the variables that have other values in `context` than in `before`, of which it is a copy."""
    found: list[ContextVar[Any]] = [
        one for one, value in context.items() if one not in before or before[one] is not value
    ]
    found += [one for one in before if one not in context]
    return [one.name for one in found if one.name not in _FILLED or one in before]
