"""Which side of the wire this process is on, for the functions that unpickling calls.

A pickle names notebook functions and classes by number. Both sides have a Link that knows what a number stands for;
the one in charge is ``current()`` while something is pickled or unpickled.
"""

from __future__ import annotations

import threading
import uuid
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import CellType, ModuleType
from typing import Any


class Link:
    """One side's table of shared definitions, cells and namespaces."""

    def __init__(self, module: ModuleType, namespace: dict[str, Any]) -> None:
        self.module = module
        self.namespace = namespace
        self.cells: dict[Any, CellType] = {}
        self.privates: dict[int, dict[str, Any]] = {}
        self._token_of: weakref.WeakKeyDictionary[type, Any] = weakref.WeakKeyDictionary()
        self._by_token: weakref.WeakValueDictionary[Any, type] = weakref.WeakValueDictionary()

    def refer(self, obj: Any) -> int | None:
        """The number under which the other side knows (or will know) `obj`; None: it has to travel by value."""
        raise NotImplementedError

    def lookup(self, number: int) -> Any:
        """The object behind a number."""
        raise NotImplementedError

    def existing(self, number: int | None) -> Any:
        """The object that a new version of definition `number` shall be written into, or None."""
        return None

    def adopt(self, number: int | None, obj: Any) -> None:
        """`obj` is what definition `number` stands for (its contents may follow)."""

    def token(self, cls: type) -> Any:
        """What names a class that travels by value, so that it becomes one class on the other side."""
        found = self._token_of.get(cls)
        if found is None:
            found = self._token_of[cls] = uuid.uuid4().bytes
        return found

    def by_token(self, token: Any) -> type | None:
        """The class that has already been made (or sent) for `token`."""
        return self._by_token.get(token)

    def set_token(self, token: Any, cls: type) -> None:
        self._by_token[token] = cls
        self._token_of[cls] = token

    def reached(self, code: Any) -> None:
        """A function with this code, whose globals are the notebook's namespace, is being pickled."""

    def cell_token(self, cell: CellType) -> Any:
        """What names `cell` on the other side, so that functions that share it still share it there."""
        return id(cell)

    def cell(self, token: Any) -> CellType:
        """The cell behind a token."""
        found = self.cells.get(token)
        if found is None:
            found = self.cells[token] = CellType()
        return found


class _State(threading.local):
    link: Link | None = None


_state = _State()


def current() -> Link:
    """The link in charge. RuntimeError outside of shipping."""
    link = _state.link
    if link is None:
        raise RuntimeError("this pickle belongs to paracell and can only be read by its kernel and workers")
    return link


@contextmanager
def using(link: Link) -> Iterator[None]:
    """Put `link` in charge of this thread."""
    before, _state.link = _state.link, link
    try:
        yield
    finally:
        _state.link = before


def definition(number: int) -> Any:
    """Called by unpickling: a notebook function or class."""
    return current().lookup(number)


def notebook_module() -> ModuleType:
    """Called by unpickling: the module that is, or stands for, the notebook's ``__main__``."""
    return current().module
