"""Which side of the wire this process is on, for the functions that unpickling calls.

A pickle names notebook functions and classes by number. Both sides have a Link that knows what a number stands for;
the one in charge is ``current()`` while something is pickled or unpickled.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import CellType, CodeType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .held import Held


Source = tuple[int, str]
"""The number of the first line, and lines."""


class Link:
    """One side's table of shared definitions, cells and namespaces."""

    returns = False
    """Whether what it sends may be, or hold, what the other side has."""

    def __init__(self, module: ModuleType, namespace: dict[str, Any]) -> None:
        self.module = module
        self.namespace = namespace
        self.cells: dict[Any, CellType] = {}
        self.privates: dict[int, dict[str, Any]] = {}
        self.apart: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        """By identity: the memory of arrays that have other strides on the other side (``views``)."""
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

    def source_of(self, code: CodeType) -> Source | None:
        """What the other side has to be told of the lines of `code`."""
        return None

    def show(self, filename: str, source: Source) -> None:
        """The other side has these lines, which stand in no file."""

    def token(self, cls: type) -> Any:
        """What names a class that travels by value, so that it becomes one class on the other side."""
        found = self._token_of.get(cls)
        if found is None:
            found = self._token_of[cls] = os.urandom(16)
        return found

    def sentinel(self, obj: object) -> int | None:
        """The number of a plain ``object()``, which is only ever compared with itself; None: it goes by value."""
        return None

    def sentinel_of(self, number: int) -> object:
        """The ``object()`` behind a number."""
        raise NotImplementedError

    def by_token(self, token: Any) -> type | None:
        """The class that has already been made (or sent) for `token`."""
        return self._by_token.get(token)

    def set_token(self, token: Any, cls: type) -> None:
        self._by_token[token] = cls
        self._token_of[cls] = token

    held: Held | None = None
    """What forked workers have from the kernel, while something goes to them or comes from them."""

    def reached(self, code: Any) -> None:
        """A function with this code, whose globals are the notebook's namespace, is being pickled."""

    keeps = False
    """Whether a ``functools.cache`` of this side holds what could be told from a copy."""

    def kept(self, objects: dict[int, Any]) -> str | None:
        """The function whose ``functools.cache`` holds one of `objects` that could be told from a copy."""
        return None

    def knows(self, address: int) -> bool:
        """Whether a definition that this side has received is there."""
        return False

    def unchanged(self, number: int) -> bool:
        """Whether the definition holds what it came with."""
        return True

    def names(self, number: int) -> tuple[str, ...]:
        """What the definition is called."""
        return ()

    def keeping(self, function: Any) -> Any:
        """The function that the ``functools.cache`` of `function` calls."""
        return function

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


@contextmanager
def holding(link: Link, objects: Held | None) -> Iterator[None]:
    """As ``using``, with workers that have `objects`."""
    before, link.held = link.held, objects
    try:
        with using(link):
            yield
    finally:
        link.held = before


def definition(number: int) -> Any:
    """Called by unpickling: a notebook function or class."""
    return current().lookup(number)


def sentinel(number: int) -> object:
    """Called by unpickling: a plain ``object()`` of the notebook's."""
    return current().sentinel_of(number)


def held(number: int) -> Any:
    """Called by unpickling: an object that a forked worker has from the kernel."""
    objects = current().held
    if objects is None:
        raise RuntimeError("this pickle belongs to a process that was forked from the kernel")
    return objects[number]


def notebook_module() -> ModuleType:
    """Called by unpickling: the module that is, or stands for, the notebook's ``__main__``."""
    return current().module
