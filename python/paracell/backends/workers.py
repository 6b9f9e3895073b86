"""The pool of worker processes. Light to import: workers start while what ships to them is still being loaded."""

from __future__ import annotations

import contextlib
import sys

from paracell import _native
from paracell.line.options import Options, OptionsError, parse_line

_MOST_AHEAD = 4
"""More workers than these are started when it is known how many a loop can use."""


def slower() -> str | None:
    """A note on why values travel in a slower way than through shared memory; None if they do not."""
    trouble = _native.shared_memory_trouble()
    if trouble is None:
        return None
    return (
        f"Shared memory could not be had ({trouble}): large values travel through files or pipes instead, which is "
        "slower. Free memory, or raise the limits of this process (ulimit, container)."
    )


_SERVE = "from paracell.worker import main; raise SystemExit(main())"
"""What a worker's interpreter runs: ``-m`` would load runpy, a twentieth of the time until it is ready."""


class Workers:
    """Makes the native pool when it is first needed, and anew after `shutdown`."""

    def __init__(self) -> None:
        self._pool: _native.ProcessPool | None = None

    @property
    def pool(self) -> _native.ProcessPool:
        if self._pool is None:
            self._pool = _native.ProcessPool([sys.executable, "-c", _SERVE])
        return self._pool

    def expect(self, line: str) -> None:
        """A first cell with this magic line is about to be planned: start what it will probably need, and return at
        once. What goes wrong is reported by the run that needs the workers."""
        try:
            options = parse_line(line, Options())
        except OptionsError:
            return
        if options.explain or options.start == "fork" or options.backend not in ("auto", "processes"):
            return
        with contextlib.suppress(OSError, RuntimeError):
            self.pool.prestart(min(options.workers_for("processes"), _MOST_AHEAD))

    def shutdown(self) -> None:
        """Stop the workers; the next `pool` is a new one."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
