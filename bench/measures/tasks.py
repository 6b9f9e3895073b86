"""What one more task costs, in microseconds: the time of a loop of 6,000 tasks of one trivial item each (`--chunk 1`,
a chunk size of 1, a batch size of 1), less that of one of 1,000, by their difference; and how much of it is CPU time
of the kernel's process. Two workers, warm pools. Left alone, a task holds 20 ms of work."""

from __future__ import annotations

from ..contenders import OURS, SERIAL, contenders
from ..figures import Figure, Result, Scale, costs
from ..kernels import Kernel, in_turns, running

TITLE = "Overhead of a task"
PRELUDE = "def f(x):\n    return x + 1\nxs = range(100)"


def measure(scale: Scale) -> Result:
    """Marginal costs by contender."""
    few, many = scale(1_000, 10), scale(6_000, 60)
    chosen = contenders(scale, SERIAL)
    cpu: dict[str, list[float]] = {name: [] for name in chosen}

    def more(name: str, kernel: Kernel) -> float:
        times = []
        for count in (few, many):
            kernel.run(f"xs = range({count})")
            times.append(kernel.cpu(chosen[name].single.format(n=2)))
        (elapsed, busy), (longer, busier) = times
        cpu[name].append((busier - busy) / (many - few))
        return (longer - elapsed) / (many - few)

    with running({name: contender.kernel for name, contender in chosen.items()}) as kernels:
        for name, kernel in kernels.items():
            kernel.run(PRELUDE)
            kernel.run(chosen[name].setup.format(n=2))
            kernel.run(chosen[name].single.format(n=2))
        found = in_turns(kernels, more, scale.repetitions)
    rows = [
        [name, f"{(figure / 1e-6).text()} µs", f"{(Figure.of(cpu[name]) / 1e-6).text()} µs"]
        for name, figure in found.items()
    ]
    summary = [("one more task", f"{(found[OURS] / 1e-6).text()} µs")]
    plot = costs("tasks", "What one more task costs", "µs", {name: one / 1e-6 for name, one in found.items()})
    return Result(["", "a task", "of it CPU time here"], rows, plot, summary)
