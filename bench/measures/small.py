"""How long a cell of two trivial items takes, in milliseconds, from request to reply: what a loop pays that was not
worth running in parallel. Warm pools of two workers; the serial cell's figure is the kernel's own round trip."""

from __future__ import annotations

from ..contenders import OURS, contenders
from ..figures import Result, Scale, number
from ..kernels import in_turns, running

TITLE = "A cell of two items"


def measure(scale: Scale) -> Result:
    """Round trips by contender."""
    chosen = contenders(scale)
    with running({name: contender.kernel for name, contender in chosen.items()}) as kernels:
        for name, kernel in kernels.items():
            kernel.run("def f(x):\n    return x + 1\nxs = range(2)")
            kernel.run(chosen[name].setup.format(n=2))
            kernel.run(chosen[name].cell.format(n=2))
        found = in_turns(kernels, lambda name, k: k.run(chosen[name].cell.format(n=2)) * 1e3, scale(50, 2))
    rows = [
        [name, *(number(figure.percentile(share), figure.median) for share in (0.5, 0.9, 0.99))]
        for name, figure in found.items()
    ]
    return Result(["ms", "p50", "p90", "p99"], rows, summary=[("a cell of two items", f"{found[OURS].text()} ms")])
