"""Where iterators stand, as far as they tell without running any code of the user's: to see that nobody has moved them
on since."""

from __future__ import annotations

from collections.abc import Mapping
from io import IOBase
from itertools import count
from types import GeneratorType
from typing import Any

from .beneath import is_iterator, wrapped


def stood(iterable: Any) -> dict[int, Any]:
    """By identity of each iterator that `iterable` asks for items: where it stands."""
    return {id(source): _place(source) for source in wrapped(iterable) if is_iterator(source)}


def moved_on(before: Mapping[int, Any], iterable: Any) -> bool:
    """Whether one of the iterators stands elsewhere than ``stood`` saw."""
    return any(before.get(key, now) != now for key, now in stood(iterable).items())


def _place(iterator: Any) -> Any:
    if isinstance(iterator, GeneratorType):
        frame = iterator.gi_frame
        return frame and (frame.f_lasti, {name: id(value) for name, value in frame.f_locals.items()})
    if isinstance(iterator, IOBase):
        return iterator.closed
    if type(iterator) is enumerate:
        return iterator.__reduce__()[1][1]
    if type(iterator) is count:
        return repr(iterator)
    if type(iterator).__module__ == "builtins" and hasattr(iterator, "__length_hint__"):
        return iterator.__length_hint__()
    return None
