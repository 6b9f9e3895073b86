"""Measure the same loops with paracell and its peers, in real kernels, and print a Markdown table of ratios.

usage: bench/run.py [--workers N] [--repetitions K] [--loads small,waiting] [--contenders serial,joblib]

A cell is timed from execute_request to execute_reply, as its user waits for it. Pools are warm: each contender has run
a small loop before. Every figure is "times as fast as the serial cell" of the same run, from the medians; times of
two machines, or of two runs, cannot be compared. Each result is checked.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time

from jupyter_client.manager import start_new_kernel

from loads import CONTENDERS, LOADS, Contender, Load

THREADS_FOR_WAITING = 32


class Kernel:
    """A kernel that runs cells and says how long the client waited. A context manager."""

    def __init__(self, name: str):
        self.manager, self.client = start_new_kernel(kernel_name=name, startup_timeout=120, stderr=subprocess.DEVNULL)

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *exception: object) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel()

    def run(self, code: str) -> float:
        """Seconds from request to reply; RuntimeError with the kernel's error if the cell failed."""
        start = time.perf_counter()
        reply = self.client.execute_interactive(code, timeout=300, allow_stdin=False, output_hook=lambda message: None)
        seconds = time.perf_counter() - start
        content = reply["content"]
        if content["status"] != "ok":
            raise RuntimeError(f"{content.get('ename')}: {content.get('evalue')}")
        return seconds


def measure(load: Load, contender: Contender, workers: int, repetitions: int) -> float:
    """The median time of the contender's cell in seconds, in a kernel of its own."""
    with Kernel(contender.kernel) as kernel:
        kernel.run(load.prelude)
        if contender.setup:
            kernel.run(contender.setup.format(n=workers))
        times = [kernel.run(contender.cell.format(n=workers)) for _ in range(repetitions)]
        kernel.run(f"assert {load.check}")
    return statistics.median(times)


def table(times: dict[str, dict[str, float | None]], loads: list[str], contenders: list[str]) -> str:
    """A Markdown table: one line a load, one column a contender; serial in milliseconds, the others as ratios to it."""
    rows = ["| loop | " + " | ".join(contenders) + " |", "|---|" + "---:|" * len(contenders)]
    for load in loads:
        serial = times[load].get("serial")
        cells = []
        for contender in contenders:
            seconds = times[load].get(contender, -1.0)
            if seconds is None:
                cells.append("failed")
            elif seconds < 0:
                cells.append("")
            elif contender == "serial" or serial is None:
                cells.append(f"{seconds * 1e3:,.0f} ms")
            else:
                cells.append(f"{serial / seconds:.2f}x")
        rows.append(f"| {LOADS[load].title} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def main() -> int:
    cores = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=cores)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--loads", default=",".join(LOADS))
    parser.add_argument("--contenders", default=",".join(CONTENDERS))
    arguments = parser.parse_args()
    loads, contenders = arguments.loads.split(","), arguments.contenders.split(",")
    if unknown := [name for name in loads if name not in LOADS] + [
        name for name in contenders if name not in CONTENDERS
    ]:
        parser.error(f"unknown: {', '.join(unknown)}")

    times: dict[str, dict[str, float | None]] = {load: {} for load in loads}
    for load in loads:
        for name in contenders:
            contender = CONTENDERS[name]
            if load == "waiting" and name != "serial" and not contender.waits_only:
                continue
            if load != "waiting" and contender.waits_only:
                continue
            workers = THREADS_FOR_WAITING if load == "waiting" else arguments.workers
            try:
                seconds = times[load][name] = measure(LOADS[load], contender, workers, arguments.repetitions)
                print(f"{load:10s} {name:22s} {seconds * 1e3:9.1f} ms", file=sys.stderr, flush=True)
            except RuntimeError as problem:
                times[load][name] = None
                print(f"{load:10s} {name:22s} failed: {problem}", file=sys.stderr, flush=True)
    print(f"\nTimes as fast as the serial cell; Python {platform.python_version()}, {cores} cores, ", end="")
    print(f"{arguments.workers} workers ({THREADS_FOR_WAITING} threads for waiting), warm pools:\n")
    print(table(times, loads, contenders))
    return int(any(seconds is None for row in times.values() for seconds in row.values()))


if __name__ == "__main__":
    sys.exit(main())
