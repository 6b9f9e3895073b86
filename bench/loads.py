"""The loops that bench/run.py measures, and how each contender writes them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """A function, its items, and what must hold of `out` when the loop is done."""

    title: str
    prelude: str
    check: str


@dataclass(frozen=True)
class Contender:
    """How one library runs the loop `out = [f(x) for x in xs]`: `setup` once, `cell` timed; `{n}`: how many workers."""

    kernel: str
    setup: str
    cell: str
    waits_only: bool = False
    """Whether it is measured only where the loop waits (threads cannot compute in parallel under the GIL)."""


SPIN = """
def f(x):
    total = 0
    for i in range({steps} + x % 3):
        total += i ^ x
    return total
"""


def spin(steps: int, items: int) -> str:
    return SPIN.format(steps=steps) + f"xs = list(range({items}))"


SPUN = "out[5] == f(5) and len(out) == len(xs)"

LOADS = {
    "small": Load("20,000 x 10 µs", spin(250, 20_000), SPUN),
    "medium": Load("1,000 x 1 ms", spin(25_000, 1_000), SPUN),
    "large": Load("60 x 20 ms", spin(500_000, 60), SPUN),
    "uneven": Load(
        "1,000 uneven (1 in 100 takes half the time)",
        "def f(x):\n    return sum(range(1_500_000 if x % 97 == 0 else 10_000))\nxs = list(range(1_000))",
        SPUN,
    ),
    "arrays": Load(
        "40 arrays of 4 MB in and out, 9 ms each",
        "import numpy as np\ndef f(a):\n    return np.sin(a) + np.cos(a)\n"
        "xs = [np.full(500_000, float(i)) for i in range(40)]",
        "all(np.array_equal(o, f(x)) for o, x in zip(out, xs))",
    ),
    "broadcast": Load(
        "64 tasks on one array of 200 MB",
        "import numpy as np\nbig = np.ones(25_000_000)\nxs = list(range(64))\n"
        "def f(i):\n    return float(np.sqrt(big[i::64]).sum())",
        "sum(out) == 25_000_000.0",
    ),
    "waiting": Load(
        "640 x 5 ms of waiting",
        "import time\ndef f(x):\n    time.sleep(0.005)\n    return x\nxs = list(range(640))",
        "out == xs",
    ),
}

WARM_UP = "%%parallel {backend} {{n}}\nwarm = [abs(x) for x in range(64)]"
OURS = "%%parallel {backend} {{n}}\nout = [f(x) for x in xs]"

CONTENDERS = {
    "serial": Contender("python3", "", "out = [f(x) for x in xs]"),
    "multiprocessing.Pool": Contender(
        "python3",
        "import multiprocessing\npool = multiprocessing.get_context('fork').Pool({n})\npool.map(abs, range(8))",
        "out = pool.map(f, xs)",
    ),
    "joblib": Contender(
        "python3",
        "from joblib import Parallel, delayed\nParallel(n_jobs={n})(delayed(abs)(x) for x in range(8))",
        "out = Parallel(n_jobs={n})(delayed(f)(x) for x in xs)",
    ),
    "ThreadPoolExecutor": Contender(
        "python3",
        "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor({n})",
        "out = list(pool.map(f, xs))",
        waits_only=True,
    ),
    "paracell processes": Contender("paracell", WARM_UP.format(backend="processes"), OURS.format(backend="processes")),
    "paracell threads": Contender(
        "paracell", WARM_UP.format(backend="threads"), OURS.format(backend="threads"), waits_only=True
    ),
}
