"""What ``%%parallel`` costs where it gains nothing: cells with and without it, in one process, and the worst of them;
what planning costs by the length of a loop; and what the first such cell of a notebook costs.

usage: bench/overhead.py [--repetitions K] [--table]

The promise of `auto` is at most 5% + 2 ms on any cell. Cells run through IPython, without a kernel's messages. Each is
timed by the CPU seconds of its process (so that other load of the machine is not measured) where it stays serial, and
by elapsed seconds where it went elsewhere; the figures are medians of pairs. With --table, every cell of the
differential table is measured too.
"""

from __future__ import annotations

import argparse
import gc
import linecache
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

import shapes

SHARE, GRACE = 0.05, 0.002

PRELUDE = """
import json, math, re, time, zlib
import numpy as np
def f(x):
    return x * x + 1
def g(x):
    total = 0
    for i in range(100):
        total += i ^ x
    return total
words = [f"word{i % 977} and {i}" for i in range(20_000)]
docs = [json.dumps({"id": i, "tags": ["a", "b", str(i)]}) for i in range(10_000)]
arrays = [np.full(200_000, float(i)) for i in range(50)]
table = [{"x": i, "y": i % 7} for i in range(20_000)]
points = np.random.default_rng(1).normal(size=(2_000, 3))
"""
PRELUDE += shapes.PRELUDE


def long_loop(lines: int) -> str:
    """A loop of so many lines, of which nothing is too simple to be looked at."""
    kinds = (
        "    v{n} = f(x) + {n}",
        "    if v{m} > {n}:\n        out.append(str(v{m}))",
        "    d[x, {n}] = math.sqrt(abs(v{m}))",
        "    w{n} = [v{m} + i for i in range(3)]",
    )
    body = ["    v0 = f(x)"]
    while len(body) < lines - 1:
        n = len(body)
        last = max(i for i in range(n) if any(f"    v{i} =" in line for line in body))
        body += kinds[n % 4].format(n=n, m=last).split("\n")
    return "out, d = [], {}\nfor x in range(10):\n" + "\n".join(body[: lines - 1])


CELLS = {
    **{f"list of {n:,}": f"out = [f(x) for x in range({n})]" for n in (10, 1_000, 100_000, 1_000_000)},
    **{f"append, {n:,}": f"out = []\nfor x in range({n}):\n    out.append(f(x))" for n in (10, 1_000, 100_000)},
    "dict": "d = {x: f(x) for x in range(50_000)}",
    "set": "s = {f(x) % 1000 for x in range(50_000)}",
    "sum of a generator": "s = sum(f(x) for x in range(100_000))",
    "map": "out = list(map(f, range(100_000)))",
    "reduction": "s = 0.0\nfor x in range(100_000):\n    s += math.sqrt(f(x))",
    "best so far": "best = -1\nfor x in range(50_000):\n    v = f(x) % 997\n    if v > best:\n        best, arg = v, x",
    "10 µs each": "out = [g(x) for x in range(500)]",
    "counting words": "n = {}\nfor w in words:\n    for p in w.split():\n        n[p] = n.get(p, 0) + 1",
    "regular expression": "out = [m.group(1) for w in words if (m := re.match(r'word(\\d+)', w))]",
    "replacing": "out = [re.sub(r'\\d+', '#', w) for w in words]",
    "json": "out = [json.loads(d) for d in docs]",
    "arrays in and out": "out = [a + 1.0 for a in arrays]",
    "sums of arrays": "out = [float(a.sum()) for a in arrays]",
    "rows": "total = 0\nfor r in table:\n    total += math.hypot(r['x'], r['y'])",
    "distances": "out = [float(np.linalg.norm(points - p, axis=1).min()) for p in points[:200]]",
    "text lines": "lines = []\nfor w in words[:5_000]:\n    lines.append(w.upper().replace(' ', '_'))",
    "five small loops": "\n".join(f"out{i} = [f(x) for x in range(50)]" for i in range(5)),
    "printing": "for x in range(200):\n    print(f(x))",
    "not parallel": "v = 1.0\nfor x in range(100_000):\n    v = math.sin(v) + x",
    "no loop": "a = f(3)\nb = f(a)",
    **{f"a loop of {n} lines": long_loop(n) for n in (20, 100)},
    **shapes.shapes(long_loop),
}

FIRST = """
import time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.history_manager.enabled = False
shell.run_line_magic("load_ext", "paracell")
shell.run_cell("def f(x):\\n    return x + 1")
for line in LINES:
    began = time.process_time()
    shell.run_cell(line + "out = [f(x) for x in range(10)]")
    print((time.process_time() - began) * 1e3)
shell.run_line_magic("unload_ext", "paracell")
"""
"""A notebook of one cell, CPU milliseconds of the cell with each of LINES above it."""


@dataclass
class Figure:
    """Medians in seconds of one cell."""

    name: str
    plain: float
    auto: float
    ran: str

    @property
    def excess(self) -> float:
        """Seconds beyond what is promised; below 0: kept."""
        return self.auto - self.plain * (1 + SHARE) - GRACE

    def row(self) -> str:
        """A row of the Markdown table."""
        mark = "" if self.excess <= 0 else f"**{self.excess * 1e3:.1f} ms over**"
        plain, auto = self.plain * 1e3, self.auto * 1e3
        return f"| {self.name} | {plain:.2f} | {auto:.2f} | {self.auto / self.plain:.2f} | {self.ran} | {mark} |"


