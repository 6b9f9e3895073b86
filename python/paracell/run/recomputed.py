"""What an object of the notebook's has computed for good (``cached_property``), and a worker has computed once more.

The first task that did brings the value home. One that did it again, elsewhere, has another object in its stead: that
matters where it hands it on, or where computing it does something besides.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..cell.memo import acts
from ..ship.memos import atomic, reach, reached

if TYPE_CHECKING:
    from .job import TaskResult


def recomputed(result: TaskResult, namespace: dict[str, Any]) -> str:
    """What the iterations of `result` should have had from the notebook's object, in words; "" if nobody can tell."""
    handed: list[Any] = [result.values, result.output, result.error, result.temporaries]
    for one, name, value in result.kept:
        if name not in object.__getattribute__(one, "__dict__"):
            handed.append(value)
            continue
        function = next((vars(base)[name] for base in type(one).__mro__ if name in vars(base)), None)
        does = acts(function.func, namespace) if isinstance(function, cached_property) else None  # type: ignore[arg-type]
        if does is not None or (not atomic(value) and reach(handed, reached(value), set())):
            return f"what {type(one).__name__}.{name} has computed"
        handed.append(value)
    return ""
