"""Interrupts while the kernel starts: its channels are bound before there is anything to interrupt. They do not end the
start, and where a cell waits already they are for that cell."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paracell._native import Kernel

_kept = False


def keep(native: Kernel) -> None:
    """From here on an interrupt is kept for the cell that waits; without one it means nothing."""

    def handle(signum: int, frame: object) -> None:
        look(native)

    signal.signal(signal.SIGINT, handle)


def look(native: Kernel) -> None:
    """An interrupt has come and no cell has begun."""
    global _kept
    _kept = _kept or native.cell_waits()


def take() -> bool:
    """Whether the cell that begins is to be interrupted; the next one is not."""
    global _kept
    kept, _kept = _kept, False
    return kept
