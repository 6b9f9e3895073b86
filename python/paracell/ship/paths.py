"""Where in a value the part is that does not pickle: ``model.conn``, ``items[3]['lock']``."""

from __future__ import annotations

import copyreg
import io
import types
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from .errors import ShipError, safe_repr, type_name

Dumps = Callable[[Any], Any]
_MOST = 10_000
"""Parts that are tried before the search gives up and names the deepest value found so far."""

ADVICE = "use `%%parallel threads`, or make it inside the loop"


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """(suffix of the path, part) for what a value holds."""
    if isinstance(value, dict):
        for key, part in islice(list(value.items()), _MOST):
            yield f"[{safe_repr(key, 60)}]", part
        for key in islice(list(value), _MOST):
            yield f".key({safe_repr(key, 60)})", key
    elif isinstance(value, (list, tuple)):
        for number, part in enumerate(islice(value, _MOST)):
            yield f"[{number}]", part
    elif isinstance(value, (set, frozenset)):
        for part in islice(list(value), _MOST):
            yield f".element({safe_repr(part, 60)})", part
    elif isinstance(value, types.FunctionType):
        yield from _function_parts(value)
    elif isinstance(value, types.MethodType):
        yield ".__self__", value.__self__
        yield ".__func__", value.__func__
    elif isinstance(value, type):
        yield from ((f".{name}", part) for name, part in list(value.__dict__.items()) if not name.startswith("__"))
    else:
        yield from _instance_parts(value)


def _function_parts(value: types.FunctionType) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=False):
        try:
            yield f".{name} (closure)", cell.cell_contents
        except ValueError:
            continue
    names = value.__code__.co_varnames[: value.__code__.co_argcount]
    defaults = value.__defaults__ or ()
    yield from ((f".{name} (default)", part) for name, part in zip(names[-len(defaults) :], defaults, strict=False))
    yield from ((f".{name} (default)", part) for name, part in (value.__kwdefaults__ or {}).items())
    yield from ((f".{name}", part) for name, part in value.__dict__.items())


def _instance_parts(value: Any) -> Iterator[tuple[str, Any]]:
    attributes = getattr(value, "__dict__", None)
    if isinstance(attributes, dict):
        yield from ((f".{name}", part) for name, part in list(attributes.items()))
    for name in copyreg._slotnames(type(value)):  # type: ignore[attr-defined]
        if hasattr(value, name):
            yield f".{name}", getattr(value, name)
    try:
        reduced = value.__reduce_ex__(5)
    except Exception:
        return
    if isinstance(reduced, tuple):
        for part in reduced[1]:
            yield "", part


def find(value: Any, name: str, dumps: Dumps) -> tuple[str, Any]:
    """(path, part) of the innermost part of `value` that `dumps` refuses. Bounded."""
    tried = 0
    path = name
    seen: set[int] = set()
    while id(value) not in seen:
        seen.add(id(value))
        for suffix, part in _parts(value):
            tried += 1
            if tried > _MOST:
                return path, value
            if id(part) in seen or type(part) in (int, str, float, bool, bytes, type(None)):
                continue
            try:
                dumps(part)
            except Exception:
                path, value = path + suffix, part
                break
    return path, value


def ship_error(
    value: Any, name: str, dumps: Dumps, cause: BaseException, what: str = "cannot be sent to a worker"
) -> ShipError:
    """The error for a value called `name` that `dumps` refused with `cause`."""
    if isinstance(cause, ShipError):
        return cause
    if isinstance(cause, RecursionError) or "recursion" in str(cause):
        return ShipError(
            f"`{name}`: {type_name(value)} {what}: it is nested too deeply for pickle. "
            "Flatten it, or raise sys.setrecursionlimit, or use `%%parallel threads`.",
            name,
            type_name(value),
        )
    path, part = find(value, name, dumps)
    kind = type_name(part)
    reason = f" ({type(cause).__name__}: {cause})" if kind not in str(cause) else ""
    error = ShipError(f"`{path}: {kind}` {what}{reason}. {ADVICE[0].upper()}{ADVICE[1:]}.", path, kind)
    error.__cause__ = cause
    error.part = part
    return error


def memory_dumps(pickler: Callable[[Any], Any]) -> Dumps:
    """A `dumps` that throws the bytes away."""

    def dumps(value: Any) -> None:
        pickler(io.BytesIO()).dump(value)

    return dumps
