"""Exceptions always travel: as their own class where it can be rebuilt without its ``__init__``, else as the nearest
base class that can, with the original's name, text and traceback in a note.

An exception, its causes, contexts and group members are packed as a flat list of parts, each part pickled on its own,
so that one part that cannot travel (a lock in an attribute) does not take the others with it. Tracebacks keep file,
line and function of each frame (``ship.tracebacks``); of local variables numbers and short texts.
"""

from __future__ import annotations

import copyreg
import types
from collections.abc import Callable
from typing import Any, NamedTuple

from .errors import ShipError, Unshipped, safe_repr, type_name
from .tracebacks import frames, make_traceback

_LINKS = ("__cause__", "__context__")
_GROUP: Any = getattr(__import__("builtins"), "BaseExceptionGroup", ())
_DESCRIPTORS = (types.MemberDescriptorType, types.GetSetDescriptorType)
_SKIP = frozenset({"args", "__cause__", "__context__", "__traceback__", "__suppress_context__", "__dict__"})


class Along(NamedTuple):
    """A part that travels in the pickle around it, not on its own: it refers to objects that the other side has."""

    value: Any


Dumps = Callable[[Any], "bytes | Along"]
Loads = Callable[[bytes], Any]


def _related(root: BaseException) -> list[BaseException]:
    """`root`, then everything linked from it, each once."""
    found: list[BaseException] = []
    seen: set[int] = set()
    pending = [root]
    while pending:
        exc = pending.pop(0)
        if id(exc) in seen:
            continue
        seen.add(id(exc))
        found.append(exc)
        pending += [linked for name in _LINKS if (linked := getattr(exc, name)) is not None]
        if isinstance(exc, _GROUP):
            pending += list(exc.exceptions)
    return found


def _fields(exc: BaseException) -> dict[str, Any]:
    """Attributes that live outside ``__dict__``: OSError.filename, SyntaxError.lineno, slots of a subclass."""
    found = {}
    for base in type(exc).__mro__:
        for name, member in base.__dict__.items():
            if name in _SKIP or not isinstance(member, _DESCRIPTORS) or name in found or name == "__weakref__":
                continue
            try:
                value = getattr(exc, name)
            except Exception:
                continue
            if value is not None:
                found[name] = value
    return found


def _part(dumps: Dumps, value: Any, where: str, stayed: list[str]) -> bytes | Along:
    try:
        return dumps(value)
    except Exception:
        stayed.append(f"{where} ({type_name(value)}) stayed in the worker: it does not pickle")
        text = safe_repr(value)
        return dumps(
            Unshipped(text, ShipError(f"{where}: {type_name(value)} does not pickle", where, type_name(value)))
        )


def _own_reduce(exc: BaseException) -> tuple[Any, ...] | None:
    cls = type(exc)
    builtin = next(base for base in cls.__mro__ if base.__module__ == "builtins")
    if cls.__reduce__ is builtin.__reduce__ and cls.__reduce_ex__ is builtin.__reduce_ex__:
        return None
    try:
        reduced = exc.__reduce_ex__(2)
    except Exception:
        return None
    return reduced if isinstance(reduced, tuple) and reduced[0] is not copyreg.__newobj__ else None  # type: ignore[attr-defined]


def _text(exc: BaseException) -> str:
    try:
        return str(exc)
    except Exception as error:
        return f"<str() raised {type(error).__name__}>"


def _pack_one(exc: BaseException, numbers: dict[int, int], dumps: Dumps) -> dict[str, Any]:
    cls = type(exc)
    stayed: list[str] = []
    classes = []
    for base in cls.__mro__:
        if issubclass(base, BaseException):
            try:
                classes.append(dumps(base))
            except Exception:
                if base is cls:
                    stayed.append(f"its class {cls.__qualname__} stayed in the worker: it does not pickle")
                continue
    group = isinstance(exc, _GROUP)
    arguments = exc.args if not group else (exc.args[:1] or ("",))  # type: ignore[attr-defined]
    packed: dict[str, Any] = {
        "classes": classes,
        "whole": len(classes) == sum(issubclass(base, BaseException) for base in cls.__mro__),
        "args": [_part(dumps, value, f"args[{i}]", stayed) for i, value in enumerate(arguments)],
        "fields": {} if group else {name: _part(dumps, value, name, stayed) for name, value in _fields(exc).items()},
        "dict": {
            str(name): _part(dumps, value, str(name), stayed)
            for name, value in getattr(exc, "__dict__", {}).items()
            if name != "__notes__"
        },
        "notes": [safe_note(note) for note in getattr(exc, "__notes__", None) or ()],
        "frames": frames(exc.__traceback__),
        "suppress": exc.__suppress_context__,
        "cause": numbers.get(id(exc.__cause__)),
        "context": numbers.get(id(exc.__context__)),
        "members": [numbers[id(member)] for member in exc.exceptions] if group else None,  # type: ignore[attr-defined]
        "name": f"{cls.__module__}.{cls.__qualname__}" if cls.__module__ != "builtins" else cls.__qualname__,
        "text": _text(exc),
        "stayed": stayed,
        "reduce": None,
    }
    own = None if group else _own_reduce(exc)
    if own is not None:
        try:
            packed["reduce"] = dumps((own[0], own[1], own[2] if len(own) > 2 else None))
        except Exception:
            packed["reduce"] = None
    return packed


