"""From how long an iteration on a loop gains: times as fast as the serial cell of the same run, on as many workers as
there are processors, against the time of one iteration. Each loop takes about 0.3 s serially; pools are warm."""

from __future__ import annotations

import os

from ..contenders import SERIAL, contenders
from ..figures import Line, Plot, Result, Scale
from ..kernels import in_turns, running

TITLE = "Speed-up against the time of an iteration"
WORK = 0.3
"""Seconds of each loop."""
TIMES = {"10 µs": 1e-5, "30 µs": 3e-5, "100 µs": 1e-4, "1 ms": 1e-3, "5 ms": 5e-3, "20 ms": 2e-2}
PRELUDE = """
import time
def f(steps):
    total = 0
    for i in range(steps):
        total += i ^ 7
    return total
def steps_in(seconds):
    began = time.perf_counter()
    f(1_000_000)
    return max(1, round(seconds / (time.perf_counter() - began) * 1_000_000))
"""


def measure(scale: Scale) -> Result:
    """Every iteration time with every contender."""
    workers = len(os.sched_getaffinity(0))
    chosen = contenders(scale)
    wanted = dict(list(TIMES.items())[:1]) if scale.tiny else TIMES
    speedups: dict[str, list[tuple[float, float, float]]] = {name: [] for name in chosen if name != SERIAL}
    with running({name: contender.kernel for name, contender in chosen.items()}) as kernels:
        for name, kernel in kernels.items():
            kernel.run(PRELUDE)
            kernel.run(chosen[name].setup.format(n=workers))
        second = min(kernels[SERIAL].value("steps_in(1.0)") for _ in range(3))
        for seconds in wanted.values():
            count = max(8, round((WORK if not scale.tiny else 1e-3) / seconds))
            for kernel in kernels.values():
                kernel.run(f"xs = [{round(second * seconds)}] * {count}")
            times = in_turns(kernels, lambda name, k: k.run(chosen[name].cell.format(n=workers)), scale.repetitions)
            serial = times[SERIAL].median
            for name, of_one in speedups.items():
                low, high = (serial / times[name].percentile(share) for share in (0.75, 0.25))
                of_one.append((serial / times[name].median, low, high))
    rows = [[label, *(f"{of_one[at][0]:.2f}x" for of_one in speedups.values())] for at, label in enumerate(wanted)]
    milliseconds = [seconds * 1e3 for seconds in wanted.values()]
    lines = [Line(name, milliseconds, *zip(*of_one, strict=True)) for name, of_one in speedups.items()]
    plot = Plot(
        "grain",
        f"Speed-up on {workers} workers",
        "time of an iteration, ms",
        "times as fast as the serial cell",
        lines,
        log_x=True,
        floor=0,
    )
    return Result(["iteration", *speedups], rows, plot)
