"""Classes by value: an empty class first, so that everything may refer to it, then its attributes.

No user code runs while a class is rebuilt: neither a metaclass's ``__new__``, nor ``__init_subclass__`` or
``__set_name__``; their effects are part of the attributes that travel.
"""

from __future__ import annotations

import abc
import types
from enum import Enum
from typing import Any

from .enums import make_enum, reduce_enum
from .link import Link, current

_NOT_STATE = frozenset(
    {
        "__dict__",
        "__weakref__",
        "__module__",
        "__slots__",
        "__annotate_func__",
        "__annotations_cache__",
        "__slotnames__",
        "_abc_impl",
        "_abc_registry",
        "_abc_cache",
        "_abc_negative_cache",
        "_abc_negative_cache_version",
    }
)
_SLOT_TYPES = (types.GetSetDescriptorType, types.MemberDescriptorType)
_CODE_TYPES = (types.FunctionType, classmethod, staticmethod, property)


class _Early:
    """Pickled as a call that gives the class its methods before the rest of its attributes is rebuilt."""

    def __init__(self, cls: type, methods: dict[str, Any]) -> None:
        self.parts = (cls, methods)

    def __reduce__(self) -> tuple[Any, ...]:
        return set_class_attributes, self.parts


class _Quiet:
    """First base of a class while it is made: keeps the inherited ``__init_subclass__`` from running again."""

    __slots__ = ()

    def __init_subclass__(cls, **_: Any) -> None:
        pass


class _QuietDict:
    """As `_Quiet`, with the layout of a class whose instances have a ``__dict__``: bases of unlike layout cannot be
    exchanged."""

    __init_subclass__ = _Quiet.__dict__["__init_subclass__"]


def _slots(cls: type) -> Any:
    return cls.__dict__.get("__slots__")


def _slot_names(cls: type) -> frozenset[str]:
    slots = _slots(cls)
    if slots is None:
        return frozenset()
    names = [slots] if isinstance(slots, str) else list(slots)
    private = cls.__name__.lstrip("_")
    mangled = [f"_{private}{n}" for n in names if n.startswith("__") and not n.endswith("__") and private]
    return frozenset([*names, *mangled])


def class_state(
    cls: type, leave_out: frozenset[str] = frozenset()
) -> tuple[dict[str, Any], dict[str, Any], list[type]]:
    """(methods, other attributes, classes registered with an ABC)."""
    methods: dict[str, Any] = {}
    others: dict[str, Any] = {}
    hidden = _NOT_STATE | _slot_names(cls) | leave_out
    for name, value in cls.__dict__.items():
        if name in hidden or isinstance(value, _SLOT_TYPES):
            continue
        if type(value).__name__ == "CField":
            continue  # ctypes makes these from _fields_
        (methods if isinstance(value, _CODE_TYPES) else others)[name] = value
    registered: list[type] = []
    if isinstance(cls, abc.ABCMeta):
        registered = [ref() for ref in abc._get_dump(cls)[0] if ref() is not None]  # type: ignore[attr-defined]
    if "__annotate_func__" in cls.__dict__ and "__annotations__" not in others:
        try:
            others["__annotations__"] = dict(cls.__annotations__)
        except Exception:  # lazy annotations (3.14) that name what does not exist
            others["__annotations__"] = {}
    return methods, others, registered


def reduce_class(cls: type, link: Link, number: int | None, token: Any) -> tuple[Any, ...]:
    """A reduce tuple that makes `cls` (as definition `number`, or once for each `token`) on the other side."""
    if issubclass(cls, Enum) and cls.__members__:
        return reduce_enum(cls, number, token, class_state, _Early)
    methods, others, registered = class_state(cls)
    slots = _slots(cls)
    keywords: dict[str, Any] = {"__module__": cls.__module__}
    if slots is not None:
        keywords["__slots__"] = slots if isinstance(slots, str) else tuple(slots)
    arguments = (number, token, type(cls), cls.__name__, cls.__qualname__, cls.__bases__, keywords)
    state = (_Early(cls, methods), others, registered, (*methods, *others))
    return make_class, arguments, state, None, None, set_class_state


def _constructor(metaclass: type) -> Any:
    """The ``__new__`` of the nearest metaclass that is not the user's own."""
    for base in metaclass.__mro__:
        if base is abc.ABCMeta:
            return abc.ABCMeta.__new__
        new = base.__dict__.get("__new__")
        if isinstance(new, types.BuiltinFunctionType):
            return new
    return type.__new__


def _new_class(metaclass: type, name: str, bases: tuple[type, ...], keywords: dict[str, Any]) -> type:
    construct = _constructor(metaclass)
    custom = any(
        "__init_subclass__" in base.__dict__ for parent in bases for base in parent.__mro__ if base is not object
    )
    for quiet in (_QuietDict, _Quiet) if custom else ():
        try:
            made = construct(metaclass, name, (quiet, *bases), dict(keywords))
            made.__bases__ = bases
            return made
        except TypeError:  # the other layout, or one that does not let bases be exchanged
            continue
    return construct(metaclass, name, bases, dict(keywords))


def make_class(
    number: int | None,
    token: Any,
    metaclass: type,
    name: str,
    qualname: str,
    bases: tuple[type, ...],
    keywords: dict[str, Any],
) -> type:
    """Called by unpickling: the class without its attributes; an earlier version of it is changed in place."""
    link = current()
    found = link.existing(number) if number is not None else link.by_token(token)
    if isinstance(found, type) and type(found) is metaclass and found.__bases__ == bases:
        link.adopt(number, found)
        return found
    made = _new_class(metaclass, name, bases, keywords)
    made.__qualname__ = qualname
    if number is None:
        link.set_token(token, made)
    link.adopt(number, made)
    return made


def set_class_attributes(cls: type, attributes: dict[str, Any]) -> None:
    """Set what differs; type.__setattr__, so that a metaclass cannot interfere."""
    current_values = cls.__dict__
    for name, value in attributes.items():
        if current_values.get(name, _Quiet) is not value:
            type.__setattr__(cls, name, value)


def _remove_attributes(cls: type, kept: frozenset[str]) -> None:
    """Take away what an earlier version of the class had."""
    for name, value in list(cls.__dict__.items()):
        special = name.startswith("__") and name.endswith("__") and not isinstance(value, _CODE_TYPES)
        if name in kept or special or name in _NOT_STATE or isinstance(value, _SLOT_TYPES):
            continue
        type.__delattr__(cls, name)


def set_class_state(cls: type, state: tuple[Any, ...]) -> None:
    _, others, registered = state[:3]
    set_class_attributes(cls, others)
    if len(state) > 3 and type(state[3]) is tuple:
        _remove_attributes(cls, frozenset(state[3]))
    for subclass in registered:
        cls.register(subclass)  # type: ignore[attr-defined]


__all__ = ["class_state", "make_class", "make_enum", "reduce_class", "set_class_attributes", "set_class_state"]
