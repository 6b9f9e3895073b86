"""What travels behind a pickle, for the side that reads it to know first: pickled as well, then its length."""

from __future__ import annotations

import pickle
import struct
from typing import Any

_LENGTH = struct.Struct("<I")


def behind(beside: Any) -> bytes:
    """To be written behind a pickle."""
    header = pickle.dumps(beside, 5)
    return header + _LENGTH.pack(len(header))


def read_behind(payload: Any) -> Any:
    """What was written behind the pickle in `payload` (whose reader stops at its end by itself)."""
    view = memoryview(payload)
    (length,) = _LENGTH.unpack(view[-_LENGTH.size :])
    return pickle.loads(view[-_LENGTH.size - length : -_LENGTH.size])
