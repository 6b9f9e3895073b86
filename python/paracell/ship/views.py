"""Arrays that share memory: a view comes back as a view of what it is a view of.

An array that a worker sends back may be a view of one that it received (of the notebook's, then), or of one that goes
with it. It travels as the array whose memory it is and its place there, so that whoever writes through one of them is
seen through the others, as in the notebook. A view of a much larger array that nothing else sent refers to travels
alone.
"""

from __future__ import annotations

import sys
from typing import Any

from .link import current

_SPARE = 2
"""How many times as large as its view an array may be that is sent along with it."""
_SMALL = 512
"""Bytes that are not worth looking at."""


def is_array(kind: type) -> bool:
    """Whether `kind` is numpy.ndarray itself."""
    return kind.__name__ == "ndarray" and kind.__module__ == "numpy"


def is_table(kind: type) -> bool:
    """Whether `kind` is what a table or column of pandas' keeps its arrays in."""
    return kind.__name__.endswith("BlockManager") and kind.__module__ == "pandas.core.internals.managers"


def copies_on_write() -> bool:
    """Whether no table of pandas' shows what is written into another one (pandas 3)."""
    return int(sys.modules["pandas"].__version__.split(".")[0]) >= 3


def root(array: Any) -> Any:
    """The innermost array whose memory `array` uses: itself if it is no view."""
    while (base := array.base) is not None:
        if type(base).__name__ == "DummyArray":  # of numpy.lib.stride_tricks
            base = base.base
        if not is_array(type(base)) and not any(map(is_array, type(base).__mro__)):
            break
        array = base
    return array


def _address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])


def _contiguous(array: Any) -> bool:
    return bool(array.flags.c_contiguous or array.flags.f_contiguous)


def make_view(
    base: Any, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], dtype: Any, writeable: bool
) -> Any:
    """Called by unpickling: the array of `shape` that begins `offset` bytes into the memory of `base`."""
    view = type(base)(shape, dtype, base, offset, strides)
    if not writeable:
        view.flags.writeable = False
    return view


def make_apart(array: Any) -> Any:
    """Called by unpickling: a strided array of the other side, whose views cannot be expressed as views of this one."""
    made = array.view()
    current().apart[id(root(made))] = root(made)
    return made


def reduce_strided(array: Any) -> Any:
    """A strided array arrives contiguous, and is known as such."""
    return NotImplemented if _contiguous(array) else (make_apart, (array.copy(order="C"),))


def make_whole_view(owner: Any, format: str, shape: tuple[int, ...]) -> memoryview:
    """Called by unpickling: a memoryview of all that `owner` holds."""
    view = memoryview(owner)
    return view if (view.format, view.shape) == (format, shape) else view.cast("B").cast(format, shape)  # type: ignore[call-overload]


class Views:
    """The views of one result. ``received`` are the objects that the worker was sent, by identity."""

    def __init__(self, received: dict[int, tuple[int, Any]], apart: Any, whole: frozenset[int] = frozenset()) -> None:
        self._received = received
        self._apart = apart
        self._by_root: dict[int, list[Any]] | None = None
        self._whole = whole
        self._sent: dict[int, Any] = {}
        """Arrays that own memory and were sent themselves."""
        self.cut: dict[int, Any] = {}
        """Arrays of which only views were sent, each view by itself."""
        self.torn = False
        """Whether one of ``cut`` turned up again: it has to be sent, with its views as views."""
        self.copied = ""
        """What is sent as a copy although it shares memory with something that was received."""
        self._left: dict[int, Any] = {}
        """Arrays that are sent as copies, whatever they share."""

    def reduce(self, array: Any) -> Any:
        """How `array` is pickled; NotImplemented: as numpy does it."""
        base = array.base
        if id(array) in self._left:
            return NotImplemented
        if base is None:
            self.torn |= id(array) in self.cut
            self._sent[id(array)] = array
            return NotImplemented
        owner = base if is_array(type(base)) and base.base is None else root(array)
        for one in self._of(owner) if self._received else ():
            offset = _address(array) - _address(one)
            exact = is_array(type(one)) and id(owner) not in self._apart and _contiguous(one)
            if exact and _within(array, offset, one):
                return _view(array, one, offset)
            return self._copy("an array that shares memory with one that the loop reads")
        if owner is array or owner.base is not None or not _contiguous(owner) or not is_array(type(owner)):
            if self._holds(owner.base):
                return self._copy("an array that shares memory with an object that the loop reads")
            return NotImplemented
        affordable = owner.nbytes <= _SPARE * array.nbytes + _SMALL
        if affordable or id(owner) in self._whole or id(owner) in self._sent:
            self._sent[id(owner)] = owner
            return _view(array, owner, _address(array) - _address(owner))
        self.torn |= id(owner) in self.cut
        self.cut[id(owner)] = owner
        return NotImplemented

    def of_subclass(self, array: Any) -> None:
        """An array of a subclass goes its own way, which does not keep what it shares."""
        if array.base is not None and self._of(root(array)):
            self._copy(f"a view of an array that the loop reads ({type(array).__name__})")

    def leave(self, manager: Any) -> None:
        """What a table of pandas' keeps is copied before it is written to: sharing it would be seen."""
        for values in (block.values for block in manager.blocks):
            for one in (values, *(getattr(values, name, None) for name in ("_ndarray", "_data", "_mask"))):
                if one is not None:
                    self._left[id(one)] = one

    def memoryview(self, view: memoryview) -> Any:
        """As ``reduce``, for a memoryview."""
        owner: Any = view.obj
        whole = view.c_contiguous and view.ndim and memoryview(owner).nbytes == view.nbytes
        if whole and not view.readonly and 0 not in view.shape:  # type: ignore[operator]
            return make_whole_view, (owner, view.format, view.shape)
        if not view.readonly and id(owner) in self._received:
            return self._copy("a memoryview of part of an object that the loop reads")
        return NotImplemented

    def _copy(self, what: str) -> Any:
        self.copied = what
        return NotImplemented

    def _of(self, owner: Any) -> list[Any]:
        """The received arrays that use the memory of `owner`, the largest first."""
        if self._by_root is None:
            found: dict[int, list[Any]] = {}
            for _, one in self._received.values():
                if any(map(is_array, type(one).__mro__)):
                    found.setdefault(id(root(one)), []).append(one)
            for arrays in found.values():
                arrays.sort(key=lambda one: -one.nbytes)
            self._by_root = found
        return self._by_root.get(id(owner), [])

    def _holds(self, base: Any) -> bool:
        """Whether `base` is the memory of something that was received and can be written to."""
        while isinstance(base, memoryview):
            base = base.obj
        return base is not None and type(base) is not bytes and id(base) in self._received


def _view(array: Any, owner: Any, offset: int) -> tuple[Any, ...]:
    writeable = bool(array.flags.writeable)
    return make_view, (owner, offset, array.shape, array.strides, array.dtype, writeable)


def _within(array: Any, offset: int, one: Any) -> bool:
    """Whether `array`, which begins `offset` bytes behind `one`, lies in the memory of `one`."""
    steps = [(size - 1) * stride for size, stride in zip(array.shape, array.strides, strict=True) if size]
    low, high = sum(step for step in steps if step < 0), sum(step for step in steps if step > 0)
    return array.size == 0 or bool(offset + low >= 0 and offset + high + array.itemsize <= one.nbytes)
