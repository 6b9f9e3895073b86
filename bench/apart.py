"""What may break the process that does it, done in a child; its worker processes end with it."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
from collections.abc import Callable


def apart(work: Callable[[], bytes]) -> tuple[bytes, int]:
    """What `work` returns, in a forked process without standard streams (empty if it did not come to an end), and that
    process's wait status."""
    with tempfile.TemporaryFile() as told:
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            null = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(null, stream)
            try:
                told.write(work())
                told.flush()
            finally:
                os._exit(0)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)  # workers
        _, status = os.waitpid(pid, 0)
        told.seek(0)
        return told.read(), status
