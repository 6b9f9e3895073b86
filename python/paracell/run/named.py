"""Code that a function may run, found by the names that it mentions: enough for a note, and no proof."""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

_LIMIT = 200


def codes(function: FunctionType, classes: bool = False) -> Iterator[CodeType]:
    """The code of `function` and of functions that it names among its globals, nested code included, each once.
    `classes`: that of methods of the notebook's classes, too."""
    seen: set[CodeType] = set()
    waiting = [function.__code__]
    while waiting and len(seen) < _LIMIT:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        yield code
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        waiting += [found for name in code.co_names for found in _of(function.__globals__.get(name), classes)]


def _of(value: Any, classes: bool) -> list[CodeType]:
    if isinstance(value, FunctionType):
        return [value.__code__]
    if classes and isinstance(value, type) and value.__module__ == "__main__":
        return [one.__code__ for one in vars(value).values() if isinstance(one, FunctionType)]
    return []
