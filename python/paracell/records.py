"""Classes of named fields, as ``dataclasses`` makes them, for a fraction of what those cost.

A dataclass writes its methods as source and compiles it: a quarter of a millisecond for each class, and there are fifty
between the first ``%%parallel`` line and its loop. The methods here are the same for all classes and read the names of
the fields. To a type checker a record is a dataclass. What is not needed is not here: no slots, no order, no
``__post_init__``.
"""

from __future__ import annotations

TYPE_CHECKING = False  # workers load this before anything that would load typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as record
    from dataclasses import field, fields, replace
    from typing import Any
else:
    from reprlib import recursive_repr

    _REQUIRED = object()

    class Field:
        """What is known of one field."""

        __slots__ = ("compare", "default", "make", "name", "repr")

        def __init__(self, default: Any, make: Callable[[], Any] | None, repr: bool, compare: bool) -> None:
            self.name = ""
            self.default = default
            self.make = make
            """Makes the default of each instance."""
            self.repr = repr
            self.compare = compare

    def field(
        default: Any = _REQUIRED,
        default_factory: Callable[[], Any] | None = None,
        repr: bool = True,
        compare: bool = True,
    ) -> Any:
        """A field that is more than its name and its default."""
        return Field(default, default_factory, repr, compare)

    def record(cls: type | None = None, *, frozen: bool = False, eq: bool = True) -> Any:
        """Class decorator: an instance has the annotated names, given in order or by name, as its attributes.

        Instances with equal fields are equal, and hashable if `frozen`; without `eq` each is itself alone."""
        if cls is None:
            return lambda cls: record(cls, frozen=frozen, eq=eq)
        found = {one.name: one for one in getattr(cls, "__record_fields__", ())}
        for name, annotation in cls.__annotations__.items():
            if annotation.startswith("ClassVar"):
                continue
            default = cls.__dict__.get(name, _REQUIRED)
            one = found[name] = default if isinstance(default, Field) else Field(default, None, True, True)
            one.name = name
            if one.default is not _REQUIRED:
                setattr(cls, name, one.default)
            elif name in cls.__dict__:
                delattr(cls, name)
        cls.__record_fields__ = tuple(found.values())
        cls.__match_args__ = tuple(found)
        methods: dict[str, Any] = {"__init__": _init(cls.__record_fields__), "__repr__": _repr}
        if eq:
            methods |= {"__eq__": _eq, "__hash__": _hash if frozen else None}
        if frozen:
            methods |= {"__setattr__": _set, "__delattr__": _delete}
        for name, method in methods.items():
            if name not in cls.__dict__ or (name == "__hash__" and cls.__dict__[name] is None):
                setattr(cls, name, method)
        return cls

    def _init(of: tuple[Field, ...]) -> Callable[..., None]:
        names = tuple(one.name for one in of)
        known = frozenset(names)
        defaults = {one.name: one.default for one in of if one.default is not _REQUIRED}
        makes = [(one.name, one.make) for one in of if one.make is not None]
        required = max((at for at, name in enumerate(names, 1) if name not in defaults | dict(makes)), default=0)
        rest: dict[int, Any] = {}
        """By the number of fields that were given, in order and by no name: what the others are."""

        def others_of(count: int) -> Any:
            left = names[count:]
            rest[count] = found = (
                {name: value for name, value in defaults.items() if name in left},
                [(name, make) for name, make in makes if name in left],
            )
            return found

        def __init__(self: Any, /, *given: Any, **named: Any) -> None:
            values = self.__dict__
            count = len(given)
            if not named and required <= count <= len(names):
                others, made = rest.get(count) or others_of(count)
                values.update(zip(names, given), **others)  # noqa: B905 - there are no more than names
                for name, make in made:
                    values[name] = make()
                return
            values.update(defaults)
            values.update(zip(names, given))  # noqa: B905 - how many there are is looked at below
            values.update(named)
            for name, make in makes:
                if name not in values:
                    values[name] = make()
            twice = given and named and not named.keys().isdisjoint(names[: len(given)])
            if twice or values.keys() != known or len(given) > len(names):
                raise TypeError(f"{type(self).__qualname__}() takes {', '.join(names)}; it was given others")

        return __init__

    def fields(of: Any) -> tuple[Field, ...]:
        """The fields of a record or of its class, in order."""
        return of.__record_fields__

    def replace(one: Any, /, **changes: Any) -> Any:
        """A record like `one` but for `changes`."""
        values = one.__dict__
        return type(one)(**{each.name: values[each.name] for each in one.__record_fields__} | changes)

    @recursive_repr()
    def _repr(self: Any) -> str:
        shown = (f"{one.name}={getattr(self, one.name)!r}" for one in self.__record_fields__ if one.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def _compared(self: Any) -> tuple[Any, ...]:
        return tuple(getattr(self, one.name) for one in self.__record_fields__ if one.compare)

    def _eq(self: Any, other: Any) -> Any:
        return _compared(self) == _compared(other) if type(other) is type(self) else NotImplemented

    def _hash(self: Any) -> int:
        return hash(_compared(self))

    def _set(self: Any, name: str, value: Any) -> None:
        raise AttributeError(f"cannot assign to field {name!r}")

    def _delete(self: Any, name: str) -> None:
        raise AttributeError(f"cannot delete field {name!r}")


__all__ = ["field", "fields", "record", "replace"]
