"""``paracell.replay()``: the failing iteration on the main thread, in the user's own frames."""

import sys

import pytest

BACKENDS = ["serial", "threads 3", "processes 2"]
PRELUDE = """
import paracell
def inner(x, scale):
    half = x / 2
    if x == 5:
        raise ValueError(x, scale)
    return half * scale
scale = 10
"""
CELLS = {
    "for": "out = []\nfor x in range(9):\n    y = x + 0\n    out.append(inner(y, scale))",
    "parked": "for x in range(9):\n    y = x + 0\n    z = inner(y, scale)",
    "list": "out = [inner(x, scale)\n  for x in range(9)]",
    "dict": "out = {x: inner(x, scale)\n  for x in range(9)}",
    "nested": "out = []\nfor x in range(9):\n    for k in range(2):\n        out.append(inner(x, scale))",
    "guarded": "out = []\nfor x in range(9):\n    try:\n        out.append(inner(x, scale))\n    except OSError: pass",
}


def frames(error):
    found, trace = [], error.__traceback__
    while trace is not None:
        found.append((trace.tb_frame, trace.tb_lineno))
        trace = trace.tb_next
    return found


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", CELLS)
def test_stops_in_the_users_frame_with_its_locals_and_leaves_the_notebook(name, backend, notebook):
    notebook.ok(PRELUDE)
    failed = notebook.run(f"%%parallel {backend}\n" + CELLS[name])
    assert type(failed) is ValueError and "paracell.replay()" in notebook.said
    before = dict(notebook.shell.user_ns)
    out = repr(before.get("out"))
    again = notebook.run("paracell.replay()")
    assert type(again) is ValueError and again.args == (5, 10)
    *_, (cell, line), (last, _) = frames(again)
    assert last.f_code.co_name == "inner" and last.f_locals == {"x": 5, "scale": 10, "half": 2.5}
    text = CELLS[name].splitlines()
    if name not in ("list", "dict") or sys.version_info < (3, 12):  # where it has ended with its error by then
        assert cell.f_locals["x"] == 5
    # The first line of the marked cell is the magic's.
    assert "inner" in text[line - 2] or text[line - 2].startswith("out =")
    own = [f.f_code.co_filename for f, _ in frames(again) if "__tracebackhide__" not in f.f_locals]
    assert not [n for n in own if "paracell/" in n]
    now = {n: v for n, v in notebook.shell.user_ns.items() if n[0] != "_" and n not in ("In", "Out")}
    assert all(v is before[n] for n, v in now.items()) and repr(now.get("out")) == out


@pytest.mark.parametrize("backend", BACKENDS)
def test_returns_the_value_once_it_works_and_other_iterations_too(backend, notebook):
    notebook.ok(PRELUDE)
    notebook.run(f"%%parallel {backend}\n" + CELLS["for"])
    notebook.ok("def inner(x, scale):\n    return x * scale")
    notebook.ok("value, other = paracell.replay(), paracell.replay(2)")
    assert (notebook["value"], notebook["other"]) == (50, 20)
    assert "did not fail this time" in notebook.said
    assert type(notebook.run("paracell.replay(9)")).__name__ == "NotReplayed"


def test_the_random_stream_is_the_one_the_iteration_had(notebook):
    notebook.ok("import paracell, random\nrandom.seed(1)\ndef f(x):\n    r = random.random()\n    if x == 3:\n"
                "        raise ValueError(r)\n    return r")  # fmt: skip
    failed = notebook.run("%%parallel processes 2\nout = [f(x) for x in range(6)]")
    state = notebook["random"].getstate()
    again = notebook.run("paracell.replay()")
    assert again.args == failed.args and notebook["random"].getstate() == state


def test_without_a_stopped_cell_there_is_a_reason(notebook):
    notebook.ok("import paracell")
    assert "no parallel cell has been stopped" in str(notebook.run("paracell.replay()"))


def test_an_error_of_the_commit_part_is_told_apart(notebook):
    notebook.ok(PRELUDE)
    notebook.run("%%parallel serial\nd = {0: 0, 1: 0}\nfor x in range(4):\n    d[x] += inner(x, scale)")
    notebook.ok("value = paracell.replay()")
    assert notebook["value"] == 10.0 and "%debug" in notebook.said


def test_a_worker_that_died_is_not_run_here_unasked(notebook):
    notebook.ok(
        "import os, paracell\ndef f(x):\n"
        "    if x == 3 and os.readlink('/proc/self') != pid:\n        os._exit(3)\n    return x"
    )
    notebook.ok("pid = os.readlink('/proc/self')")
    failed = notebook.run("%%parallel processes 2\nout = [f(x) for x in range(6)]")
    assert type(failed).__name__ == "WorkerDied"
    assert "would end the kernel" in str(notebook.run("paracell.replay()"))
    notebook.ok("value = paracell.replay(3)")
    assert notebook["value"] == 3
    assert "paracell" in sys.modules
