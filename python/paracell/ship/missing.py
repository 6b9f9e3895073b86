"""Worker side: what the notebook's process has and a worker lacks, noted where it is asked for.

A task that has asked for such a thing is not committed: the loop goes on in the notebook from there.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any

SENT: list[str] = []
"""What the notebook has set that does not pickle, as far as it was asked for since this was emptied last."""
ASKED: list[tuple[str, str]] = []
"""(kind, name) of what could not be found: a module, an encoding. The notebook may not have it either."""


class StandIn:
    """In the place of an object that does not pickle."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *args: Any, **options: Any) -> Any:
        why = f"what {self._name} was given cannot be sent to worker processes"
        SENT.append(why)
        raise RuntimeError(why)

    open = __call__


class Last:
    """A finder of modules behind all others, which finds none."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        ASKED.append(("module", name))


def _encoding(name: str) -> None:
    ASKED.append(("encoding", name))


def watch() -> None:
    """In a new worker: note from now on."""
    import codecs

    sys.meta_path.append(Last())  # type: ignore[arg-type]
    codecs.register(_encoding)


def raised(result: Any) -> BaseException | None:
    """What the last iteration of a task has raised."""
    last: Any = result.values[-1] if result.values else None
    error: BaseException | None = result.error or (last.error if type(last).__name__ == "Replay" else None)
    return error


def taken(error: BaseException | None) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What was noted since this was asked last; `error`: what the last iteration has raised."""
    if isinstance(error, LookupError) and str(error).startswith("unknown error handler name "):
        ASKED.append(("error handler", str(error).rpartition(" ")[2].strip("'")))
    found = (SENT[0] if SENT else ""), tuple(dict.fromkeys(ASKED))
    SENT.clear()
    ASKED.clear()
    return found


def has(asked: tuple[tuple[str, str], ...]) -> str:
    """Kernel side: why a worker could not do what the notebook can, or ""."""
    import codecs

    for kind, name in asked:
        try:
            if kind == "module":
                there = sys.modules.get(name) is not None or _found(name)
            else:
                there = bool((codecs.lookup if kind == "encoding" else codecs.lookup_error)(name))
        except LookupError:
            continue
        if there:
            return f"worker processes do not have the {kind} '{name}'"
    return ""


def _found(module: str) -> bool:
    """Whether a finder of the notebook's own knows it."""
    found = False
    for finder in sys.meta_path:
        if "__main__" in (type(finder).__module__, getattr(finder, "__module__", "")):
            with contextlib.suppress(Exception):
                found = found or finder.find_spec(module, None, None) is not None
    return found
