"""To be told by another process, through a pipe that it opens by name and writes to."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def told(path: Path) -> Iterator[Path]:
    """Make a pipe there, and wait at the end until somebody has written to it."""
    os.mkfifo(path)
    pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        yield path
        assert select.select([pipe], [], [], 60)[0]
    finally:
        os.close(pipe)
        path.unlink()
