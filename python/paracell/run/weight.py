"""How much memory items hold, as far as that is told at a glance and without running code of the user's."""

from __future__ import annotations

from typing import Any

from ..attributes import package_of

LIGHT = frozenset({int, float, bool, complex, type(None), range})
TEXTS = frozenset({str, bytes, bytearray})
HOLDERS = frozenset({list, tuple, set, frozenset, dict})
ENTRY = 64
"""Bytes of an entry of a container, about."""


def weight(items: list[Any]) -> int:
    """Bytes that items hold, about: as many times what the first or the last of them holds as there are."""
    first, last = items[0], items[-1]
    if type(first) in LIGHT and type(last) in LIGHT:
        return 0
    return len(items) * max(_bytes(first), _bytes(last))


def _bytes(item: Any, deep: bool = True) -> int:
    kind = type(item)
    if kind in LIGHT:
        return 0
    if kind in TEXTS:
        return len(item)
    if kind is memoryview:
        try:
            return int(item.nbytes)
        except ValueError:  # it has been released
            return 0
    if kind in HOLDERS:
        entry = max(_some(item), default=0) if deep else 0
        return len(item) * (ENTRY + entry)
    if package_of(kind) in ("numpy", "array", "pandas"):
        size = getattr(item, "nbytes", None)  # of a table it is no number of bytes: it has none
        return size if type(size) is int else 8 * _size(item)
    return ENTRY


def _some(item: Any) -> list[int]:
    """What a few of the entries hold."""
    values = item.values() if type(item) is dict else item
    return [_bytes(one, False) for _, one in zip(range(4), values, strict=False)]


def _size(item: Any) -> int:
    size = getattr(item, "size", 0)
    return int(size) if isinstance(size, int) else 0
