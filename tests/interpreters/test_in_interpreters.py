"""``%%parallel interpreters`` on the Pythons that have subinterpreters: 3.13 and 3.14, found here or fetched."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_client import Client, start_client

HERE = Path(__file__).parent
HEAVY = "def f(x):\n    s = 0\n    for i in range(2_000):\n        s += i ^ x\n    return s"


def test_cells_of_the_table_leave_what_the_serial_cells_leave(other, environment):
    ran = subprocess.run([other, str(HERE / "rows.py"), "5"], env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    count, wrong = json.loads(ran.stdout.splitlines()[-1])
    assert count > 100 and wrong == {}, "".join(wrong.values())


@pytest.fixture
def kernel(
    other: str, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Client]:
    """A kernel of that Python, and a client of this one."""
    folder = tmp_path / "jupyter" / "kernels" / "paracell"
    folder.mkdir(parents=True)
    argv = [other, "-m", "paracell", "-f", "{connection_file}"]
    shown = {"argv": argv, "display_name": "other", "language": "python", "env": environment}
    (folder / "kernel.json").write_text(json.dumps(shown))
    monkeypatch.setenv("JUPYTER_PATH", str(folder.parent.parent))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    client = start_client()
    client.run("import paracell\n" + HEAVY)
    yield client
    client.close()


def ok(ran):
    assert ran.reply["status"] == "ok", ran.reply
    return ran


def notes(ran):
    return " ".join(d["data"]["text/plain"] for d in ran.of("display_data"))


def test_a_session(kernel):
    """In one kernel, what a notebook does: each takes seconds to start on a busy machine."""
    cell = "out = []\nfor x in range(50):\n    y = f(x)\n    print('item', x)\n    out.append(y)\n(sum(out), x, y)"
    plain = ok(kernel.run(cell))
    ran = ok(kernel.run(f"%%parallel interpreters 2\n{cell}"))
    assert (ran.result, ran.text()) == (plain.result, plain.text())
    assert ok(kernel.run("r = paracell.last_run().regions[0]; r.ran, r.items, r.workers")).result == repr(
        ("interpreters", 50, 2)
    )

    ok(
        kernel.run(
            "class P:\n    def __init__(self, x):\n        if x == 7: raise ValueError('seven')\n        self.x = x"
        )
    )
    ran = kernel.run("%%parallel interpreters 2\nout = []\nfor x in range(20):\n    out.append(P(x))")
    assert (ran.reply["ename"], ran.reply["evalue"]) == ("ValueError", "seven")
    assert "raise ValueError('seven')" in _plain("\n".join(ran.reply["traceback"]))
    assert ok(kernel.run("len(out), x, {type(p) is P for p in out}")).result == "(7, 7, {True})"

    _what_cannot_run_there(kernel)
    _an_interrupt_stops_python_code(kernel)
    _the_notebook_may_fork(kernel)


def _what_cannot_run_there(kernel):
    """An extension module built on pyo3, as the kernel's own is: here a copy of it, under a name of its own."""
    ok(
        kernel.run(
            "import shutil, sys, tempfile, paracell._native\nfolder = tempfile.mkdtemp()\nsys.path.insert(0, folder)\n"
            "shutil.copy(paracell._native.__file__, folder + '/_native.abi3.so')\nimport _native as fast"
        )
    )
    ran = kernel.run("%%parallel interpreters 2\nprint('begins')\nout = [(fast.__version__, f(x)) for x in range(4)]")
    assert ran.reply["ename"] == "ShipError" and "Use %%parallel processes" in ran.reply["evalue"]
    assert "_native cannot be loaded in a subinterpreter" in ran.reply["evalue"]
    # Seen only when an iteration asks for it, and makes do without.
    ok(
        kernel.run(
            "def ask(x):\n    try:\n        fast = __import__('_native')\n"
            "    except ImportError:\n        return 'without'\n    return fast.__version__, x"
        )
    )
    ran = ok(kernel.run("%%parallel interpreters 2\nout = [ask(x) for x in range(4)]"))
    assert "runs serially as it stands: _native cannot be loaded in a subinterpreter" in notes(ran)
    assert ok(kernel.run("out == [ask(x) for x in range(4)], 'without' in out")).result == "(True, False)"
    # What belongs to the process: seen in the text, and not.
    ok(kernel.run("import os, contextlib\ndef go(x):\n    with contextlib.chdir('/'):\n        return os.getcwd()"))
    ran = ok(kernel.run("%%parallel interpreters 2\nout = [go(x) for x in range(4)]\nout, os.getcwd() != '/'"))
    assert ran.result == "(['/', '/', '/', '/'], True)" and "Use processes" in notes(ran)
    ok(
        kernel.run(
            "here, go = os.getcwd(), [getattr(os, 'ch' + 'dir')]\n"
            "def move(x):\n    go[0]('/tmp')\n    return os.getcwd()"
        )
    )
    ran = ok(kernel.run("%%parallel interpreters 2\nout = [move(x) for x in range(4)]"))
    assert "os.chdir() acts on the whole process" in notes(ran)
    assert ok(kernel.run("os.chdir(here); out")).result == "['/tmp', '/tmp', '/tmp', '/tmp']"


def _an_interrupt_stops_python_code(kernel):
    ok(kernel.run("def stuck(x):\n    print('begun', x)\n    while x == 3:\n        pass\n    return x"))
    request = kernel.start(
        "%%parallel interpreters 2 --chunk 1\nout = []\nfor x in range(50):\n    out.append(stuck(x))"
    )
    kernel.wait_text(request, "begun 3")
    kernel.manager.interrupt_kernel()
    assert kernel.finish(request).reply["ename"] == "KeyboardInterrupt"
    assert ok(kernel.run("out")).result == "[0, 1, 2]"
    ok(kernel.run("%%parallel interpreters 2\nout = [f(x) for x in range(20)]"))
    assert ok(kernel.run("out == [f(x) for x in range(20)]")).result == "True"


def _the_notebook_may_fork(kernel):
    """A child of a process with subinterpreters would crash."""
    assert "hello" in ok(kernel.run("!echo hello")).text()
    fork = "import os\nchild = os.fork()\nif not child: os._exit(3)\nos.waitstatus_to_exitcode(os.waitpid(child, 0)[1])"
    assert ok(kernel.run(fork)).result == "3"
    ok(kernel.run("%%parallel interpreters 2\nout = [f(x) + 1 for x in range(20)]"))
    assert ok(kernel.run("out == [f(x) + 1 for x in range(20)], paracell.last_run().regions[0].ran")).result == (
        "(True, 'interpreters')"
    )


def _plain(text):
    import re

    return re.sub(r"\x1b\[[0-9;]*m", "", text)