class Shell:
    """IPython with paracell, whose output goes nowhere."""

    def __init__(self) -> None:
        self.ip: Any = InteractiveShell.instance(display_pub_class=CapturingDisplayPublisher)
        self.ip.history_manager.enabled = False
        self.ip.run_line_magic("load_ext", "paracell")

    def run(self, cell: str) -> tuple[float, float]:
        """(elapsed, CPU) seconds of the cell; what it prints and raises is dropped."""
        out, sys.stdout = sys.stdout, open("/dev/null", "w")  # noqa: SIM115
        self.ip.showtraceback = lambda *args, **kwargs: None
        try:
            began, cpu = time.perf_counter(), time.process_time()
            self.ip.run_cell(cell)
            return time.perf_counter() - began, time.process_time() - cpu
        finally:
            sys.stdout.close()
            sys.stdout = out
            self.ip.display_pub.outputs.clear()

    def measure(self, name: str, prelude: str, cell: str, repetitions: int) -> Figure:
        """Pairs of the cell without and with its first line, each from the same state."""
        from paracell.report import run as reports

        plain, auto, ran = [], [], set()
        pair = [("", plain), ("%%parallel\n", auto)]
        for _ in range(repetitions):
            pair.reverse()  # memory that every second run of a cell finds again is to favour neither
            for line, times in pair:
                if prelude:
                    self.run(prelude)
                times.append(self.run(line + cell))
            # last_run() would plan what was over before it was planned, and the next cell would clear that away.
            ran |= {region.ran for region in getattr(reports._last, "regions", [])}
        which = 0 if ran - {"serial"} else 1
        medians = [statistics.median(one[which] for one in times) for times in (plain, auto)]
        return Figure(name, *medians, "+".join(sorted(filter(None, ran))) or "-")


def planning() -> None:
    """CPU milliseconds to plan loops of some lengths at once, and to put it off, as `auto` does."""
    import ast

    from paracell.cell import plan_later, plan_tree

    namespace: dict[str, Any] = {"__name__": "__main__"}
    linecache.cache["<prelude>"] = (len(PRELUDE), None, PRELUDE.splitlines(True), "<prelude>")
    exec(compile(PRELUDE, "<prelude>", "exec"), namespace)
    cells = {
        "1 (comprehension)": CELLS["list of 10"],
        "2": CELLS["append, 10"],
        "20": long_loop(20),
        "100": long_loop(100),
    }
    print("\n| lines of the loop | planned at once, ms | put off, ms |\n|---|---|---|")
    for lines, cell in cells.items():
        tree = ast.parse(cell)
        least = []
        for plan in (plan_tree, plan_later):
            times = []
            for _ in range(30):
                began = time.process_time()
                plan(tree, cell, namespace)
                times.append(time.process_time() - began)
            least.append(min(times) * 1e3)
        print(f"| {lines} | {least[0]:.2f} | {least[1]:.2f} |")


def first_cells(repetitions: int) -> None:
    """What a notebook's first cell costs, without a first line and with, and its second one with."""
    costs = []
    for lines in (["", ""], ["%%parallel\n", "%%parallel\n"]):
        code = f"LINES = {lines!r}\n{FIRST}"
        runs = [
            subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            for _ in range(repetitions)
        ]
        costs.append([min(float(run.stdout.split()[at]) for run in runs) for at in (0, 1)])
    print("\n| a notebook's cell | plain, ms | %%parallel, ms |\n|---|---|---|")
    for at, name in enumerate(("first", "second")):
        print(f"| {name} | {costs[0][at]:.2f} | {costs[1][at]:.2f} |")


def table_cells() -> tuple[str, dict[str, str]]:
    """The differential table: (prelude, name -> cell)."""
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "cell"))
    from tabled import PRELUDE as prelude  # type: ignore[import-not-found]
    from tabled import every_row

    return prelude, {row.name: row.text for row in every_row()}


def main() -> int:
    """Print the table; 0 if every promise was kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    shell = Shell()
    shell.run("%%parallel processes\nwarm = [abs(x) for x in range(64)]")
    shell.run(PRELUDE)
    gc.freeze()  # a full collection falls due in one run or another: it is not to look through all of this
    figures = [shell.measure(name, "", cell, asked.repetitions) for name, cell in CELLS.items()]
    print("| cell | plain, ms | %%parallel, ms | ratio | ran | |\n|---|---|---|---|---|---|")
    for figure in figures:
        print(figure.row())
    planning()
    first_cells(asked.repetitions)
    if asked.table:
        prelude, cells = table_cells()
        rows = [shell.measure(name, prelude, cell, 3) for name, cell in cells.items()]
        over = sorted((row for row in rows if row.excess > 0), key=lambda row: -row.excess)
        print(f"\n{len(rows)} cells of the differential table, {len(over)} over; the worst:")
        for row in over[:15]:
            print(row.row())
        figures += rows
    kept = sum(figure.excess <= 0 for figure in figures)
    print(f"\n{kept} of {len(figures)} cells within {SHARE:.0%} + {GRACE * 1e3:.0f} ms")
    shell.run("%unload_ext paracell")
    return 0 if kept == len(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
