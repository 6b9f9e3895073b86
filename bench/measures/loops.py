"""Ordinary loops: how many times as fast as the serial cell of the same run they are with each library, on as many
workers as there are processors (waiting: 32 threads). The serial cell is in milliseconds. Pools are warm."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..contenders import OURS, POOL, SERIAL, Contender, contenders, ours
from ..figures import Figure, Result, Scale
from ..kernels import in_turns, running

TITLE = "Loops beside other libraries"
THREADS = 32


@dataclass(frozen=True)
class Load:
    """A function, its items, and what must hold of `out` when the loop is done."""

    title: str
    prelude: str
    check: str
    waits: bool = False
    """Whether threads are measured, and not processes."""


def spin(steps: int, items: int) -> str:
    """`items` items that take so many steps each."""
    body = "    total = 0\n    for i in range({steps} + x % 3):\n        total += i ^ x\n    return total\n"
    return f"def f(x):\n{body.format(steps=steps)}xs = list(range({items}))"


SPUN = "out[5] == f(5) and len(out) == len(xs)"

LOADS = [
    Load("20,000 x 10 µs", spin(250, 20_000), SPUN),
    Load("1,000 x 1 ms", spin(25_000, 1_000), SPUN),
    Load("60 x 20 ms", spin(500_000, 60), SPUN),
    Load(
        "1,000 uneven (1 in 100 takes half the time)",
        "def f(x):\n    return sum(range(1_500_000 if x % 97 == 0 else 10_000))\nxs = list(range(1_000))",
        SPUN,
    ),
    Load(
        "40 arrays of 4 MB in and out, 9 ms each",
        "import numpy as np\ndef f(a):\n    return np.sin(a) + np.cos(a)\n"
        "xs = [np.full(500_000, float(i)) for i in range(40)]",
        "all(np.array_equal(o, f(x)) for o, x in zip(out, xs))",
    ),
    Load(
        "64 tasks on one array of 200 MB",
        "import numpy as np\nbig = np.ones(25_000_000)\nxs = list(range(64))\n"
        "def f(i):\n    return float(np.sqrt(big[i::64]).sum())",
        "sum(out) == 25_000_000.0",
    ),
    Load(
        "320 x 5 ms of waiting",
        "import time\ndef f(x):\n    time.sleep(0.005)\n    return x\nxs = list(range(320))",
        "out == xs",
        waits=True,
    ),
]
TINY = [Load("20 x 10 µs", spin(250, 20), SPUN)]

THREADED = {
    "ThreadPoolExecutor": Contender(
        "python3",
        "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor({n})",
        "out = list(pool.map(f, xs))",
    ),
    "paracell threads": Contender(
        "paracell", "%%parallel threads {n}\nwarm = [abs(x) for x in range(64)]", ours("threads {n}")
    ),
}
PROCESSES = "paracell processes"


def of(load: Load, scale: Scale) -> dict[str, Figure]:
    """Seconds of the loop by contender."""
    all_of_them = contenders(scale)
    all_of_them[PROCESSES] = all_of_them.pop(OURS)
    chosen = {SERIAL: all_of_them[SERIAL], **THREADED} if load.waits else all_of_them
    workers = THREADS if load.waits else len(os.sched_getaffinity(0))
    with running({name: contender.kernel for name, contender in chosen.items()}) as kernels:
        for name, kernel in kernels.items():
            kernel.run(load.prelude)
            kernel.run(chosen[name].setup.format(n=workers))
        times = in_turns(kernels, lambda name, k: k.run(chosen[name].cell.format(n=workers)), scale.repetitions)
        for kernel in kernels.values():
            kernel.run(f"assert {load.check}")
    return times


def measure(scale: Scale) -> Result:
    """Every load with every contender."""
    found = {load.title: of(load, scale) for load in (TINY if scale.tiny else LOADS)}
    names = list(dict.fromkeys(name for times in found.values() for name in times))
    names.sort(key=[SERIAL, POOL, "joblib", "ThreadPoolExecutor", PROCESSES, "paracell threads"].index)
    rows = []
    for title, times in found.items():
        serial = times[SERIAL]
        row = [title, (serial / 1e-3).text().replace(" ±", " ms ±")]
        for name in names[1:]:
            row.append(f"{serial.median / times[name].median:.2f}x" if name in times else "")
        rows.append(row)
    return Result(["loop", *names], rows)
