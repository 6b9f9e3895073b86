"""Worker side: what ``hash`` is in the notebook's code.

The hash of an object that has none of its own comes from its address, and a worker process has the object elsewhere:
what depends on it would be another value than the notebook's. A task that has asked for such a hash says so, is not
committed, and the loop goes on serially. What a container asks for its own sake shows nothing.
"""

from __future__ import annotations

import builtins
import sys
from types import BuiltinMethodType, FunctionType, MethodType, MethodWrapperType
from typing import Any

_hash = builtins.hash
_BY_CONTENT = frozenset({str, bytes, int, bool})
_METHODS = (MethodType, BuiltinMethodType, MethodWrapperType)
"""Their hash is made of the addresses of what they are bound to."""

_asked: str = ""
"""The type of the object whose address decided over a hash since ``begin``."""
_inside = False
"""Whether a hash that the notebook's code asked for is being made."""


def begin() -> None:
    """A task begins."""
    global _asked
    _asked = ""


def asked() -> str:
    """What the task's values may depend on; nothing: ""."""
    return f"the hash of a {_asked}, which comes from its address" if _asked else ""


def observed_hash(value: Any, /) -> int:
    """``hash(value)``; stands in the worker's globals under that name where code names it."""
    global _inside
    kind = type(value)
    if kind in _BY_CONTENT:
        return _hash(value)
    if not _inside and sys._getframe(1).f_code.co_name == "__hash__":
        return _hash(value)  # for a container that the object is put into or looked for in
    _look(value, kind)
    before, _inside = _inside, True
    try:
        return _hash(value)
    finally:
        _inside = before


def _look(value: Any, kind: type) -> None:
    global _asked
    if by_address(value, kind):
        _asked = _asked or kind.__qualname__
    elif isinstance(value, (tuple, frozenset)):
        for part in value:
            _look(part, type(part))


def by_address(value: Any, kind: type) -> bool:
    """Whether the hash of `value` comes from an address."""
    own = kind.__hash__
    if own is object.__hash__ or isinstance(value, _METHODS):
        return True
    if isinstance(value, (float, complex)):
        return bool(value != value)  # each NaN has a hash of its own
    if isinstance(own, FunctionType) and "__hash__" in own.__code__.co_names:
        return _inherited(kind) is object.__hash__
    return False


def _inherited(kind: type) -> Any:
    """What ``super().__hash__()`` comes to in the end."""
    found = (base.__dict__["__hash__"] for base in kind.__mro__ if "__hash__" in base.__dict__)
    return next(one for one in found if not isinstance(one, FunctionType))
