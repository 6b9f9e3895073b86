"""Whether a value is still what it was: a hash of its pickle. Memo tables do not count as a difference."""

from __future__ import annotations

import functools
import io
from typing import Any

from .buffers import Sink
from .hashing import content_hash
from .link import current
from .pickler import Pickler

_cached_names: dict[type, frozenset[str]] = {}


def _memo_names(cls: type) -> frozenset[str]:
    """Attributes that functools.cached_property fills in."""
    found = _cached_names.get(cls)
    if found is None:
        if len(_cached_names) > 1000:
            _cached_names.clear()
        found = _cached_names[cls] = frozenset(
            name
            for base in cls.__mro__
            for name, value in base.__dict__.items()
            if isinstance(value, functools.cached_property)
        )
    return found


class _ContentPickler(Pickler):
    def reducer_override(self, obj: Any) -> Any:
        names = _memo_names(type(obj)) if not isinstance(obj, type) else None
        if names and not names.isdisjoint(getattr(obj, "__dict__", ())):
            reduced = obj.__reduce_ex__(5)
            if isinstance(reduced, tuple) and len(reduced) > 2 and isinstance(reduced[2], dict):
                state = {name: value for name, value in reduced[2].items() if name not in names}
                return (*reduced[:2], state or None, *reduced[3:])
        return super().reducer_override(obj)


def fingerprint(value: Any) -> bytes | None:
    """A hash that differs if the content does; None if the value does not pickle here."""
    file, sink = io.BytesIO(), Sink()
    try:
        _ContentPickler(file, current(), sink).dump(value)
        return content_hash([file.getbuffer(), *sink.buffers])
    except Exception:
        return None
