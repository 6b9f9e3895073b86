"""After a hundred parallel cells and a shutdown, the machine is as it was before the kernel started."""

import os
import re
import tempfile
from collections import Counter
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import start_new_kernel

CELLS = 100
# Longer than any of this takes: only a deadlock reaches it.
DEADLOCK = 120

SETUP = """
import numpy as np

def heavy(x):
    return np.full(40_000, float(x))
"""

# Small and large values, both backends, an error, an early end, a number of workers that changes.
FORMS = [
    "%%parallel processes 2\nout = [x * x for x in range(50)]",
    "%%parallel processes 2\nout = []\nfor x in range(12):\n    out.append(heavy(x).sum())",
    "%%parallel processes 2\nout = {x: heavy(x) for x in range(6)}",
    "%%parallel threads 3\nout = []\nfor x in range(20):\n    out.append(heavy(x))",
    "%%parallel processes 3\nfor x in range(50):\n    y = 1 / (40 - x)",
    "%%parallel processes 1\nfor x in range(50):\n    if x * x > 100:\n        break",
    "%%parallel processes 2\nfor x in range(5):\n    print(x * x)",
]


def temporary_files():
    """What stands in the folder for temporary files and in that for shared memory."""
    return {path for folder in (tempfile.gettempdir(), "/dev/shm") for path in Path(folder).glob("*")}


def descriptors(pid):
    """What the process has open: paths, sockets, pipes. (The descriptor that lists them is gone when it is read.)"""
    numbers = os.listdir(f"/proc/{pid}/fd")
    links = (f"/proc/{pid}/fd/{number}" for number in numbers)
    return sorted(os.readlink(link) for link in links if os.path.lexists(link))


def held(kernel):
    """What a kernel holds: kinds of descriptors and how many of each, children, threads."""
    # IPython's history opens and closes its files when it likes.
    names = (name for name in descriptors(kernel.pid) if "profile_default" not in name)
    kinds = Counter(re.sub(r"[\d]+", "N", name) for name in names)
    return kinds, len(kernel.children(recursive=True)), kernel.num_threads()


@pytest.fixture(autouse=True)
def own_tempdir(monkeypatch, tmp_path):
    """The kernel makes its temporary files where nobody else does, so that what it leaves can be told from others'."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def run(client, code):
    return client.execute_interactive(
        code, timeout=DEADLOCK, allow_stdin=False, stop_on_error=False, output_hook=lambda message: None
    )["content"]


def test_a_hundred_parallel_cells_leave_nothing_behind():
    # What a client process makes once, with its first kernel, is not the kernel's.
    manager, client = start_new_kernel(kernel_name="paracell", startup_timeout=DEADLOCK)
    client.stop_channels()
    manager.shutdown_kernel()
    ours = psutil.Process()
    files, children, open_here = temporary_files(), ours.children(recursive=True), descriptors(ours.pid)
    manager, client = start_new_kernel(kernel_name="paracell", startup_timeout=DEADLOCK)
    try:
        kernel = psutil.Process(manager.provisioner.pid)
        assert run(client, SETUP)["status"] == "ok"
        for number in range(CELLS):
            form = FORMS[number % len(FORMS)]
            content = run(client, form)
            assert content.get("ename", "") == ("ZeroDivisionError" if "1 /" in form else ""), (form, content)
            if number == len(FORMS) - 1:
                # Every backend and number of workers has been used once; from here on nothing may grow.
                warm = held(kernel)
        assert held(kernel) == warm
        family = [kernel, *kernel.children(recursive=True)]
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    _, alive = psutil.wait_procs(family, timeout=DEADLOCK)
    assert not alive
    assert ours.children(recursive=True) == children
    assert len(descriptors(ours.pid)) <= len(open_here)
    assert temporary_files() - files == set()
