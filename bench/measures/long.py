"""Whether long loops cost what short ones do: the time of an item (two workers choose the sizes of tasks) and of a
task (of one item), both with the body `x + 1`, by the length of the loop; and how far the kernel's memory rises while
it runs, in MB above what it was before. A list of ten million numbers takes 400 MB by itself, serially too."""

from __future__ import annotations

from pathlib import Path

from ..figures import Figure, Result, Scale
from ..kernels import Kernel, opened

TITLE = "Long loops"
SUMS = [100_000, 1_000_000]
LISTS = [100_000, 1_000_000, 10_000_000]
TASKS = [1_000, 10_000, 100_000]
TOTAL = "total = 0\nfor x in range({n}):\n    total += f(x)"
LIST = "out = [f(x) for x in range({n})]"
KINDS = [
    ("items, a sum", "", TOTAL, SUMS, "total == {n} * ({n} + 1) // 2"),
    ("items, a list", "", LIST, LISTS, "out == list(range(1, {n} + 1))"),
    ("tasks, a list", " --chunk 1", LIST, TASKS, "out == list(range(1, {n} + 1))"),
]


class Peak:
    """How far the memory of a kernel rises during a cell, in bytes of its resident set."""

    def __init__(self, kernel: Kernel):
        self.process = kernel.process

    def begin(self) -> None:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        self.before = self.process.memory_info().rss

    def end(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return max(0, int(peak.split()[1]) * 1024 - self.before)


def measure(scale: Scale) -> Result:
    """Every kind of loop and length."""
    rows, summary = [], []
    with opened("paracell") as kernel:
        kernel.run("def f(x):\n    return x + 1")
        kernel.run("%%parallel processes 2\nwarm = [f(x) for x in range(64)]")
        peak = Peak(kernel)
        for name, options, body, lengths, check in KINDS:
            for n in [20, 200] if scale.tiny else lengths:
                times, risen = [], []
                for _ in range(scale.repetitions):
                    kernel.run("out = total = None")
                    peak.begin()
                    seconds = kernel.run(f"%%parallel processes 2{options}\n{body.format(n=n)}")
                    times.append(seconds / n * 1e6)
                    risen.append(peak.end() / 1e6)
                kernel.run(f"assert {check.format(n=n)}")
                each = Figure.of(times).text()
                rows.append([f"{n:,} {name}", f"{each} µs", f"{Figure.of(risen).median:.0f} MB"])
            summary.append((f"each of {n:,} {name}", f"{each} µs"))
    return Result(["", "each", "memory rises by"], rows, summary=summary)
