"""Instances of notebook classes that the usual reduce tuple would not bring over whole.

Those that have a ``__new__`` of their own are made without running it again.

Unpickling calls ``cls.__new__(cls, *arguments)``, which may want other arguments than the object was once made from,
count instances, hand out one that is there already, or turn the value into another one. What it did is part of the
object that travels.

Those whose class has the reducer of a library that thinks of nothing but its own content (``class Day(datetime.date)``
with attributes) bring their attributes, too.
"""

from __future__ import annotations

from enum import Enum
from types import FunctionType
from typing import Any

_VALUES = (int, float, complex, str, bytes, tuple)
"""Built-in types whose instances get their content when they are made."""
_REDUCERS = {name: getattr(object, name) for name in ("__reduce__", "__reduce_ex__")}


def _new_of(kind: type) -> Any:
    return next((base.__dict__["__new__"] for base in kind.__mro__ if "__new__" in base.__dict__), None)


def runs_new(kind: type) -> bool:
    """Whether unpickling an instance of `kind`, the notebook's, would run a ``__new__`` of the notebook's."""
    if kind.__module__ != "__main__" or any(getattr(kind, name, None) is not own for name, own in _REDUCERS.items()):
        return False
    new = getattr(_new_of(kind), "__func__", None)
    return isinstance(new, FunctionType) and new.__module__ == "__main__"


def drops_attributes(kind: type) -> bool:
    """Whether the reducer of `kind`, the notebook's, is a library's and may leave out the instance's attributes."""
    if kind.__module__ != "__main__" or not kind.__dictoffset__ or issubclass(kind, Enum):
        return False
    for base in kind.__mro__:
        if base is object or not _REDUCERS.keys().isdisjoint(base.__dict__):
            return base is not object and base.__module__ != "__main__"
    return False


def reduce_with_attributes(value: Any) -> Any:
    """The usual reduce tuple, with the attributes where it has no state."""
    usual = value.__reduce_ex__(5)
    if not isinstance(usual, tuple) or not value.__dict__:
        return usual
    attributes = dict(value.__dict__)
    if len(usual) < 3 or usual[2] is None:
        return (*usual[:2], attributes, *usual[3:])
    if any(base.__name__ == "ndarray" for base in type(value).__mro__):
        return *usual[:2], (usual[2], attributes), None, None, set_array
    return usual


def set_array(made: Any, state: tuple[Any, dict[str, Any]]) -> None:
    """Called by unpickling: the state of an array, whose reducer knows nothing of attributes, and those."""
    content, attributes = state
    made.__setstate__(content)
    made.__dict__.update(attributes)


def reduce_instance(value: Any) -> Any:
    """The usual reduce tuple, but for how the object is made."""
    kind = type(value)
    base = next((base for base in kind.__mro__ if base in _VALUES), None)
    _, _, *rest = value.__reduce_ex__(4)
    arguments = base.__getnewargs__(value) if base is not None else ()  # type: ignore[union-attr]
    return make_instance, (kind, base, arguments), *rest


def make_instance(kind: type, base: type | None, arguments: tuple[Any, ...]) -> Any:
    """Called by unpickling: an instance of `kind` as the built-in type below it makes it."""
    if base is None:
        base = next(one for one in kind.__mro__ if one.__module__ != "__main__" and "__new__" in one.__dict__)
    return base.__new__(kind, *arguments)
