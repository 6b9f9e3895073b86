"""Runs rows of the table in forks of this process, which has no other threads: ``in_forks.py EVERY``. Prints a line for
each that does not mean the same."""

from __future__ import annotations

import json
import sys
from typing import Any

from oracle import Told, compare, in_two_parts
from tabled import PRELUDE, Row, every_row

from paracell.backends.processes import Processes
from paracell.run import hashseed

PROCESSES = Processes({})
WITH_THE_FORK = ["cannot be sent", "event_loop_policy"]
WITH_THE_FORK += [
    f"the {one}" for one in ("encoding", "error handler", "module", "lines", "attribute", "notebook finds")
]
"""What is said of workers that did not get it in any other way."""


def opened(region: Any, job: Any) -> Any:
    PROCESSES._namespace = job.compute.__globals__
    job.options["start"] = "fork"
    return PROCESSES.open(job, 2)


def check(row: Row) -> None:
    told = Told()
    if "error" in row.options:
        _, got = in_two_parts(PRELUDE, row.text, opened, told)
        assert got["error"][1] == "ShipError" and row.options["error"] in got["error"][2], got["error"]
    else:
        compare(PRELUDE, row.text, opened, told)
    found = [*told.reasons, *told.names, *told.changed]
    expected = row.options.get("told", row.options.get("processes"))
    there = expected is not None and any(word in expected for word in WITH_THE_FORK)
    assert bool(found) == bool(expected) or (not found and there), (expected, found)


if __name__ == "__main__":
    sys.stdout = sys.stderr  # what a row's objects print when they go, long after it
    salted = hashseed.salted()
    rows = [row for row in every_row() if not (salted and "seed" in row.options)]
    rows = rows[:: int(sys.argv[1])]
    for row in rows:
        try:
            check(row)
        except BaseException as error:
            print(json.dumps([row.name, f"{type(error).__name__}: {error}"[:2000]]), file=sys.__stdout__)
    PROCESSES.shutdown()
    print(json.dumps(len(rows)), file=sys.__stdout__)
