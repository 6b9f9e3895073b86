"""Options of the line, ``paracell.replay()`` and background cells in the kernels of others."""

from __future__ import annotations

import pytest

WAITS = """
gate = str(folder / "gate")
def waits(x):
    while not os.path.exists(gate):
        pass
    return x * x
"""
LOOP = "out = []\nfor x in range(8):\n    out.append({f}(x))\nlen(out)"
SETUP = """
import os, pathlib, tempfile
def good(x):
    return x * x
def bad(x):
    return 1 // (5 - x) * 0 + x * x
folder = pathlib.Path(tempfile.mkdtemp())
def flaky(x):
    place = folder / str(x)
    place.mkdir(exist_ok=True)
    tries = len(list(place.iterdir()))
    (place / str(tries)).touch()
    if x == 3 and not tries:
        raise OSError("once")
    return x * x
def stuck(x):
    while x == 5:
        pass
    return x * x
"""
WANT = repr([x * x for x in range(8)])
BACKENDS = ["threads 2", "processes 2"]


def ok(ran):
    assert ran.reply["status"] == "ok", ran.reply
    return ran


def error(ran, name, text):
    assert ran.reply["status"] == "error" and name in ran.reply["ename"] and text in ran.reply["evalue"], ran.reply
    return ran


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_stopped_cell_goes_on_and_its_failing_iteration_is_run_again(theirs, backend):
    ok(theirs.run(SETUP))
    error(theirs.run(f"%%parallel {backend}\n{LOOP.format(f='bad')}"), "ZeroDivisionError", "")
    assert ok(theirs.run("out, x")).result == repr(([x * x for x in range(5)], 5))
    error(theirs.run("paracell.replay()"), "ZeroDivisionError", "")
    assert ok(theirs.run(f"%%parallel {backend} --resume\n{LOOP.format(f='good')}")).result == "8"
    assert ok(theirs.run("out")).result == WANT
    error(theirs.run(f"%%parallel {backend} --resume\n{LOOP.format(f='good')}"), "NotResumed", "ran to its end")


@pytest.mark.parametrize("backend", BACKENDS)
def test_cells_in_the_background(theirs, backend):
    ok(theirs.run(f"{SETUP}{WAITS}"))
    begun = ok(theirs.run(f"%%parallel {backend} --background\n{LOOP.format(f='waits')}"))
    assert begun.of("execute_result") == []
    assert ok(theirs.run("paracell.background().state")).result == "'running'"
    ok(theirs.run("open(gate, 'w').close()"))
    assert ok(theirs.run("paracell.background().result()")).result == "8"
    assert ok(theirs.run("out")).result == WANT
    ok(theirs.run(f"%%parallel {backend} --background\n{LOOP.format(f='bad')}"))
    error(theirs.run("paracell.wait()"), "ZeroDivisionError", "")


@pytest.mark.parametrize("backend", BACKENDS)
def test_tries_limits_and_checks(theirs, backend):
    ok(theirs.run(SETUP))
    ok(theirs.run(f"%%parallel {backend} --retries 1\n{LOOP.format(f='flaky')}"))
    assert ok(theirs.run("out, len(list(folder.glob('3/*')))")).result == f"({WANT}, 2)"
    error(theirs.run(f"%%parallel {backend} --timeout 0.5\n{LOOP.format(f='stuck')}"), "TimeoutError", "iteration 5")
    assert ok(theirs.run("out")).result == repr([x * x for x in range(5)])
    ok(theirs.run(f"%%parallel {backend} --check 3\n{LOOP.format(f='good')}"))
    assert ok(theirs.run("paracell.last_run().regions[0].checked")).result == "3"
    ok(theirs.run("main = os.readlink('/proc/thread-self')"))
    ok(theirs.run("def other(x):\n    return x, os.readlink('/proc/thread-self') == main"))
    error(theirs.run(f"%%parallel {backend} --check 8\n{LOOP.format(f='other')}"), "CheckFailed", "(0, False) from a")
