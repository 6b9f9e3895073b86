"""Just before a region begins: whether each iteration reads and writes elements of its own of the sliced variables.

The plan has seen that every use stands under one key (``cell.slices``). Here the keys are seen to differ, and the
elements to be apart.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Mapping
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from ..attributes import package_of
from ..cell.freshness import immutable
from . import doubts
from .alias import mutable
from .beneath import LEAVES, LIMIT, sources

if TYPE_CHECKING:
    from ..cell import Refusal, Region
    from ..cell.slices import Slice


def overlap(region: Region, namespace: Mapping[str, Any], iterable: Any) -> Refusal | None:
    """Why the region is not parallel after all, or None."""
    for own in region.slices:
        if own.name not in namespace:
            continue
        reason = _Look(own, namespace[own.name], iterable).reason()
        if reason is not None:
            return doubts.shared_elements(region, own.name, reason)
    return None


def tables(region: Region, namespace: Mapping[str, Any]) -> tuple[str, ...]:
    """Sliced variables that cannot be read while they are written to: threads are given a copy."""
    return tuple(own.name for own in region.slices if _pandas(namespace.get(own.name)))


def _pandas(value: Any) -> bool:
    return package_of(type(value)) == "pandas" and type(value).__name__ in ("DataFrame", "Series")


class _Look:
    def __init__(self, own: Slice, held: Any, iterable: Any):
        self.own = own
        self.held = held
        self.iterable = iterable

    def reason(self) -> str | None:
        held, own = self.held, self.own
        if _pandas(held):
            return self._table()
        if own.locator is not None or (own.mixed and type(held).__name__ != "ndarray"):
            return f"it is a {type(held).__name__}"
        if type(held) in (dict, OrderedDict):
            if own.iterated and not self._own_keys():
                return "the loop changes what it goes over"
            return self._distinct() or self._elements(list(held.values()))
        if own.iterated and self.iterable is held:
            return "the loop changes what it goes over"
        if type(held) in (list, bytearray) or type(held).__module__ == "array":
            if own.position != -1:
                return "its index is a tuple"
            return self._distinct() or self._counted() or (self._elements(held) if type(held) is list else None)
        if type(held).__module__ == "numpy" and type(held).__name__ == "ndarray":
            return self._distinct() or self._counted() or self._array()
        return f"it is a {type(held).__name__}"

    def _own_keys(self) -> bool:
        """Whether the loop's keys are the container's own."""
        iterable = self.iterable
        if not isinstance(iterable, (type({}.keys()), type({}.items()))):
            return iterable is self.held
        return any(source is self.held for source in sources(iterable))

    def _distinct(self) -> str | None:
        iterable = self.iterable
        if isinstance(iterable, (range, dict, set, frozenset, enumerate, type({}.keys()), type({}.items()))):
            return None
        if isinstance(iterable, (list, tuple)):
            try:
                return None if len(set(iterable)) == len(iterable) else "a key comes twice"
            except TypeError:
                return "its keys cannot be compared"
        if _is_index(iterable):
            return None if iterable.is_unique else "a key comes twice"
        return f"keys come from a {type(iterable).__name__}"

    def _counted(self) -> str | None:
        """Keys count from zero: -1 and 5 may be one element."""
        iterable = self.iterable
        if isinstance(iterable, range):
            low: Any = min(iterable, default=0)
        elif isinstance(iterable, enumerate):
            low = iterable.__reduce__()[1][1]  # type: ignore[index]
        elif isinstance(iterable, (list, tuple)) and all(type(i) is int for i in iterable):
            low = min(iterable, default=0)
        elif _is_index(iterable) and iterable.dtype.kind in "iu":
            low = iterable.min() if len(iterable) else 0
        else:
            return "its indexes are not known to be whole numbers"
        return None if low + self.own.offset >= 0 else "an index is negative"

    def _elements(self, values: Any) -> str | None:
        """Elements that are handed on must be immutable, those that are changed must be apart."""
        if self.own.loose or self.own.nested or self.own.added:
            if len(values) > LIMIT:
                return "it has too many elements to look at"
            if all(isinstance(v, LEAVES) or immutable(v) for v in values):
                return None
            if self.own.loose:
                return "its elements may be changed"
            owner: set[int] = set()
            for element in values:
                for part in mutable(element):
                    if id(part) in owner:
                        return "two of its elements share an object"
                    owner.add(id(part))
                    if len(owner) > LIMIT:
                        return "its elements are too many to look at"
        return None

    def _array(self) -> str | None:
        held, own = self.held, self.own
        if held.dtype.hasobject:
            return "it is an array of objects"
        reach = held.dtype.itemsize
        for stride, length in sorted((abs(s), n) for s, n in zip(held.strides, held.shape, strict=True) if n > 1):
            if stride < reach:
                return "its elements overlap in memory"
            reach += stride * (length - 1)
        if own.loose and not (held.ndim == 1 and own.position == -1):
            return "parts of it that workers hand on would be copies"
        return None

    def _table(self) -> str | None:
        held, own = self.held, self.own
        frame = type(held).__name__ == "DataFrame"
        index = held.index
        if frame and not held.columns.is_unique:
            return "two of its columns have one name"
        if own.offset:
            return "its key is computed"
        if frame and own.locator is None:
            return self._whole_columns()
        if not index.is_unique:
            return "a key comes twice"
        if not own.iterated and (reason := self._distinct()):
            return reason
        if own.locator in ("iloc", "iat"):
            if (reason := self._counted()) or not isinstance(self.iterable, range):
                return reason or "keys are not a range"
        elif not own.iterated and self.iterable is not index and not _known(self.iterable, index):
            return "a key is not in its index"
        if isinstance(self.iterable, GeneratorType) and not own.iterated:
            return "keys come from a generator"
        return self._columns() if frame else self._series()

    def _whole_columns(self) -> str | None:
        """Each iteration has a column of its own, by its name."""
        own, held, iterable = self.own, self.held, self.iterable
        if own.position != -1 or held.columns.nlevels > 1:
            return "its columns have names of several parts"
        if not _keeps_types() or not len(held.index):
            return "a column that is set may change the others"
        keys = held.columns if iterable is held else iterable
        if not (isinstance(keys, (list, tuple)) or _is_index(keys)):
            return "its keys are not known"
        if any(not isinstance(key, str) and (not immutable(key) or key not in held.columns) for key in keys):
            return "a key may stand for rows"
        if own.sized and any(key not in held.columns for key in keys):
            return "its shape changes"
        if len(set(keys)) != len(keys):
            return "a key comes twice"
        if own.nested:
            return "its cells are changed"
        some = (held[key] for key in keys if key in held.columns) if own.loose or own.added else ()
        return next((reason for column in some if (reason := _plain(column))), None)

    def _columns(self) -> str | None:
        own, held = self.own, self.held
        if own.nested:
            return "its cells are changed"
        read, written = own.columns_read, own.columns
        by_label = own.locator in ("loc", "at")
        names = {repr(c): c for c in held.columns} if by_label else {repr(i): c for i, c in enumerate(held.columns)}
        shared = read & written if "*" not in read | written else {"*"}
        if shared and (not _keeps_types() or "*" in written or not written <= set(names)):
            return "the columns that it reads and writes are not apart"
        if "*" in read and read:
            # a whole row: a series of its own
            return "rows that workers hand on would be copies" if own.loose else None
        if own.loose or own.added:
            asked = (read if own.loose else set()) | (written if own.added else set())
            return next((reason for c in asked & set(names) if (reason := _plain(held[names[c]]))), None)
        return None

    def _series(self) -> str | None:
        if not _keeps_types():
            return "writing may change its type"
        return _plain(self.held) if self.own.loose or self.own.nested or self.own.added else None


def _plain(column: Any) -> str | None:
    if column.dtype != object or all(isinstance(v, LEAVES) for v in column):
        return None
    return "its cells may be changed"


def _keeps_types() -> bool:
    """Whether assigning into a table never changes a column's type (pandas 3)."""
    return int(sys.modules["pandas"].__version__.split(".")[0]) >= 3


def _is_index(value: Any) -> bool:
    return package_of(type(value)) == "pandas" and hasattr(value, "is_unique") and hasattr(value, "get_loc")


def _known(iterable: Any, index: Any) -> bool:
    if isinstance(iterable, enumerate):
        return False
    return len(iterable) <= LIMIT and bool(index.isin(list(iterable)).sum() == len(iterable))
