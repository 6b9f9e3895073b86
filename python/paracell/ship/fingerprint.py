"""Whether a value is still what it was: a hash of its pickle. Memo tables do not count as a difference."""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence
from types import FunctionType
from typing import Any

from ..kept import Kept
from .buffers import Sink
from .hashing import buffer_hashes, content_hash, places_of
from .link import current
from .pickler import Pickler

_PANDAS_CACHED = ("pandas._libs.properties", "CachedProperty")


def _find_memo_names(cls: type) -> frozenset[str]:
    members = [(name, value) for base in cls.__mro__ for name, value in base.__dict__.items()]
    found = frozenset(name for name, value in members if isinstance(value, functools.cached_property))
    if any((type(value).__module__, type(value).__name__) == _PANDAS_CACHED for _, value in members):
        found |= {"_cache"}
    return found


def _does_reduce_itself(cls: type) -> bool:
    methods = (getattr(cls, name, None) for name in ("__getstate__", "__reduce__", "__reduce_ex__"))
    ours = any(isinstance(one, FunctionType) and one.__module__ == "__main__" for one in methods)
    return ours and cls.__module__ == "__main__" and bool(cls.__dictoffset__)


memo_names = Kept(_find_memo_names)
"""Attributes that functools.cached_property fills in, and the one in which pandas keeps what it has computed."""
_reduces_itself = Kept(_does_reduce_itself)
"""Whether a class of the notebook's says itself what of its instances is pickled: it may leave something out."""


def part(*parts: Any) -> None:
    """Stands in fingerprints for what makes an object; nobody reads them."""


def _without(state: Any, names: frozenset[str]) -> Any:
    """A pickle's `state`, as it is when nothing has been remembered."""
    if isinstance(state, dict):
        return {name: value for name, value in state.items() if name not in names} or None
    if isinstance(state, tuple) and state and isinstance(state[-1], dict):  # pandas' arrays: (..., attributes)
        rest = _without(state[-1], names)
        return state[:-1] if rest is None else (*state[:-1], rest)
    return state


class _ContentPickler(Pickler):
    def reducer_override(self, obj: Any) -> Any:
        if not isinstance(obj, type) and _reduces_itself(type(obj)):
            memos = memo_names(type(obj))
            return part, (type(obj),), {name: held for name, held in obj.__dict__.items() if name not in memos}
        names = memo_names(type(obj)) if not isinstance(obj, type) else None
        if names and not names.isdisjoint(getattr(obj, "__dict__", ())):
            reduced = obj.__reduce_ex__(5)
            if isinstance(reduced, tuple) and len(reduced) > 2:
                return (*reduced[:2], _without(reduced[2], names), *reduced[3:])
        return super().reducer_override(obj)


class _Lenient(_ContentPickler):
    """Of what does not pickle, that it is this object."""

    def reducer_override(self, obj: Any) -> Any:
        try:
            reduced = super().reducer_override(obj)
            if reduced is NotImplemented and not isinstance(obj, (type, FunctionType)):
                obj.__reduce_ex__(5)
        except Exception:
            return part, (id(obj),)
        return reduced


def fingerprint(value: Any, known: Sequence[Any] = (), hashes: bytes | None = None) -> bytes | None:
    """A hash that differs if the content does; None if the value cannot be looked at. `hashes` stand for the buffers
    `known`: the value may have been made of them."""
    return printed(value, known, hashes)[0]


def printed(value: Any, known: Sequence[Any], hashes: bytes | None) -> tuple[bytes | None, list[Any]]:
    """The fingerprint, and those of `known` that the value consists of: of others it has made copies."""
    for kind in (_ContentPickler, _Lenient):
        file, sink = io.BytesIO(), Sink()
        try:
            kind(file, current(), sink).dump(value)
            digest = content_hash([file.getbuffer(), buffer_hashes(sink.buffers, known, hashes)])
        except Exception:
            continue
        return digest, [known[at] for at in places_of(known, sink.buffers)]
    return None, []
