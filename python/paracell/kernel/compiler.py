"""What a cell's file is called: the name that debuggers, coverage tools and numba's cache expect of a kernel."""

from __future__ import annotations

import os
import struct
import tempfile
from typing import Any

from IPython.core.compilerop import CachingCompiler

SEED = 0xC70F6907
_FACTOR = 0x5BD1E995
_MASK = 0xFFFFFFFF


def murmur2(data: bytes, seed: int = SEED) -> int:
    """MurmurHash2, 32 bits (Austin Appleby, public domain): the hash that debugInfo announces to clients."""
    length = len(data)
    h = seed ^ length
    whole = length & ~3
    for (k,) in struct.iter_unpack("<I", data[:whole]):
        k = k * _FACTOR & _MASK
        h = (h * _FACTOR & _MASK) ^ ((k ^ k >> 24) * _FACTOR & _MASK)
    if length > whole:
        h = (h ^ int.from_bytes(data[whole:], "little")) * _FACTOR & _MASK
    h = (h ^ h >> 13) * _FACTOR & _MASK
    return h ^ h >> 15


def folder() -> str:
    """Where a cell's file would be if it had one; numba and others recognise notebooks by this name."""
    return os.path.join(tempfile.gettempdir(), f"ipykernel_{os.getpid()}")


def file_name(code: str) -> str:
    """The file name of a cell with source `code`; IPYKERNEL_CELL_NAME overrides it."""
    name = os.environ.get("IPYKERNEL_CELL_NAME")
    if name is None:
        name = os.path.join(folder(), f"{murmur2(code.encode('utf-8', 'surrogatepass'))}.py")
    return name


class CellCompiler(CachingCompiler):
    """IPython's compiler with these names."""

    log: Any = None

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return file_name(raw_code)
