"""The shell's compiler, while parallel cells run: it warns of what the cell says, not of what a plan makes of it."""

from __future__ import annotations

from typing import Any

from paracell.cell.compiled import compiled


class _OfPlans:
    """Before the class of the shell's own compiler, whichever that is."""

    def __call__(self, source: Any, filename: str, *args: Any, **options: Any) -> Any:
        compile: Any = super().__call__  # type: ignore[misc]
        if not hasattr(source, "body") or not isinstance(source.body, list):
            return compile(source, filename, *args, **options)
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
