"""Python objects to JSON bytes, as leniently as Jupyter clients expect of a Python kernel.

Dates become ISO 8601, bytes base64, other iterables lists, NaN and infinities their names as strings (JSON has no such
numbers, and a message that cannot be read is worse than one that reads ``"nan"``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any


def lenient(value: Any) -> Any:
    """What stands for an object that JSON does not know. TypeError if nothing does."""
    import numbers
    from binascii import b2a_base64
    from datetime import date, datetime

    if isinstance(value, datetime):
        aware = value if value.tzinfo is not None else value.astimezone()
        return aware.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return b2a_base64(value, newline=False).decode("ascii")
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    raise TypeError(f"{value!r} is not JSON serializable")


def _finite(value: Any) -> Any:
    """A copy in which every float is finite and every key a string."""
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(float(value))
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return _finite(lenient(value))


def pack(value: Any) -> bytes:
    """UTF-8 JSON of `value`. TypeError or ValueError (a cycle) if it cannot be written even leniently."""
    try:
        text = json.dumps(value, default=lenient, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        if "Circular" in str(error):
            raise
        text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate: its escape is what JSON can carry
        return text.encode("utf-8", errors="backslashreplace")


def unpack(raw: bytes) -> Any:
    """The object in JSON bytes that the wire has checked."""
    return json.loads(raw)
