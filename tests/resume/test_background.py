"""``%%parallel --background``: the cell runs on, later cells wait only where they must."""

import threading

import pytest

PRELUDE = """
import paracell, threading, os, select
read, write = os.pipe()
def go():
    os.write(write, b"1")
def f(x):
    return x * x
def held(x):
    select.select([read], [], [])
    return x
"""
SLOW = "%%parallel threads 2 --background\nout = []\nfor x in range(20):\n    out.append(held(x))\nlast = x"


@pytest.fixture
def notebook(notebook):
    notebook.ok(PRELUDE)
    yield notebook
    notebook["go"]()
    for cell in notebook.shell._paracell.session.backgrounds.cells:
        cell.cancel()
    notebook.shell._paracell.session.backgrounds.cells.clear()
    notebook.ok("os.close(read), os.close(write)")
    assert not [t for t in threading.enumerate() if t.name.startswith("paracell-background")]


@pytest.mark.parametrize("backend", ["serial", "threads 2", "processes 2"])
def test_returns_at_once_and_its_names_are_there_at_the_end(backend, notebook):
    notebook.ok(
        f"%%parallel {backend} --background\nout = []\nfor x in range(20):\n    out.append(f(x))\nn = len(out)\nn"
    )
    notebook.ok("value = paracell.background().result()")
    assert (notebook["value"], notebook["out"]) == (20, [x * x for x in range(20)])
    notebook.ok("items = paracell.background().report.regions[0].items")
    assert notebook["items"] == 20
    assert paracell_state(notebook) == "done"


def paracell_state(notebook):
    return notebook.shell._paracell.session.backgrounds.cells[-1].state


def test_other_cells_run_meanwhile(notebook):
    notebook.ok(SLOW)
    notebook.ok("mine = [f(x_) for x_ in range(3)]\nstate = paracell.background().state")
    assert notebook["state"] == "running" and notebook["mine"] == [0, 1, 4]
    notebook.ok("go()\nparacell.wait()\nboth = out, last")
    assert notebook["both"] == (list(range(20)), 19)


@pytest.mark.parametrize(
    "cell", ["got = list(out)", "def g():\n    return list(out)\ngot = g()", "x = 5", "box.append(1)"]
)
def test_a_cell_that_must_not_meet_it_waits(cell, notebook):
    notebook.ok("out = []\nbox = out")
    notebook.ok(SLOW.replace("out = []\n", ""))
    timer = threading.Timer(0.05, notebook["go"])
    timer.start()
    notebook.ok(cell)
    timer.join()
    assert "Waits for [" in notebook.said
    assert paracell_state(notebook) == "done"
    assert notebook.shell.user_ns.get("got", list(range(20))) == list(range(20))


def test_its_exception_is_shown_below_it_and_raised_on_demand(notebook):
    notebook.ok("def f(x):\n    return 1 / (x - 7)")
    notebook.ok("%%parallel processes 2 --background\nout = []\nfor x in range(20):\n    out.append(f(x))")
    assert type(notebook.run("paracell.background().result()")) is ZeroDivisionError
    assert paracell_state(notebook) == "failed: ZeroDivisionError" and len(notebook["out"]) == 7
    notebook.ok("def f(x):\n    return x")
    notebook.ok("%%parallel processes 2 --resume --background\nout = []\nfor x in range(20):\n    out.append(f(x))")
    notebook.ok("paracell.wait()")
    assert notebook["out"][7:] == list(range(7, 20))


def test_a_cell_that_waited_for_one_that_fails_does_not_run(notebook):
    notebook.ok("def held(x):\n    select.select([read], [], [])\n    return 1 / (x - 3)")
    notebook.ok(SLOW)
    timer = threading.Timer(0.05, notebook["go"])
    timer.start()
    failed = notebook.run("ran = 1\nout")
    assert type(failed).__name__ == "BackgroundFailed" and "ran" not in notebook.shell.user_ns
    assert type(failed.__cause__) is ZeroDivisionError
    notebook.ok("ran = len(out)")
    assert notebook["ran"] == 3


@pytest.mark.parametrize("backend", ["threads 2", "processes 2"])
def test_cancel_keeps_what_is_finished(backend, notebook):
    notebook.ok("done = threading.Event()\ndef f(x):\n    while x >= 5: pass\n    return x")
    notebook.ok(
        f"%%parallel {backend} --background --chunk 1\nout = []\nfor x in range(20):\n    out.append(f(x))\n"
        "    if x == 4:\n        done.set()"
    )
    assert notebook["done"].wait(30)
    notebook.ok("cell = paracell.background()\ncell.cancel()\nstate = cell.state")
    assert notebook["state"] == "cancelled" and notebook["out"] == list(range(5))
    assert type(notebook.run("cell.result()")) is KeyboardInterrupt


def test_plain_code_can_be_cancelled(notebook):
    notebook.ok("%%parallel threads 2 --background\nwhile True:\n    pass\nout = [f(x) for x in range(3)]")
    notebook.ok("paracell.background().cancel()\nstate = paracell.background().state")
    assert notebook["state"] == "cancelled"


@pytest.mark.parametrize("line", ["!ls", "%time 1", "await g()", "input()"])
def test_what_needs_the_notebooks_thread_is_refused(line, notebook):
    failed = notebook.run(f"%%parallel --background\nran = 1\n{line}\nout = [f(x) for x in range(3)]")
    assert type(failed).__name__ == "UsageError" and "line 3" in str(failed) and "ran" not in notebook.shell.user_ns
