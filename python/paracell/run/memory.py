"""Objects that are views of the same memory: arrays, memoryviews, bytearrays."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from typing import Any

Span = tuple[int, int, Any]


def spans(objects: Iterable[Any]) -> list[Span]:
    """(first byte, past the last one, object) of each object that is memory."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return []
    bounds = getattr(numpy, "byte_bounds", None) or numpy.lib.array_utils.byte_bounds
    found = []
    for one in objects:
        try:
            if isinstance(one, (bytearray, memoryview, array)):
                view = numpy.frombuffer(one, numpy.uint8)
            elif isinstance(one, numpy.ndarray):
                view = one.view(numpy.ndarray)
            else:
                continue
            low, high = bounds(view)
        except (ValueError, TypeError, BufferError):
            continue
        if high > low:
            found.append((low, high, one))
    return found


def shared(some: list[Span], others: list[Span]) -> tuple[Any, Any] | None:
    """One of `some` and one of `others` that have memory in common."""
    import numpy

    both = sorted([(low, high, 0, one) for low, high, one in some] + [(low, high, 1, one) for low, high, one in others],
                  key=lambda span: span[:3])  # fmt: skip
    open_: list[tuple[int, int, Any]] = []
    for low, high, side, one in both:
        open_ = [other for other in open_ if other[0] > low]
        for _, other_side, other in open_:
            if other_side != side and _share(numpy, one, other):
                return (one, other) if side == 0 else (other, one)
        open_.append((high, side, one))
    return None


def _share(numpy: Any, one: Any, other: Any) -> bool:
    if one is other:
        return True
    try:
        return bool(numpy.shares_memory(one, other, max_work=10_000))
    except Exception:  # too hard to tell, or no arrays: the bounds overlap
        return True
