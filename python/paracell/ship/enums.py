"""Enums by value. The arguments that made a member are gone, so members are made from what they are, not by their
``__new__``; one member object per name and class version."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from .link import current

_BOOKKEEPING = frozenset(
    {
        "_generate_next_value_",
        "_member_names_",
        "_member_map_",
        "_member_type_",
        "_value2member_map_",
        "_unhashable_values_",
        "_unhashable_values_map_",
        "_hashable_values_",
        "_value_repr_",
        "_new_member_",
        "_use_args_",
        "_flag_mask_",
        "_singles_mask_",
        "_all_bits_",
        "_inverted_",
        "_boundary_",
        "__new__",
        "__new_member__",
        "__reduce_ex__",
    }
)
_MEMBER_OWN = frozenset({"_value_", "_name_", "__objclass__", "_sort_order_", "_inverted_"})


def own_attributes(member: Any) -> dict[str, Any]:
    """What the notebook has set on a member."""
    return {name: value for name, value in member.__dict__.items() if name not in _MEMBER_OWN}


def _data_arguments(member: Any, data_type: type) -> tuple[Any, ...]:
    """What makes the mixed-in data (the int of an IntEnum member, the str of a StrEnum member)."""
    if data_type is object:
        return ()
    exact = getattr(data_type, "__getnewargs__", None)
    if exact is not None:
        return tuple(exact(member))
    value = member._value_
    return value if isinstance(value, tuple) else (value,)


def reduce_enum(
    cls: Any, number: int | None, token: Any, class_state: Callable[..., Any], early: Any
) -> tuple[Any, ...]:
    """A reduce tuple for an enum with members; aliases included, in order."""
    members = [
        (name, member._value_, _data_arguments(member, cls._member_type_)) for name, member in cls.__members__.items()
    ]
    hidden = _BOOKKEEPING | frozenset(cls.__members__)
    methods, others, registered = class_state(cls, hidden)
    custom_new = cls.__dict__.get("__new_member__")
    if custom_new is not None:
        methods["__new_member__"] = custom_new
    extra = {name: own_attributes(member) for name, member in cls.__members__.items()}
    keywords = {"boundary": cls._boundary_} if getattr(cls, "_boundary_", None) is not None else {}
    arguments = (
        number,
        token,
        type(cls),
        cls.__name__,
        cls.__qualname__,
        cls.__module__,
        cls.__bases__,
        members,
        keywords,
    )
    return make_enum, arguments, (early(cls, methods), others, registered, extra), None, None, set_enum_state


def _member_maker(values: dict[int, Any], arguments: dict[int, Any], data_type: type) -> Any:
    def __new__(cls: Any, key: int) -> Any:
        maker = object.__new__ if data_type.__new__ is object.__new__ else data_type.__new__
        made = maker(cls, *arguments[key]) if maker is not object.__new__ else maker(cls)
        made._value_ = values[key]
        return made

    return __new__


def make_enum(
    number: int | None,
    token: Any,
    metaclass: Any,
    name: str,
    qualname: str,
    module: str,
    bases: tuple[type, ...],
    members: list[tuple[str, Any, tuple[Any, ...]]],
    keywords: dict[str, Any],
) -> Any:
    """Called by unpickling: the enum with its members, without methods."""
    link = current()
    found: Any = link.existing(number) if number is not None else link.by_token(token)
    if found is not None and {n: v for n, v, _ in members} == {n: m._value_ for n, m in found.__members__.items()}:
        link.adopt(number, found)
        return found
    namespace = metaclass.__prepare__(name, bases, **keywords)
    enum_bases: list[Any] = [base for base in bases if issubclass(base, Enum)]
    data_type = enum_bases[-1]._member_type_ if enum_bases else object
    if data_type is object:
        data_type = next((b for b in bases if not issubclass(b, Enum) and b.__new__ is not object.__new__), object)
        for base in data_type.__mro__:  # the data type proper, as the enum machinery finds it
            if "__new__" in base.__dict__ and base is not object:
                data_type = base
                break
    values = {key: value for key, (_, value, _) in enumerate(members)}
    arguments = {key: data for key, (_, _, data) in enumerate(members)}
    namespace["__module__"] = module
    namespace["__qualname__"] = qualname
    namespace["__new__"] = _member_maker(values, arguments, data_type)
    for key, (member, _, _) in enumerate(members):
        namespace[member] = key
    # The user's metaclass __new__ and inherited __init_subclass__ get an enum that is whole but for its methods.
    made = metaclass.__new__(metaclass, name, bases, namespace, **keywords)
    if "__new_member__" in made.__dict__:
        type.__delattr__(made, "__new_member__")
    if number is None:
        link.set_token(token, made)
    link.adopt(number, made)
    return made


def set_enum_state(cls: Any, state: tuple[Any, ...]) -> None:
    from .classes import set_class_state

    set_class_state(cls, state)
    for name, attributes in state[3].items():
        held = cls.__members__[name].__dict__
        for extra in own_attributes(cls.__members__[name]).keys() - attributes.keys():
            del held[extra]
        held.update(attributes)
