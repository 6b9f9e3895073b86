"""How each library runs ``out = [f(x) for x in xs]`` on worker processes."""

from __future__ import annotations

from dataclasses import dataclass

from .figures import Scale

OURS, SERIAL, POOL, JOBLIB = "paracell", "serial", "multiprocessing.Pool", "joblib"


@dataclass(frozen=True)
class Contender:
    """Cells for one library; `{n}`: how many workers."""

    kernel: str
    setup: str
    """Runs once, after `f` and `xs` are defined: makes a warm pool."""
    cell: str
    single: str = ""
    """The cell with one item in each task."""
    cold: str = ""
    """Makes the pool and runs the loop."""


def ours(line: str) -> str:
    return f"%%parallel {line}\nout = [f(x) for x in xs]"


def parallel(more: str = "") -> str:
    return f"out = Parallel(n_jobs={{n}}{more})(delayed(f)(x) for x in xs)"


CONTENDERS = {
    SERIAL: Contender("python3", "", "out = [f(x) for x in xs]"),
    POOL: Contender(
        "python3",
        "import multiprocessing\npool = multiprocessing.get_context('fork').Pool({n})\npool.map(abs, range(8))",
        "out = pool.map(f, xs)",
        "out = pool.map(f, xs, 1)",
        "import multiprocessing\npool = multiprocessing.get_context('fork').Pool({n})\nout = pool.map(f, xs)",
    ),
    JOBLIB: Contender(
        "python3",
        "from joblib import Parallel, delayed\nParallel(n_jobs={n})(delayed(abs)(x) for x in range(8))",
        parallel(),
        parallel(", batch_size=1"),
        "from joblib import Parallel, delayed\n" + parallel(),
    ),
    OURS: Contender(
        "paracell",
        "%%parallel processes {n}\nwarm = [abs(x) for x in range(64)]",
        ours("processes {n}"),
        ours("processes {n} --chunk 1"),
        ours("processes {n}"),
    ),
}


def contenders(scale: Scale, *without: str) -> dict[str, Contender]:
    """Those that are measured; the last one is ours."""
    left_out = {*without, *([JOBLIB] if scale.tiny else [])}
    return {name: contender for name, contender in CONTENDERS.items() if name not in left_out}
