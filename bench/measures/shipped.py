"""How many bytes go to and from two workers, in MB: counted, not timed. Values that the body reads are sent only if
workers do not have them as they are now: forked ones have what the notebook has, others what they were sent before.
Beside it, what pickles of the same items, values and results would be: what a pool ships that sends everything with
every call.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..figures import Result, Scale, number
from ..kernels import opened

TITLE = "Bytes shipped"


@dataclass(frozen=True)
class Cell:
    """A loop `out = [{body} for x in xs]`; `read`: what the body reads, or nothing."""

    title: str
    prelude: str
    body: str
    read: str = "()"


CELLS = [
    Cell("100,000 numbers in and out", "xs = list(range({n} // 10))", "x + 1"),
    Cell("40 arrays of 1 MB in and out", "xs = [np.full({n} // 8, float(i)) for i in range(40)]", "x + 1.0"),
    Cell("40 tasks that read 80 MB", "xs = range(40)\nbig = np.ones({n} * 10)", "float(big[x::40].sum())", "big"),
]
COUNTED = "(lambda r: (r.bytes_in + r.bytes_read, r.bytes_out))(__import__('paracell').last_run().regions[0])"


def measure(scale: Scale) -> Result:
    """Every cell, three times."""
    size = scale(1_000_000, 1_000)
    rows = []
    with opened("paracell") as kernel:
        kernel.run("import pickle\nimport numpy as np")
        for cell in CELLS[:1] if scale.tiny else CELLS:
            kernel.run(cell.prelude.format(n=size))
            sent = []
            for _ in range(3):
                kernel.run(f"%%parallel processes 2\nout = [{cell.body} for x in xs]")
                sent.append(kernel.value(COUNTED))
            first, second, third = sent
            items, results, read = (kernel.value(f"len(pickle.dumps({v}, 5))") for v in ("list(xs)", "out", cell.read))
            counts = [*first, second[0], third[0], items + read, results]
            rows.append([cell.title, *(number(count / 1e6) for count in counts)])
    return Result(["MB", "sent", "back", "sent a second time", "a third time", "pickles: sent", "back"], rows)
