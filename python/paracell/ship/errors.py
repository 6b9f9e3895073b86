"""What goes wrong in shipping, said so that the user can act on it."""

from __future__ import annotations

from typing import Any


class ShipError(TypeError):
    """A value cannot travel between the notebook and a worker process.

    Attributes: ``path`` (``"model.conn"``), ``type_name`` (``"sqlite3.Connection"``).
    """

    part: Any = None
    """The part of a value that does not pickle, where it is in this process."""

    def __init__(self, message: str, path: str = "", type_name: str = "") -> None:
        super().__init__(message)
        self.path = path
        self.type_name = type_name

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.path, self.type_name)


class Unshipped:
    """Stands for a value that stayed in the worker because it does not pickle; prints as the value would.

    ``error`` is the ShipError to raise where the value is needed.
    """

    def __init__(self, text: str, error: ShipError) -> None:
        self.text = text
        self.error = error

    def __repr__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[Any, ...]:
        return Unshipped, (self.text, self.error)


def safe_repr(value: Any, limit: int = 200) -> str:
    """``repr(value)``, shortened; never raises."""
    try:
        text = repr(value)
    except Exception as error:
        text = f"<{type(value).__name__}: repr() raised {type(error).__name__}>"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def type_name(value: Any) -> str:
    """``sqlite3.Connection``, ``dict``: how the type is called in a message."""
    cls = type(value)
    module = getattr(cls, "__module__", None)
    name = getattr(cls, "__qualname__", cls.__name__)
    return name if module in (None, "builtins", "__main__") else f"{module}.{name}"
