"""Compare random cells with and without their first line, on every backend, for some minutes.

usage: bench/random_cells.py [--minutes N] [--seed S] [--backend NAME]

Prints the smallest cell that it finds for each failure as a row for tests/cell/table, and goes on with another seed.
The exit code is 1 if there were any. Needs what the tests need.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "cell"))

from grammar import BACKENDS, CELLS, PRELUDE
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from oracle import Told, compare

from conftest import Warm

SECONDS_FOR_A_CELL = 30
SECONDS_TO_SHRINK = 40


class Search:
    """Counts cells, and remembers the smallest failing one."""

    def __init__(self, until: float, backends: list[str]) -> None:
        self.until = until
        self.backends = backends
        self.warm = Warm()
        self.cells = 0
        self.found = 0.0
        self.smallest: tuple[str, str, str, list[str]] | None = None

    def run(self, number: int) -> None:
        """Cells of one seed, until one fails and is made smaller."""
        self.smallest = None

        @seed(number)
        @settings(
            max_examples=300,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )
        @given(cell=CELLS, backend=st.sampled_from(self.backends))
        def compared(cell: str, backend: str) -> None:
            self.compare(cell, backend)

        try:
            compared()
        except Exception as error:  # a failure that does not come again (threads) raises Hypothesis' own
            if self.smallest is None:
                raise
            self.show(type(error).__name__)

    def compare(self, cell: str, backend: str) -> None:
        now = time.monotonic()
        if now > (self.until if self.smallest is None else self.found + SECONDS_TO_SHRINK):
            return
        self.cells += 1
        told = Told()
        signal.alarm(SECONDS_FOR_A_CELL)
        try:
            compare(PRELUDE, cell, self.warm.opener(backend), told)
        except BaseException as error:
            if self.smallest is None:
                self.found = now
            if self.smallest is None or len(cell) <= len(self.smallest[0]):
                self.smallest = cell, backend, f"{type(error).__name__}: {error}"[:700], told.reasons
            if isinstance(error, TimeoutError):
                self.warm = Warm()
            raise
        finally:
            signal.alarm(0)

    def show(self, how: str) -> None:
        assert self.smallest is not None
        cell, backend, error, reasons = self.smallest
        print(f"## found ({how}) -> parallel; open: {backend}\n{cell}\n")
        print("\n".join(f"# {line}" for line in [error.split("\nassert ")[0], *reasons]), end="\n\n", flush=True)


def too_long(*signal: Any) -> None:
    raise TimeoutError("the cell does not end")


def main() -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(description="Compare random cells on every backend.")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--backend", action="append", help="one of: " + ", ".join(BACKENDS))
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, too_long)
    search = Search(time.monotonic() + options.minutes * 60, options.backend or BACKENDS)
    number, found = options.seed, 0
    while time.monotonic() < search.until:
        search.run(number)
        found += search.smallest is not None
        number += 1
    print(f"# {search.cells} cells, {found} failures, seeds {options.seed} to {number - 1}")
    search.warm.shutdown()
    return min(found, 1)


if __name__ == "__main__":
    sys.exit(main())
