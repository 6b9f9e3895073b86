"""A worker starts with what it needs to unpickle and run tasks: each import is time in every user's first cell."""

import subprocess
import sys

HEAVY = ("IPython", "paracell.cell", "paracell.kernel", "paracell.session", "paracell.run.runtime", "numpy", "asyncio")


def test_a_worker_imports_nothing_of_the_kernels_side():
    code = "import sys, paracell.worker as w; w.Callbacks(); print(*sorted(sys.modules), file=sys.__stdout__)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(ran.stdout.split())
    assert "paracell.run.task" in loaded
    assert not loaded & set(HEAVY)
