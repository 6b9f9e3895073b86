"""Worker side: what the notebook's process has and a worker lacks, noted where it is asked for.

A task that has asked for such a thing is not committed: the loop goes on in the notebook from there.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from . import finders
from .patches import dotted

SENT: list[str] = []
"""What the notebook has set that does not pickle, as far as it was asked for since this was emptied last."""
ASKED: list[tuple[str, str]] = []
"""(kind, name) of what could not be found: a module, an encoding, a file's lines. The notebook may not have it
either."""


class StandIn:
    """In the place of an object that does not pickle."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *args: Any, **options: Any) -> Any:
        why = f"what {self._name} was given cannot be sent to worker processes"
        SENT.append(why)
        raise RuntimeError(why)

    __iter__ = __enter__ = __call__

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self()


class Stream(StandIn):
    """In the place of a stream that is read: only what it is can be asked."""

    def __init__(self, name: str, stream: Any) -> None:
        super().__init__(name)
        self.encoding, self.errors = getattr(stream, "encoding", None), getattr(stream, "errors", None)
        self._terminal = getattr(stream, "isatty", bool)()

    def isatty(self) -> bool:
        return bool(self._terminal)

    def close(self) -> None:
        """As the children of ``multiprocessing`` do first of all: a pool starts them anew until they succeed."""


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


def watch_lines(module: Any) -> None:
    """``linecache`` has been loaded: note also which lines it does not find."""
    find = module.updatecache

    def updatecache(filename: str, module_globals: Any = None) -> list[str]:
        lines: list[str] = find(filename, module_globals)
        if not lines:
            ASKED.append(("lines", filename))
        return lines

    module.updatecache = updatecache


def raised(result: Any) -> BaseException | None:
    """What the last iteration of a task has raised."""
    last: Any = result.values[-1] if result.values else None
    error: BaseException | None = result.error or (last.error if type(last).__name__ == "Replay" else None)
    return error


def taken(error: BaseException | None) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What was noted since this was asked last; `error`: what the last iteration has raised."""
    if isinstance(error, LookupError) and str(error).startswith("unknown error handler name "):
        ASKED.append(("error handler", str(error).rpartition(" ")[2].strip("'")))
    if isinstance(error, AttributeError) and (name := _attribute(error)):
        ASKED.append(("attribute", name))
    found = (SENT[0] if SENT else ""), (*dict.fromkeys(ASKED), *finders.taken())
    begin()
    return found


def _attribute(error: AttributeError) -> str:
    """What a module or class, or a library's object, does not have here, by its dotted name."""
    owner, name = getattr(error, "obj", None), getattr(error, "name", None)
    if owner is None or not name:
        return ""
    if isinstance(owner, ModuleType):
        return f"{owner.__name__}.{name}"
    cls = owner if isinstance(owner, type) else type(owner)
    return "" if cls.__module__ == "__main__" else f"{cls.__module__}.{cls.__qualname__}.{name}"


def begin() -> None:
    """A task is about to run: what was asked for while its job was built is none of its asking."""
    SENT.clear()
    ASKED.clear()


def has(asked: tuple[tuple[str, str], ...]) -> str:
    """Kernel side: why a worker could not do what the notebook can, or ""."""
    if name := finders.another(asked):
        return f"worker processes do not have the module '{name}' as the notebook finds it"
    return next((_TEXT.format(kind, name) for kind, name in asked if kind in _THERE and _there(kind, name)), "")


def _there(kind: str, name: str) -> bool:
    try:
        return bool(_THERE[kind](name))
    except LookupError:
        return False


def _lines(filename: str) -> Any:
    return getattr(sys.modules.get("linecache"), "cache", {}).get(filename)


def _encoding_of(name: str) -> Any:
    import codecs

    return codecs.lookup(name)


def _handler(name: str) -> Any:
    import codecs

    return codecs.lookup_error(name)


def _attribute_of(name: str) -> bool:
    owner, _, attribute = name.rpartition(".")
    return hasattr(dotted(owner), attribute)


_TEXT = "worker processes do not have the {} '{}'"
_THERE = {
    "module": lambda name: sys.modules.get(name) is not None or finders.found(name),
    "encoding": _encoding_of,
    "error handler": _handler,
    "lines": _lines,
    "attribute": _attribute_of,
}
"""Kind -> whether the notebook has it; LookupError: it does not."""
