"""Large memory travels beside the pickle (protocol 5), small memory inside it."""

from __future__ import annotations

from pickle import PickleBuffer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from array import array

OUT_OF_BAND_BYTES = 4096
"""Smaller buffers stay in the pickle: a buffer of its own costs the pool more than the copy."""


class Sink:
    """Collects the out-of-band buffers of one pickle as flat, C-contiguous byte views."""

    def __init__(self, smallest: int = OUT_OF_BAND_BYTES) -> None:
        self.buffers: list[memoryview] = []
        self.smallest = smallest

    def __call__(self, buffer: PickleBuffer) -> bool:
        """The pickler's buffer_callback: True keeps the buffer in the pickle."""
        raw = buffer.raw()
        if raw.nbytes < self.smallest:
            return True
        self.buffers.append(raw)
        return False

    @property
    def nbytes(self) -> int:
        return sum(buffer.nbytes for buffer in self.buffers)


def reduce_array(value: array[Any]) -> tuple[Any, ...]:
    """array.array, with its memory out-of-band; a subclass keeps its own way."""
    from array import array

    if type(value) is not array or value.typecode == "u":
        return value.__reduce_ex__(5)  # type: ignore[return-value]
    return make_array, (value.typecode, PickleBuffer(value))


def make_array(typecode: str, buffer: Any) -> array[Any]:
    from array import array

    made = array(typecode)
    made.frombytes(buffer)
    return made


def reduce_memoryview(view: memoryview) -> tuple[Any, ...]:
    """memoryview: its own memory, format, shape and read-only flag; strides become contiguous."""
    try:
        contiguous = view.c_contiguous and view.ndim
    except ValueError:
        return make_released, ()
    if contiguous:
        return make_memoryview, (PickleBuffer(view), view.format, view.shape)
    data = bytearray(view.tobytes())
    return make_memoryview, (PickleBuffer(bytes(data) if view.readonly else data), view.format, view.shape)


def make_released() -> memoryview:
    """Called by unpickling."""
    view = memoryview(b"")
    view.release()
    return view


def make_memoryview(buffer: Any, format: Any, shape: tuple[int, ...]) -> memoryview:
    view = memoryview(buffer)
    flat = view if view.ndim == 1 and view.format == "B" else view.cast("B")
    if 0 in shape:
        return flat.cast(format)
    return flat.cast(format, shape) if len(shape) != 1 else flat.cast(format)
