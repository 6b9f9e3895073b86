"""The shell's compiler, while parallel cells run: it warns of what the cell says, not of what a plan makes of it."""

from __future__ import annotations

from typing import Any

from paracell.cell.compiled import compiled
from paracell.cell.place import empty


class _OfPlans:
    """Before the class of the shell's own compiler, whichever that is."""

    def __call__(self, source: Any, filename: str, *args: Any, **options: Any) -> Any:
        compile: Any = super().__call__  # type: ignore[misc]
        statements = getattr(source, "body", None)
        if type(statements) is not list:
            return compile(source, filename, *args, **options)
        if (nothing := empty(statements, filename)) is not None:
            return nothing
        return compiled(lambda tree: compile(tree, filename, *args, **options), source, filename)


def put(compiler: Any) -> None:
    """Make `compiler`, an object that IPython calls, one that knows plans."""
    kind = type(compiler)
    if not issubclass(kind, _OfPlans):
        compiler.__class__ = type(kind.__name__, (_OfPlans, kind), {"__module__": kind.__module__})


def take_away(compiler: Any) -> None:
    """Undo it."""
    kind = type(compiler)
    if issubclass(kind, _OfPlans):
        compiler.__class__ = kind.__bases__[1]