def safe_note(note: Any) -> str:
    return note if type(note) is str else safe_repr(note, 2000)


def pack(exc: BaseException, dumps: Dumps) -> list[dict[str, Any]]:
    """`exc` and all it links to, as plain data; never raises for what an exception may hold.

    `dumps` pickles one part and may raise."""
    found = _related(exc)
    numbers = {id(one): number for number, one in enumerate(found)}
    return [_pack_one(one, numbers, dumps) for one in found]


def _load_class(packed: dict[str, Any], loads: Loads) -> tuple[list[type[BaseException]], bool]:
    classes = []
    for data in packed["classes"]:
        try:
            classes.append(loads(data))
        except Exception:
            packed["whole"] = False
    return classes or [Exception], packed["whole"]


def _load(data: bytes | Along, loads: Loads, where: str, stayed: list[str]) -> Any:
    if isinstance(data, Along):
        return data.value
    try:
        return loads(data)
    except Exception as error:
        stayed.append(f"{where} could not be rebuilt: {type(error).__name__}: {_text(error)}")
        return Unshipped(f"<{where}>", ShipError(f"{where} could not be rebuilt", where))


def _from_own_reduce(packed: dict[str, Any], cls: type, loads: Loads) -> BaseException | None:
    if packed["reduce"] is None:
        return None
    try:
        reduced = packed["reduce"]
        function, arguments, state = reduced.value if isinstance(reduced, Along) else loads(reduced)
        made: Any = function(*arguments)
        if type(made) is not cls:
            return None
        if state:
            setter = getattr(made, "__setstate__", None)
            setter(state) if setter is not None else made.__dict__.update(state)
        return made  # type: ignore[return-value]
    except Exception:
        return None


def _from_parts(cls: Any, arguments: tuple[Any, ...], members: list[BaseException] | None) -> BaseException:
    if members is not None:
        return _GROUP.__new__(cls, *(arguments[:1] or ("",)), members)
    builtin = next(base for base in cls.__mro__ if base.__module__ == "builtins")
    made = builtin.__new__(cls, *arguments)
    try:
        builtin.__init__(made, *arguments)
    except Exception:
        made.args = arguments
    return made


def _rebuild_one(packed: dict[str, Any], loads: Loads, members: list[BaseException] | None) -> BaseException:
    stayed = packed["stayed"]
    classes, whole = _load_class(packed, loads)
    arguments = tuple(_load(data, loads, f"args[{i}]", stayed) for i, data in enumerate(packed["args"]))
    made = None
    for cls in classes:
        if members is not None and not issubclass(cls, _GROUP):
            break
        own = cls is classes[0] and whole
        made = _from_own_reduce(packed, cls, loads) if own else None
        if made is None:
            try:
                made = _from_parts(cls, arguments, members)
            except Exception:
                continue
        if not own:
            stayed.insert(0, f"stands for {packed['name']}: {packed['text']}")
        break
    if made is None:
        made = Exception(packed["text"])
        stayed.insert(0, f"stands for {packed['name']}: {packed['text']}")
    _restore(made, packed, loads)
    return made


def _restore(made: BaseException, packed: dict[str, Any], loads: Loads) -> None:
    for name, data in [*packed["fields"].items(), *packed["dict"].items()]:
        value = _load(data, loads, name, packed["stayed"])
        try:
            if name in packed["dict"]:
                made.__dict__[name] = value
            else:
                object.__setattr__(made, name, value)
        except Exception:
            continue  # read-only, or a stand-in without that field


def unpack(parts: list[dict[str, Any]], loads: Loads) -> BaseException:
    """The exception again, with its links, notes and tracebacks. Never raises for what `pack` made."""
    made: list[BaseException | None] = [None] * len(parts)
    for number in reversed(range(len(parts))):
        _build(number, parts, made, loads)
    for packed, exc in zip(parts, made, strict=True):
        assert exc is not None
        exc.__cause__ = made[packed["cause"]] if packed["cause"] is not None else None
        exc.__context__ = made[packed["context"]] if packed["context"] is not None else None
        exc.__suppress_context__ = packed["suppress"]
        exc.__traceback__ = make_traceback(packed["frames"])
        notes = list(packed["notes"])
        if packed["stayed"]:
            notes.append("paracell: this exception " + "; ".join(packed["stayed"]) + _trace_text(packed))
        if notes:
            exc.__notes__ = notes
    assert made[0] is not None
    return made[0]


def _build(number: int, parts: list[dict[str, Any]], made: list[BaseException | None], loads: Loads) -> BaseException:
    """Build part `number`; group members before their group (groups cannot contain themselves)."""
    found = made[number]
    if found is None:
        packed = parts[number]
        members = packed["members"]
        inner = [_build(member, parts, made, loads) for member in members] if members is not None else None
        found = made[number] = _rebuild_one(packed, loads, inner)
    return found


def _trace_text(packed: dict[str, Any]) -> str:
    if not packed["stayed"][0].startswith("stands for") or not packed["frames"]:
        return ""
    import traceback

    summary = traceback.StackSummary.from_list(
        [traceback.FrameSummary(frame.filename, frame.line, frame.function) for frame in packed["frames"]]
    )
    return "\nTraceback (most recent call last):\n" + "".join(summary.format()).rstrip("\n")
