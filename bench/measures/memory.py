"""What a worker process holds for itself, in MB of unique set size (pages that no other process shares): idle, after a
loop with NumPy, and after one that reads 100 MB of the notebook's. The figures are medians and spreads over the
workers. The pool of multiprocessing is forked: what it shares with the kernel is not counted before it is written
to."""

from __future__ import annotations

from ..contenders import SERIAL, contenders
from ..figures import Figure, Result, Scale
from ..kernels import running

TITLE = "Memory of a worker"
STEPS = {
    "idle": "f = abs\nxs = range(200)",
    "with NumPy": "import numpy as np\ndef f(x):\n    return float(np.arange(1000).sum()) + x",
    "reading 100 MB": "big = np.ones(12_500_000)\ndef f(x):\n    return float(big[x::200].sum())",
}


def measure(scale: Scale) -> Result:
    """Every step by contender."""
    workers = scale(8, 2)
    chosen = contenders(scale, SERIAL)
    steps = dict(list(STEPS.items())[:1]) if scale.tiny else STEPS
    held: dict[str, list[Figure]] = {name: [] for name in chosen}
    with running({name: contender.kernel for name, contender in chosen.items()}) as kernels:
        for name, kernel in kernels.items():
            for step in steps.values():
                kernel.run(step)
                # A forked pool knows functions that were there when it was made.
                kernel.run(chosen[name].setup.format(n=workers))
                kernel.run(chosen[name].cell.format(n=workers))
                children = [
                    child for child in kernel.process.children() if child.num_threads() and works(child.cmdline())
                ]
                held[name].append(Figure.of([child.memory_full_info().uss / 1e6 for child in children]))
                if "pool" in chosen[name].setup:
                    kernel.run("pool.terminate()")
    rows = [[name, *(figure.text() for figure in figures)] for name, figures in held.items()]
    ours = held[list(chosen)[-1]]
    summary = [(f"memory of a worker, {step}", f"{figure.text()} MB") for step, figure in zip(steps, ours, strict=True)]
    return Result(["MB", *steps], rows, summary=summary[:2])


def works(command: list[str]) -> bool:
    """Whether a child is a worker: libraries start helpers beside them."""
    return not any("resource_tracker" in word for word in command)
