"""What the scheduler costs as workers become many: CPU time of the kernel's process for a task, in microseconds, with
1 to 256 worker processes that sleep instead of computing, so that the scheduler is measured and not the processors.
Tasks of one item come and go at the same rate (3,000 a second) for every number of workers: the time for a task must
not grow with it. Beside it: the share of the elapsed time that the sleeping alone takes."""

from __future__ import annotations

import psutil

from ..figures import Figure, Line, Plot, Result, Scale, number
from ..kernels import opened

TITLE = "A simulated pool of many workers"
WORKERS = [1, 2, 4, 8, 16, 32, 64, 128, 256]
RATE = 3_000
"""Tasks a second that all workers together take."""
MEMORY = 40e6
"""Bytes for each worker that must be available, twice what one holds."""


def measure(scale: Scale) -> Result:
    """Every number of workers for which there is memory, in one kernel."""
    most = max(2, int(psutil.virtual_memory().available / MEMORY))
    sizes = [n for n in (WORKERS[:2] if scale.tiny else WORKERS) if n <= most]
    tasks = scale(3_000, 20)
    costs: dict[int, Figure] = {}
    shares: dict[int, Figure] = {}
    with opened("paracell") as kernel:
        kernel.run("import time\ndef f(x):\n    time.sleep(seconds)\n    return x")
        for n in sizes:
            kernel.run("seconds = 0.0")
            kernel.run(f"%%parallel processes {n} --chunk 1\nwarm = [f(x) for x in range({8 * n})]")
            kernel.run(f"seconds = {n / RATE}")
            cell = f"%%parallel processes {n} --chunk 1\nout = [f(x) for x in range({tasks})]"
            runs = [kernel.cpu(cell) for _ in range(scale.repetitions)]
            costs[n] = Figure.of([cpu / tasks * 1e6 for _, cpu in runs])
            shares[n] = Figure.of([tasks / RATE / elapsed for elapsed, _ in runs])
            kernel.run(f"assert out == list(range({tasks}))")
    rows = [[str(n), costs[n].text(), f"{shares[n].median:.0%}"] for n in sizes]
    line = Line(
        "paracell",
        sizes,
        [cost.median for cost in costs.values()],
        [cost.percentile(0.25) for cost in costs.values()],
        [cost.percentile(0.75) for cost in costs.values()],
    )
    plot = Plot(
        "scaling",
        "The scheduler's cost of a task must not grow with the workers",
        "workers (they sleep)",
        "CPU time of the kernel for a task, µs",
        [line],
        log_x=True,
        floor=0,
    )
    ends = [f"{number(costs[n].median)} µs with {n}" for n in (sizes[0], sizes[-1])]
    summary = [("the kernel's CPU time for a task by workers", ", ".join(ends))]
    return Result(["workers", "µs a task", "sleeping"], rows, plot, summary)
