"""A day of a notebook in some minutes: many executes of every kind, and whether the kernel is then as it was.

usage: bench/soak.py [--n EXECUTES] [--seed S] [--history]

Prints a table of what the kernel holds while it runs, and whether it is flat: threads, descriptors, children and
segments of shared memory are the same in the end as in the beginning, and memory grows by no more than BOUND bytes an
execute over the second half. The exit code is 1 if it is not. With --history every cell is kept in IPython's history
(`In`, `_i7`), which grows by itself: without it, what grows is ours. Needs what the tests need.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "clients"))

from soaking import Held, Soak, columns

BOUND = 20
"""Bytes of memory that an execute may cost for good."""
SAMPLES = 20


def slope(samples: list[Held], name: str) -> float:
    """By how much `name` grows with each execute: a least-squares line."""
    xs, ys = [s.executes for s in samples], [getattr(s, name) for s in samples]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    squares = sum((x - mean_x) ** 2 for x in xs)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / squares


def row(held: Held) -> str:
    values = {name: f"{getattr(held, name):,}" for name in columns()}
    values["memory"] = f"{held.memory / 2**20:.1f} MB"
    return "  ".join(f"{value:>12}" for value in values.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=100_000, help="executes (default 100,000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--history", action="store_true", help="keep cells in IPython's history")
    options = parser.parse_args()
    soak = Soak(options.seed, options.history)
    try:
        soak.warm_up()
        start = time.monotonic()
        print("  ".join(f"{name:>12}" for name in columns()))
        samples = [soak.held()]
        print(row(samples[0]), flush=True)
        for _ in range(SAMPLES):
            soak.run(options.n // SAMPLES)
            samples.append(soak.settled(samples[0]))
            print(row(samples[-1]), flush=True)
        seconds = time.monotonic() - start
    finally:
        soak.close()
    print(f"\n{samples[-1].executes:,} executes in {seconds:.0f} s; asked for: {dict(soak.asked)}")
    growth = slope(samples[SAMPLES // 2 :], "memory")
    objects = slope(samples[SAMPLES // 2 :], "objects")
    changed = {n: (c, samples[-1].counts()[n]) for n, c in samples[0].counts().items() if samples[-1].counts()[n] > c}
    flat = growth <= BOUND and not changed
    print(f"memory: {growth:.1f} bytes an execute, objects: {objects:.4f} an execute (second half); grown: {changed}")
    print("flat" if flat else "NOT flat")
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
