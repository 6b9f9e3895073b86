"""A part of the differential table on interpreters: run by a Python that has them, whatever it has else.

usage: rows.py STRIDE      every STRIDE-th cell; prints how many ran, and what was not as in the serial cell
"""

from __future__ import annotations

import json
import re
import sys
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cell"))

from oracle import Told, compare
from tabled import PRELUDE, Row, every_row

from paracell.backends.interpreters import Interpreters

PACKAGES = re.compile(r"\b(np|numpy|pd|pandas|matplotlib|plt)\b")
LATER = {
    *("groupby kept", "namedtuple", "namedtuple with methods", "typed dict"),
    "warnings whose filters each iteration changes for a while",
}
"""Not right on 3.14 yet, on other backends neither."""


def check(row: Row, backend: Interpreters) -> None:
    """AssertionError if `row` leaves something else than the serial cell, or is not refused as the table says."""

    def opener(region: Any, job: Any) -> Any:
        backend._namespace = job.compute.__globals__
        return backend.open(job, 2)

    told = Told()
    made = compare(PRELUDE, row.text, opener, told)
    for region, kind in zip(made.regions, row.kinds, strict=True):
        refusal = region.refusal
        assert kind in ((refusal.code, refusal.family) if refusal else ("parallel",)), (kind, refusal)
    expected = row.options.get("told", row.options.get("interpreters", row.options.get("processes")))
    said = [*told.reasons, *told.names, *told.changed]
    assert bool(said) == bool(expected), said
    assert not said or any(expected.lower() in text.lower() for text in said), said


def main() -> None:
    stride = int(sys.argv[1])
    rows = [row for row in every_row() if not PACKAGES.search(row.text) and not {"error", "open"} & set(row.options)]
    rows = [row for row in rows[::stride] if row.name not in LATER]
    backend = Interpreters({})
    wrong = {}
    for row in rows:
        try:
            check(row, backend)
        except Exception:
            wrong[row.name] = traceback.format_exc(limit=-2)
    backend.shutdown()
    print(json.dumps([len(rows), wrong]))


if __name__ == "__main__":
    main()
