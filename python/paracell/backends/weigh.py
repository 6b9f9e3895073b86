"""What it costs to ship a value to a worker or back, estimated without packing it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from paracell.attributes import package_of

SECONDS_A_BYTE = 0.8e-9
"""Copying into memory that may be fresh, and its first touch."""
SECONDS_AN_OBJECT = 0.4e-6
"""Pickling and unpickling one object of a few fields."""
SECONDS_A_TABLE = 100e-6
"""The same for a table, or a column or row of one: it is made of a dozen objects, and made again by Python code."""
MUCH = 64 << 20
"""Bytes that are not sent for a single cell where workers can be forked: from some 30 MB on that is less work."""
TOO_MUCH = 512 << 20
"""Bytes that are not sent the first time, even if later cells may need them."""
_TABLES = ("pandas", "polars", "xarray", "geopandas")
_LIMIT = 300
_CHEAP = (int, float, bool, complex, type(None), range)
_NOTHING = (type, ModuleType, FunctionType, BuiltinFunctionType)


def seconds(value: Any) -> float:
    """Estimated seconds to pack `value`, move it and unpack it. Looks at some hundred objects at most."""
    spent, counted = 0.0, 0
    waiting: list[tuple[Any, float]] = [(value, 1.0)]
    seen: set[int] = set()
    while waiting and counted < _LIMIT:
        one, times = waiting.pop()
        if isinstance(one, _NOTHING):
            continue
        counted += 1
        if isinstance(one, _CHEAP):
            spent += times * 0.1e-6
            continue
        if id(one) in seen:
            continue
        seen.add(id(one))
        table = package_of(type(one)) in _TABLES
        spent += times * ((SECONDS_A_TABLE if table else SECONDS_AN_OBJECT) + SECONDS_A_BYTE * nbytes(one))
        inside = _inside(one)
        few = _some(inside)
        if few:
            share = times * len(inside) / len(few)
            waiting += [(part, share) for part in few]
    return spent


def nbytes(value: Any) -> int:
    """Bytes of a value's own data: buffers, text, numbers; not of what it refers to."""
    if isinstance(value, (str, bytes, bytearray)):
        return len(value)
    found = getattr(value, "nbytes", None)  # arrays, tensors, memory views
    if isinstance(found, int):
        return found
    usage = getattr(value, "memory_usage", None)  # pandas
    if usage is not None:
        try:
            total = usage(index=True)
            return int(total.sum() if hasattr(total, "sum") else total)
        except Exception:
            return 0
    return 0 if isinstance(value, (list, tuple, dict, set, frozenset)) else min(sys.getsizeof(value, 0), 1 << 20)


def _inside(value: Any) -> Any:
    """What `value` holds, as something that has a length."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return value
    if isinstance(value, dict):
        return value.values()  # keys are mostly shared words
    held = getattr(value, "__dict__", None)
    module = type(value).__module__
    return held.values() if isinstance(held, dict) and module.partition(".")[0] not in ("numpy", "pandas") else ()


def _some(inside: Any) -> list[Any]:
    """A few of what is inside, from its beginning and (where that is cheap) its end."""
    if len(inside) <= 20:
        return list(inside)
    if isinstance(inside, (list, tuple)):
        return [*inside[:6], *inside[-6:]]
    return _first(inside, 12)


def _first(inside: Iterable[Any], count: int) -> list[Any]:
    return [one for one, _ in zip(inside, range(count), strict=False)]


def reached(names: Iterable[str], namespace: dict[str, Any]) -> dict[str, Any]:
    """The values under `names`, and under the names that the notebook's functions among them use in turn."""
    found: dict[str, Any] = {}
    waiting = list(names)
    while waiting and len(found) < _LIMIT:
        name = waiting.pop()
        if name in found or name not in namespace:
            continue
        value = found[name] = namespace[name]
        if isinstance(value, FunctionType) and value.__globals__ is namespace:
            waiting += value.__code__.co_names
            for constant in value.__code__.co_consts:
                waiting += getattr(constant, "co_names", ())
    return found
