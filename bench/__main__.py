"""Measure and write down.

usage: python -m bench [--only loops,scaling] [--tiny]

Runs from the root of the tree, in a venv with paracell's release build and the extra `bench`. All measures together
write docs/bench.md, docs/images/bench/ and the part of README.md that is theirs; some of them (--only) and tiny ones
print their tables alone. The exit code is 1 if a measure failed.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from pathlib import Path

from .figures import Result, Scale
from .kernels import kept
from .measures import MEASURES
from .readme import write

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure and write down.")
    parser.add_argument("--only", default="", help=", ".join(MEASURES))
    parser.add_argument("--tiny", action="store_true", help="as little as shows that the measures work")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else list(MEASURES)
    if unknown := [name for name in names if name not in MEASURES]:
        parser.error(f"unknown: {', '.join(unknown)}")
    with kept() if options.tiny else contextlib.nullcontext():
        results = measured(names, Scale(options.tiny))
    if len(results) == len(MEASURES) and not options.tiny:
        write(results, ROOT)
    return int(len(results) < len(names))


def measured(names: list[str], scale: Scale) -> dict[str, Result]:
    """What the measures found, printed as they are done; without those that failed, which say why."""
    results: dict[str, Result] = {}
    for name in names:
        began = time.monotonic()
        try:
            results[name] = MEASURES[name].measure(scale)
        except Exception as problem:
            print(f"{name} failed: {type(problem).__name__}: {problem}", file=sys.stderr, flush=True)
            continue
        print(f"{MEASURES[name].TITLE} ({time.monotonic() - began:.0f} s)\n\n{results[name].table()}\n", flush=True)
    return results


if __name__ == "__main__":
    sys.exit(main())
