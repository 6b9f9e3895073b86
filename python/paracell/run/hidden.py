"""Code that may run in an iteration without being called by name: operators of classes, functions in containers.

The plan has followed what is called by name (``cell.effects``). What else iterations on threads may run is looked at
here, before they begin: a change that is undone at once (a context manager that sets something and puts it back) leaves
nothing that could be seen afterwards, and other iterations would see it meanwhile.
"""

from __future__ import annotations

import dis
import operator
from collections.abc import Iterable, Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from ..cell import outright, tables
from ..cell.effects import Effects, Summary
from ..cell.freshness import Freshness
from ..cell.resolve import Resolver
from ..kept import Kept
from ..ship.codes import reach

MAKERS = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__", "__class_getitem__"})
"""Methods that run when an object or a class is made."""
OF_NEW_CLASSES = frozenset({"__init_subclass__", "__set_name__"})
_MAKING = frozenset({"type", "new_class", "make_dataclass", "namedtuple", "__build_class__"})
_EXPLICIT = frozenset(
    {"__init__", "__del__", "__setattr__", "__delattr__", "__setitem__", "__delitem__", "__set__", "__delete__",
     "__setstate__", "__iadd__", "__isub__", "__imul__", "__imatmul__", "__itruediv__", "__iand__", "__ior__"}
)  # fmt: skip
"""Methods that change their object as the text says, or that nobody else has yet."""
_STORES = frozenset(
    name
    for name in dis.opmap
    if name.startswith(("STORE_", "DELETE_")) and name not in ("STORE_FAST", "STORE_NAME", "DELETE_FAST", "DELETE_NAME")
)
_CHANGERS = (
    tables.MUTATORS
    | tables.BUILTIN_CHANGES.keys()
    | {name for _, name in tables.LIBRARY_CHANGES}
    | {name for names in outright.SETTINGS.values() for name in names}
)
_BY_TEXT = frozenset(("getattr", "methodcaller", "attrgetter"))


class Runs(NamedTuple):
    """A function of the user's that is reached."""

    function: FunctionType
    owner: type | None
    """The class that it is a member of."""
    attribute: str | None
    """What it is called there, or in the object that holds it."""


def names_of(runs: Iterable[Runs], made: Iterable[int]) -> set[str]:
    """Attributes that code which may run names; `made`: classes (by id) of which new objects may be made."""
    known, names = set(made), set[str]()
    late = []
    for one in runs:
        if one.function.__name__ in MAKERS and one.owner is not None and id(one.owner) not in known:
            late.append(one)
        else:
            names |= _attributes(one.function.__code__)
    if not names.isdisjoint(("type", "__class__")):  # may make objects of classes that it does not name
        for one in late:
            names |= _attributes(one.function.__code__)
    return names


def _attributes(code: CodeType) -> frozenset[str]:
    found = reach(code).attributes
    return found if _BY_TEXT.isdisjoint(found) else found | frozenset(_texts(code))


def _texts(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, CodeType):
            yield from _texts(constant)


def texts_of(runs: Iterable[Runs]) -> set[str]:
    """Texts of code that calls methods by their names as text."""
    codes = (one.function.__code__ for one in runs)
    return {text for code in codes if not _BY_TEXT.isdisjoint(reach(code).attributes) for text in _texts(code)}


def text_of(caller: Any) -> str | None:
    """The method that an ``operator.methodcaller`` calls."""
    return str(caller.__reduce__()[1][0]) if type(caller) is operator.methodcaller else None


def acting(
    runs: list[Runs], names: set[str], called: set[str], held: set[int], namespace: Mapping[str, Any]
) -> tuple[str, str] | None:
    """A function that may run unseen and changes what iterations share, and what it does.

    `names`: attributes that code names; `called`: methods that are called by their name as text; `held`: classes (by
    id) of objects that are there."""
    resolver: Resolver | None = None
    for one in runs:
        name = one.attribute or ""
        special = name.startswith("__") and name.endswith("__")
        if name and not (special or name in names or name in called):
            continue
        if one.owner is not None and not special and name not in called:
            continue  # called as a method: the plan has looked for methods of that name
        if name in _EXPLICIT or not may_change(one.function.__code__):
            continue
        resolver = resolver or Resolver(namespace, None)
        followed = resolver.plainly(one.function)
        if followed is None:
            continue
        summary = Effects(resolver, Freshness([], set(), resolver)).summary(followed)
        how = _does(summary, one, held)
        if how is not None:
            return one.function.__qualname__, how
    return None


def _does(summary: Summary, one: Runs, held: set[int]) -> str | None:
    for how in summary.outside.values():
        return str(how)
    if one.owner is not None and id(one.owner) in held and one.attribute not in MAKERS:
        first = one.function.__code__.co_varnames[:1]
        return next((str(how) for name, how in summary.parameters.items() if name in first), None)
    return None


def _makes_classes(code: CodeType) -> bool:
    found = not _MAKING.isdisjoint(code.co_names)
    found = found or any(one.opname == "LOAD_BUILD_CLASS" for one in dis.get_instructions(code))
    return found or any(makes_classes(one) for one in code.co_consts if isinstance(one, CodeType))


makes_classes = Kept(_makes_classes)
"""Whether the code, or code nested in it, has a ``class`` statement or names what makes classes."""


def _may_change(code: CodeType) -> bool:
    found = not _CHANGERS.isdisjoint(code.co_names)
    found = found or any(instruction.opname in _STORES for instruction in dis.get_instructions(code))
    return found or any(may_change(one) for one in code.co_consts if isinstance(one, CodeType))


may_change = Kept(_may_change)
"""Whether the code, or code nested in it, has an instruction or a name by which something could be changed."""
