"""Functions by value: code with its positions, defaults, closure cells, attributes, and the right globals."""

from __future__ import annotations

import functools
import marshal
import sys
from types import CellType, FunctionType
from typing import Any

from .codes import code_bytes, reach
from .link import Link, Source, current

_EMPTY = "paracell:empty cell"
MAIN, MODULE, PRIVATE = "main", "module", "private"


def _globals_ref(function: FunctionType, link: Link) -> tuple[str, Any]:
    namespace = function.__globals__
    if namespace is link.namespace:
        return MAIN, None
    module = sys.modules.get(namespace.get("__name__", ""))
    if module is not None and module.__dict__ is namespace and namespace.get("__name__") != "__main__":
        return MODULE, namespace["__name__"]
    return PRIVATE, id(namespace)


def _private_globals(function: FunctionType) -> dict[str, Any]:
    """The part of a namespace that is no module's which the function names."""
    namespace = function.__globals__
    wanted = [*reach(function.__code__).globals, "__name__", "__package__"]
    return {name: namespace[name] for name in wanted if name in namespace}


def _annotations(function: FunctionType) -> dict[str, Any]:
    try:
        return dict(function.__annotations__)
    except Exception:  # lazy annotations (3.14) that name what does not exist
        return {}


def _contents(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _EMPTY


def reduce_function(function: FunctionType, link: Link, number: int | None) -> tuple[Any, ...]:
    """A reduce tuple that makes `function` (as definition `number`, if given) on the other side."""
    kind, where = _globals_ref(function, link)
    if kind is MAIN:
        link.reached(function.__code__)
    closure = function.__closure__ or ()
    arguments = (
        number,
        code_bytes(function.__code__),
        kind,
        where,
        function.__name__,
        tuple(link.cell_token(cell) for cell in closure),
        link.source_of(function.__code__),
    )
    state = {
        "__defaults__": function.__defaults__,
        "__kwdefaults__": function.__kwdefaults__,
        "__annotations__": _annotations(function),
        "__qualname__": function.__qualname__,
        "__module__": function.__module__,
        "__doc__": function.__doc__,
    }
    extra = _private_globals(function) if kind is PRIVATE else None
    full = (state, dict(function.__dict__), [_contents(cell) for cell in closure], extra)
    return make_function, arguments, full, None, None, set_function_state


def make_function(
    number: int | None,
    code: bytes,
    kind: str,
    where: Any,
    name: str,
    tokens: tuple[Any, ...],
    source: Source | None = None,
) -> FunctionType:
    """Called by unpickling: the function without its state; an earlier version of it is changed in place."""
    link = current()
    made_of = marshal.loads(code)
    if source is not None:
        link.show(made_of.co_filename, source)
    if kind == MAIN:
        namespace = link.namespace
    elif kind == MODULE:
        __import__(where)
        namespace = sys.modules[where].__dict__
    else:
        namespace = link.privates.setdefault(where, {"__builtins__": __builtins__})
    cells = tuple(link.cell(token) for token in tokens)
    found = link.existing(number)
    if isinstance(found, FunctionType) and found.__globals__ is namespace and (found.__closure__ or ()) == cells:
        found.__code__ = made_of
        found.__name__ = name
        link.adopt(number, found)
        return found
    made = FunctionType(made_of, namespace, name, None, cells)
    link.adopt(number, made)
    return made


def set_function_state(function: FunctionType, full: tuple[Any, ...]) -> None:
    state, attributes, contents, extra = full
    if extra:
        function.__globals__.update(extra)
    for cell, content in zip(function.__closure__ or (), contents, strict=True):
        if not (type(content) is str and content == _EMPTY):
            cell.cell_contents = content
    for name, value in state.items():
        setattr(function, name, value)
    function.__dict__.clear()
    function.__dict__.update(attributes)


def plain(function: FunctionType) -> bool:
    """Whether code is all there is to the function: two versions with the same code are then the same."""
    return (
        function.__closure__ is None
        and function.__defaults__ is None
        and function.__kwdefaults__ is None
        and not function.__dict__
        and not _annotations(function)
    )


def reduce_cached(wrapper: Any, link: Link, number: int | None) -> tuple[Any, ...]:
    """A functools.cache / lru_cache wrapper: the function and the limits, without the memo table."""
    attributes = {name: value for name, value in wrapper.__dict__.items() if name != "__wrapped__"}
    return (
        make_cached,
        (number, wrapper.__wrapped__, wrapper.cache_parameters()),
        attributes,
        None,
        None,
        set_attributes,
    )


def make_cached(number: int | None, function: Any, parameters: dict[str, Any]) -> Any:
    link = current()
    found = link.existing(number)
    if isinstance(found, CachedType) and found.__wrapped__ is function:
        return found  # made meanwhile, for the function's own closure
    made = functools.lru_cache(**parameters)(link.keeping(function))
    made.__wrapped__ = function
    link.adopt(number, made)
    return made


def set_attributes(obj: Any, attributes: dict[str, Any]) -> None:
    obj.__dict__.update(attributes)


CachedType = type(functools.lru_cache(maxsize=1)(lambda: None))
