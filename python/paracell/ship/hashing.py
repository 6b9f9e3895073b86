"""Content hashes: equal bytes have equal keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

try:
    from paracell._native import buffer_hashes, buffer_marks, content_hash, places_of, plain_atoms
except ImportError:  # a subinterpreter, which cannot load the extension
    from hashlib import blake2b

    _ATOMS = frozenset({int, str, float, bool, bytes, type(None)})

    def content_hash(buffers: Sequence[Any]) -> bytes:
        digest = blake2b(digest_size=16)
        for buffer in buffers:
            view = memoryview(buffer)
            digest.update(view.nbytes.to_bytes(8, "little"))
            digest.update(view)
        return digest.digest()

    def buffer_hashes(buffers: Sequence[Any], known: Sequence[Any] = (), hashes: bytes | None = None) -> bytes:
        return b"".join(content_hash([buffer]) for buffer in buffers)

    def buffer_marks(buffers: Sequence[Any], hashes: bytes | None = None) -> tuple[bytes, int]:
        return hashes or buffer_hashes(buffers), sum(memoryview(buffer).nbytes for buffer in buffers)

    def places_of(known: Sequence[Any], buffers: Sequence[Any]) -> list[int]:
        return []

    def plain_atoms(items: list[Any]) -> bool:
        return _ATOMS.issuperset(map(type, items))


try:
    from paracell._native import makes_sets, rebase_memo
except ImportError:  # nothing of the extension at all

    def rebase_memo(payload: bytes, primed: int) -> tuple[bytes, list[int]] | None:
        return None

    def makes_sets(payload: bytes) -> bool:
        return b"\x8f" in payload or b"\x91" in payload  # or in the text of one that makes none


def flat(value: Any) -> bool:
    """Whether `value` is a built-in container that holds nothing with an identity of its own."""
    kind = type(value)
    if kind is list:
        return plain_atoms(value)
    if kind is set:
        return plain_atoms(list(value))
    return kind is dict and plain_atoms(list(value)) and plain_atoms(list(value.values()))


__all__ = [
    "buffer_hashes",
    "buffer_marks",
    "content_hash",
    "flat",
    "makes_sets",
    "places_of",
    "plain_atoms",
    "rebase_memo",
]
