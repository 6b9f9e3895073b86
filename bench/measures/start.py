"""How long a pool takes to start, in milliseconds: the first parallel cell of a new kernel, over as many trivial items
as it has workers, from request to reply. The cell imports the library and makes the pool. Pools of multiprocessing are
forks of the kernel; the others start interpreters."""

from __future__ import annotations

from ..contenders import OURS, SERIAL, contenders
from ..figures import Figure, Result, Scale
from ..kernels import opened

TITLE = "Start of a pool"


def measure(scale: Scale) -> Result:
    """First cells by contender and number of workers."""
    chosen = contenders(scale, SERIAL)
    sizes = [2] if scale.tiny else [2, 8]
    times: dict[tuple[str, int], list[float]] = {(name, n): [] for name in chosen for n in sizes}
    for _ in range(scale.repetitions):
        for (name, n), of_one in times.items():
            with opened(chosen[name].kernel) as kernel:
                kernel.run(f"def f(x):\n    return x + 1\nxs = range({n})")
                of_one.append(kernel.run(chosen[name].cold.format(n=n)) * 1e3)
    found = {key: Figure.of(samples) for key, samples in times.items()}
    rows = [[name, *(f"{found[name, n].text()} ms" for n in sizes)] for name in chosen]
    summary = [(f"the first cell with its pool of {n} workers", f"{found[OURS, n].text()} ms") for n in sizes]
    return Result(["", *(f"{n} workers" for n in sizes)], rows, summary=summary)
