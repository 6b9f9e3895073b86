"""A part of the differential table on interpreters: run by a Python that has them, whatever it has else.

usage: rows.py STRIDE      every STRIDE-th cell, every other of them after one iteration here; prints how many ran, and
                           what was not as in the serial cell
"""

from __future__ import annotations

import json
import re
import sys
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cell"))

from oracle import After, Told, compare
from tabled import PRELUDE, Row, every_row

from paracell.backends.interpreters import Interpreters

PACKAGES = re.compile(r"\b(np|numpy|pd|pandas|matplotlib|plt|PIL)\b")
LATER = {"groupby kept", "namedtuple", "namedtuple with methods", "typed dict"}
"""Not right on 3.14 yet, on other backends neither."""
LATER.add("opener of URLs")
"""Has a context of ssl's from Python 3.12 on, if that is loaded, and cannot be sent then."""


def check(row: Row, backend: Interpreters, after: bool) -> None:
    """AssertionError if `row` leaves something else than the serial cell, or is not refused as the table says."""

    def opener(region: Any, job: Any) -> Any:
        backend._namespace = job.compute.__globals__
        return backend.open(job, 2)

    told = Told()
    made = compare(PRELUDE, row.text, After(1, opener, late=False) if after else opener, told)
    for region, kind in zip(made.regions, row.kinds, strict=True):
        refusal = region.refusal
        assert kind in ((refusal.code, refusal.family) if refusal else ("parallel",)), (kind, refusal)
    expected = row.options.get("told", row.options.get("interpreters", row.options.get("processes")))
    said = [*told.reasons, *told.names, *told.changed]
    assert bool(said) == bool(expected) or (after and not said), said  # what is over at once has nothing to say
    assert not said or any(expected.lower() in text.lower() for text in said), said


def main() -> None:
    stride = int(sys.argv[1])
    rows = [row for row in every_row() if not PACKAGES.search(row.text) and "error" not in row.options]
    rows = [row for row in rows[::stride] if row.name not in LATER]
    backend = Interpreters({})
    wrong = {}
    for number, row in enumerate(rows):
        try:
            check(row, backend, after=number % 2 == 1)
        except Exception:
            wrong[row.name] = traceback.format_exc(limit=-2)
    backend.shutdown()
    print(json.dumps([len(rows), wrong]))


if __name__ == "__main__":
    main()
