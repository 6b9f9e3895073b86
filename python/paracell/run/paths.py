"""The way from a name to an object that it reaches, for people: `cfg.results`, `rows[3]['log']`."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from .reach import ATOMS, Reach, is_users

_MOST = 20_000


def describe(roots: Mapping[str, Any], at: int) -> str:
    """How the object with this id is reached from `roots`, by name."""
    waiting: deque[tuple[Any, str]] = deque([(value, name) for name, value in roots.items()])
    seen: set[int] = set()
    while waiting and len(seen) < _MOST:
        value, path = waiting.popleft()
        if type(value) in ATOMS or id(value) in seen:
            continue
        if id(value) == at:
            return path if path == "the iterable" else f"'{path}'"
        seen.add(id(value))
        waiting += [(part, path + step) for part, step in _steps(value)]
    for name, value in roots.items():
        if at in Reach([value], True).objects:
            return f"something that '{name}' reaches"
    return "an item"


def _steps(value: Any) -> list[tuple[Any, str]]:
    if isinstance(value, dict):
        return [(part, f"[{key!r}]") for key, part in list(value.items())[:1000]]
    if isinstance(value, (list, tuple, deque)):
        return [(part, f"[{number}]") for number, part in enumerate(list(value)[:1000])]
    if isinstance(value, FunctionType):
        return _of_function(value)
    if isinstance(value, MethodType):
        return [(value.__self__, ".__self__"), (value.__func__, "")]
    if isinstance(value, BuiltinFunctionType):
        return [(value.__self__, ".__self__")]
    found: list[tuple[Any, str]] = []
    held = getattr(type(value), "__dict__", {})
    own = object.__getattribute__(value, "__dict__") if "__dict__" in dir(type(value)) else {}
    if isinstance(own, Mapping):
        found += [(part, f".{key}") for key, part in list(own.items())[:1000]]
    for cls in type(value).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            try:
                found.append((object.__getattribute__(value, slot), f".{slot}"))
            except AttributeError:
                continue
    found += [(part, f".{key}") for key, part in held.items() if type(part) not in ATOMS and not key.startswith("__")]
    return found


def _of_function(function: FunctionType) -> list[tuple[Any, str]]:
    from ..ship.codes import reach

    if not is_users(function.__module__):
        return []
    found: list[tuple[Any, str]] = []
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        found.append((cell, f"'s variable {name}"))
        try:
            found.append((cell.cell_contents, f"'s variable {name}"))
        except ValueError:
            continue
    found += [(value, "'s default") for value in function.__defaults__ or ()]
    found += [(value, f"'s default {name}") for name, value in (function.__kwdefaults__ or {}).items()]
    found += [(value, f".{name}") for name, value in function.__dict__.items()]
    for name in reach(function.__code__).globals:
        if name in function.__globals__:
            found.append((function.__globals__[name], f"'s global {name}"))
    return found
