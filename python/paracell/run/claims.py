"""Which files a task writes to: another that is about to write to the same one waits, so that what it keeps to be taken
back is no half of what the first one writes."""

from __future__ import annotations

import os
import struct
import time
import zlib
from contextlib import suppress

LONGEST = 1.0
"""Seconds that a task waits for another, which may wait for this one in turn."""
_STEP = 0.001
_FLOCK = "hhqqi0q"
"""C's ``struct flock``: kind, whence, start, length, process; as large as its alignment asks for."""


class Claims:
    """One task's. It keeps them until its iteration is over.

    A claim is a lock of one byte of a file that all tasks of the run have open, each for itself: which byte, its name
    says."""

    def __init__(self, path: str) -> None:
        """`path`: of that file, which need not be there yet."""
        self._path = path
        self._file: int | None = None
        self._held: set[int] = set()

    def take(self, *names: str) -> bool:
        """Claim a file by its names. False: another has it, and still had when all the time was over."""
        return all(self._taken(zlib.crc32(name.encode("utf-8", "surrogatepass"))) for name in names)

    def _taken(self, byte: int) -> bool:
        # Two names that have one byte cost a wait and nothing else.
        if byte in self._held:
            return True
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        end = time.monotonic() + LONGEST
        while not _locked(self._file, byte):
            if time.monotonic() > end:
                return False
            time.sleep(_STEP)  # there is no waiting for a lock that ends by itself
        self._held.add(byte)
        return True

    def release(self) -> None:
        """All of them."""
        if self._held and self._file is not None:
            with suppress(OSError):
                _ask(self._file, "F_UNLCK", 0, 0)  # a child may have the file, too: to close it is not enough
        self._held.clear()

    def close(self) -> None:
        """And none any more."""
        self.release()
        if self._file is not None:
            with suppress(OSError):
                os.close(self._file)
            self._file = None


def _locked(file: int, byte: int) -> bool:
    """Whether it is; also where there are no such locks."""
    try:
        _ask(file, "F_WRLCK", byte, 1)
    except (BlockingIOError, PermissionError):
        return False
    except (OSError, AttributeError):
        return True
    return True


def _ask(file: int, kind: str, start: int, length: int) -> None:
    import fcntl

    fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack(_FLOCK, getattr(fcntl, kind), os.SEEK_SET, start, length, 0))
