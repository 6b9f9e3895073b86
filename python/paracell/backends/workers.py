"""The pool of worker processes. Light to import: workers start while what ships to them is still being loaded."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from paracell import _native
from paracell.line.options import Options, OptionsError, parse_line

if TYPE_CHECKING:
    from paracell.ship.kernel import Blob

_MOST_AHEAD = 4
"""More workers than these are started when it is known how many a loop can use."""
_MOST_FORKED = 4
"""More workers than these are sooner started, side by side, than forked one after the other,"""
_FORKED_MEMORY = 4 << 30
"""and so are those of a large process: bytes in use, times workers. The tables of its memory are copied for each."""


def slower() -> str | None:
    """A note on why values travel in a slower way than through shared memory; None if they do not."""
    trouble = _native.shared_memory_trouble()
    if trouble is None:
        return None
    return (
        f"Shared memory could not be had ({trouble}): large values travel through files or pipes instead, which is "
        "slower. Free memory, or raise the limits of this process (ulimit, container)."
    )


_SERVE = (
    "from paracell.__main__ import leave_folder; leave_folder(); "
    "from paracell.worker import main; raise SystemExit(main())"
)
"""What a worker's interpreter runs: ``-m`` would load runpy, a twentieth of the time until it is ready. The folder that
it is started in is no place to import from until the notebook's own search path arrives."""


class Workers:
    """Makes the native pool when it is first needed, and anew after `shutdown`."""

    def __init__(self) -> None:
        self._pool: _native.ProcessPool | None = None
        self.expected = False
        """Whether they have been asked for, or are as soon as the run has ended that has forks in their place."""

    @property
    def pool(self) -> _native.ProcessPool:
        if self._pool is None:
            self._pool = _native.ProcessPool([sys.executable, "-c", _SERVE])
        return self._pool

    def expect(self, line: str, loaded: bool) -> None:
        """A first cell with this magic line is about to be planned: start what it will probably need, and return at
        once. What goes wrong is reported by the run that needs the workers.

        `loaded`: what plans and ships is there already, so little would happen while workers start; forks are ready
        before them (`missing`)."""
        try:
            options = parse_line(line, Options())
        except OptionsError:
            return
        if options.explain or options.start == "fork" or options.backend not in ("auto", "processes"):
            return
        if loaded and options.start is None:
            return
        self.expected = True
        prestart(self.pool, options.workers_for("processes"))

    def missing(self, count: int) -> str | None:
        """Why forks had better do the work of `count` workers, if they had: none has been started, which takes ten
        times as long."""
        if self.expected or self.pool.pids() or count > _MOST_FORKED or count * _resident() > _FORKED_MEMORY:
            return None
        return "no worker had been started"

    def shutdown(self) -> None:
        """Stop the workers; the next `pool` is a new one."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
        self.expected = False


def prestart(pool: _native.ProcessPool, count: int, after: float = 0.0, job: Blob | None = None) -> None:
    """Start workers in so many seconds, if they are not there by then, without waiting for them. They prepare for
    `job` in idle time."""
    with contextlib.suppress(OSError, RuntimeError):  # of a pool that has been shut down, too
        if job is not None:
            pool.put(*job)
        pool.prestart(min(count, _MOST_AHEAD), after, job and job[0])


def _resident() -> int:
    """Bytes of memory that this process has in use."""
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
