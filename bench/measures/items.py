"""What one more item costs, in nanoseconds: the time of a loop over 300,000 items whose body is `x + 1`, less that of
one over 100,000, by their difference. Two workers, warm pools. The serial cell's figure is what the body itself
takes."""

from __future__ import annotations

from ..contenders import OURS, contenders
from ..figures import Figure, Result, Scale, costs
from ..kernels import Kernel, in_turns, running

TITLE = "Overhead of an item"
PRELUDE = "def f(x):\n    return x + 1\nfew, many = range({few}), range({many})\nxs = few"


def measure(scale: Scale) -> Result:
    """Marginal costs by contender."""
    few, many = scale(100_000, 100), scale(300_000, 300)
    chosen = contenders(scale)

    def more(name: str, kernel: Kernel) -> float:
        times = []
        for which in ("few", "many"):
            kernel.run(f"xs = {which}")
            times.append(kernel.run(chosen[name].cell.format(n=2)))
        return (times[1] - times[0]) / (many - few)

    with running({name: contender.kernel for name, contender in chosen.items()}) as kernels:
        for name, kernel in kernels.items():
            kernel.run(PRELUDE.format(few=few, many=many))
            kernel.run(chosen[name].setup.format(n=2))
            more(name, kernel)
        found: dict[str, Figure] = in_turns(kernels, more, scale(7, 1))
    rows = [[name, f"{(figure / 1e-9).text()} ns"] for name, figure in found.items()]
    plot = costs("items", "What one more item costs", "ns", {name: one / 1e-9 for name, one in found.items()})
    return Result(["", "an item"], rows, plot, [("one more item, trivial body", f"{(found[OURS] / 1e-9).text()} ns")])
