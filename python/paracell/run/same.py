"""Whether two values, made apart from each other, are the same: types, content and order, bit for bit for floats.

``==`` does not tell: it is true of 1 and 1.0, false of NaN and itself, an array for arrays, and identity for objects
that do not define it. Here objects are compared by what they would be pickled as.
"""

from __future__ import annotations

import struct
import sys
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

_PLAIN = (int, str, bytes, bool, type(None), type(Ellipsis), range, bytearray)
_BY_NAME = (type, ModuleType, BuiltinFunctionType)


def same(one: Any, other: Any) -> bool:
    """Whether the values are the same. Raises TypeError for what cannot be compared (an open file, a lock)."""
    return _same(one, other, {})


def _same(one: Any, other: Any, seen: dict[tuple[int, int], tuple[Any, Any]]) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    kind = type(one)
    if kind in _PLAIN:
        return bool(one == other)
    if kind is float:
        return struct.pack("d", one) == struct.pack("d", other) or (one != one and other != other)
    if kind is complex:
        return _same((one.real, one.imag), (other.real, other.imag), seen)
    if isinstance(one, _BY_NAME):
        return False
    pair = (id(one), id(other))
    if pair in seen:  # a cycle, or met before: settled where it was met
        return True
    seen[pair] = (one, other)
    return _content(one, other, seen)


def _content(one: Any, other: Any, seen: dict[Any, Any]) -> bool:
    kind = type(one)
    if kind in (list, tuple):
        return len(one) == len(other) and all(_same(a, b, seen) for a, b in zip(one, other, strict=True))
    if kind is dict:
        return len(one) == len(other) and all(
            _same(a, b, seen) and _same(one[a], other[b], seen) for a, b in zip(one, other, strict=True)
        )
    if kind in (set, frozenset):
        return _sets(one, other)
    if kind is FunctionType:
        return (one.__module__, one.__qualname__, one.__code__) == (
            other.__module__,
            other.__qualname__,
            other.__code__,
        )
    if kind is MethodType:
        return one.__func__ is other.__func__ and _same(one.__self__, other.__self__, seen)
    known = _of_a_library(one, other, seen)
    if known is not None:
        return known
    if isinstance(one, BaseException):
        return _same((one.args, vars(one)), (other.args, vars(other)), seen)
    return _reduced(one, other, seen)


def _sets(one: Any, other: Any) -> bool:
    """Sets have no order of their own. Equal members have equal types where their reprs are the same."""
    return len(one) == len(other) and (one == other or sorted(map(repr, one)) == sorted(map(repr, other)))


def _of_a_library(one: Any, other: Any, seen: dict[Any, Any]) -> bool | None:
    """Arrays and tables; None: neither."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy is not None and type(one) is numpy.ndarray:
        if one.dtype != other.dtype or one.shape != other.shape:
            return False
        if one.dtype.hasobject:
            return _same(one.ravel().tolist(), other.ravel().tolist(), seen)
        if one.tobytes() == other.tobytes():
            return True
        return (
            one.dtype.kind in "fc" and bool(numpy.array_equal(one, other, equal_nan=True)) and _signs(numpy, one, other)
        )
    if pandas is not None and isinstance(one, (pandas.DataFrame, pandas.Series, pandas.Index)):
        if not one.equals(other):
            return False
        if isinstance(one, pandas.DataFrame):
            labels = [
                (one.columns, other.columns),
                (one.index, other.index),
                (one.dtypes.tolist(), other.dtypes.tolist()),
            ]
            return all(_same(a, b, seen) for a, b in labels)
        if isinstance(one, pandas.Series):
            return one.dtype == other.dtype and one.name == other.name and _same(one.index, other.index, seen)
        return one.dtype == other.dtype and list(one.names) == list(other.names)
    return None


def _signs(numpy: Any, one: Any, other: Any) -> bool:
    """Whether zeros have the same signs, in arrays that are equal but for the bits of their NaNs."""
    return bool((numpy.signbit(one.real) == numpy.signbit(other.real))[~numpy.isnan(one.real)].all())


def _reduced(one: Any, other: Any, seen: dict[Any, Any]) -> bool:
    """By what they are pickled as; then by their own ``==``, which may know better (caches are no difference)."""
    try:
        first, second = one.__reduce_ex__(4), other.__reduce_ex__(4)
    except Exception as error:
        if type(one).__eq__ is not object.__eq__ and one == other:
            return True
        raise TypeError(f"{type(one).__name__} cannot be compared ({error})") from None
    if isinstance(first, str):
        return first == second
    parts = [list(part) if at in (3, 4) and part is not None else part for at, part in enumerate(first)]
    others = [list(part) if at in (3, 4) and part is not None else part for at, part in enumerate(second)]
    if _same(parts, others, seen):
        return True
    return type(one).__eq__ is not object.__eq__ and (one == other) is True
