"""Attributes of objects whose classes may have code of their own for that: planning a cell must not run it."""

from __future__ import annotations

from types import FunctionType
from typing import Any


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
