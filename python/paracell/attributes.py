"""Attributes of objects whose classes may have code of their own for that: planning a cell must not run it."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from paracell.installed import is_users_code


def attribute(value: Any, name: str, default: Any = None) -> Any:
    """As ``getattr``, but that a ``__getattr__`` or ``__getattribute__`` written in Python is not asked."""
    kind = type(value)
    if not issubclass(kind, type):
        kinds = (getattr(kind, "__getattr__", None), kind.__getattribute__)
        if any(isinstance(hook, FunctionType) for hook in kinds):
            import inspect  # takes milliseconds, and few objects are like that

            found = inspect.getattr_static(value, name, default)
            return default if hasattr(type(found), "__get__") and not isinstance(found, FunctionType) else found
    return getattr(value, name, default)


_module = type.__dict__["__module__"].__get__


def module_of(kind: type) -> str:
    """The name of a class's module; "" where something else has that name, as a slot of its instances."""
    name = _module(kind)
    return name if isinstance(name, str) else ""


def package_of(kind: type) -> str:
    """The first part of that name."""
    return module_of(kind).partition(".")[0]


def of_class(cls: type, name: str, default: Any = None) -> Any:
    """As ``getattr``, but that neither a descriptor nor a metaclass of the user's is asked."""
    meta = type(cls)
    kinds = (*type.__dict__["__mro__"].__get__(cls), *type.__dict__["__mro__"].__get__(meta))
    raw = next((vars(kind)[name] for kind in kinds if name in type.__getattribute__(kind, "__dict__")), None)
    if raw is None and _is_own(vars(meta).get("__getattr__")):
        return default
    if _is_own(getattr(type(raw), "__get__", None)):
        return default
    try:
        return type.__getattribute__(cls, name) if raw is not None else getattr(cls, name, default)
    except AttributeError:
        return default


def _is_own(hook: Any) -> bool:
    return isinstance(hook, FunctionType) and (
        hook.__module__ == "__main__" or is_users_code(hook.__code__.co_filename)
    )


def is_finalized(cls: type) -> bool:
    """Whether code of the user's runs when an instance goes (``__del__``); libraries that have one know of copies."""
    return _is_own(of_class(cls, "__del__"))
