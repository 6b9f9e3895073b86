"""After an interrupt nothing computes any more: worker processes and threads of the kernel take no processor time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from same import INSIDE

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
ENDLESS = {"python": "while True: pass", "library": "sum(range(10**12))"}
"""Work that nothing but its end or an interrupt stops; that of a library, not even an interrupt that Python sees."""
ROUNDS = 60
"""So often it is looked whether they have come to rest: each takes the notebook's thread some tenths of a second."""


def ticks(pid: int) -> dict[tuple[int, int], int]:
    """Processor time of each thread of the kernel and of all that it has started, but for the notebook's own."""
    found, waiting = {}, [pid]
    while waiting:
        process = waiting.pop()
        for task in Path(f"/proc/{process}/task").glob("*"):
            try:
                fields = (task / "stat").read_text().rpartition(")")[2].split()
                waiting += map(int, (task / "children").read_text().split())
            except OSError:
                continue  # it has just ended
            if int(task.name) != pid:
                found[process, int(task.name)] = int(fields[11]) + int(fields[12])
    return found


def spent_since(before: dict[tuple[int, int], int], pid: int) -> int:
    return sum(now - before.get(thread, 0) for thread, now in ticks(pid).items())


def work_of_a_round(kernel, pid: int) -> int:
    """Processor time of the others while the notebook's thread computes for a while."""
    before = ticks(pid)
    assert kernel.run("for i in range(5_000_000): pass").reply["status"] == "ok"
    return spent_since(before, pid)


@pytest.mark.parametrize(
    ("backend", "work"),
    [("processes 2", "python"), ("processes 2", "library"), ("threads 2", "python"), *((b, "python") for b in INSIDE)],
)
def test_an_interrupt_leaves_nothing_at_work(kernel, backend, work):
    pid = int(kernel.run("import os; os.getpid()").result)
    request = kernel.start(
        f"%%parallel {backend}\nout = []\nfor x in range(100):\n"
        f"    print('going')\n    {ENDLESS[work]}\n    out.append(abs(x))"
    )
    kernel.wait_text(request, "going")
    before = ticks(pid)
    while spent_since(before, pid) < 2:
        pass
    kernel.manager.interrupt_kernel()
    assert kernel.finish(request).reply["ename"] == "KeyboardInterrupt"
    assert kernel.run("out").result == "[]"
    rounds = (work_of_a_round(kernel, pid) for _ in range(ROUNDS))
    assert next((spent for spent in rounds if spent <= 1), None) is not None
    after = kernel.run(f"%%parallel {backend}\nafter = [pow(i, 2) for i in range(20)]")
    assert after.reply["status"] == "ok" and kernel.run("sum(after)").result == "2470"
