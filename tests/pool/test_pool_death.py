"""Workers that die: when, how, and what the pool says. Nothing hangs, nothing is lost, the pool stays usable."""

import os
import pickle
import signal
import subprocess
import sys
import textwrap

import pytest
from conftest_pool import SCRIPT, is_alive

# (when, call, signal, exit code, finished)
MATRIX = [
    ("during a task", ("killed",), signal.SIGKILL, None, 0),
    ("during a task", ("segfault",), signal.SIGSEGV, None, 0),
    ("during a task", ("exits",), None, 3, 0),
    ("during a task, some items done", ("items", 5, "killed"), signal.SIGKILL, None, 5),
    ("during a task, some items done", ("items", 2, "exits"), None, 3, 2),
    ("a callback raises", ("raises",), None, 70, 0),
    ("a task closes the pool's descriptors", ("closes",), signal.SIGKILL, None, 0),
    ("while its result is packed", ("echo_unpicklable",), None, 70, 0),
]


@pytest.mark.parametrize(("when", "call", "number", "code", "finished"), MATRIX)
def test_death_is_an_outcome_in_order(pool, capfd, when, call, number, code, finished):
    run = pool.open(2)
    pool.submit(run, "echo", "before")
    pool.submit(run, *call, items=9)
    for index in range(2):
        pool.submit(run, "echo", index)
    assert pool.next(run) == "before"
    died = run.next()
    assert (died.task, died.status, died.signal, died.exit_code) == (1, "died", number, code)
    assert died.finished == finished and died.pid > 0 and died.peak_memory > 1_000_000
    assert run.counters.finished() == 0, "a lost task's items do not count"
    assert [pool.next(run) for _ in range(2)] == [0, 1], "tasks that waited there are not lost"
    run.close()
    assert pool.call("echo", "after", workers=2) == "after"


@pytest.mark.parametrize(("payload", "number", "code"), [(b"die", signal.SIGKILL, None), (b"raise", None, 70)])
def test_death_while_defining_is_the_task_that_needed_it(pool, capfd, payload, number, code):
    pool.native.put(b"bad", payload, [])
    run = pool.open(1, [b"bad"])
    pool.submit(run, "echo", 1)
    died = run.next()
    assert (died.status, died.signal, died.exit_code) == ("died", number, code)
    run.close()
    assert pool.call("echo", 2) == 2


def test_death_between_tasks_is_made_good(pool):
    run = pool.open(1)
    pool.submit(run, "pid")
    first = pool.next(run)
    os.kill(first, signal.SIGKILL)
    pool.submit(run, "pid")
    assert pool.next(run) != first
    run.close()


def test_a_task_that_died_runs_again_under_its_index(pool, tmp_path):
    run = pool.open(2)
    marker = tmp_path / "marker"
    pool.submit(run, "dies_once", str(marker), buffers=[bytearray(b"x" * 100_000)])
    pool.submit(run, "echo", "next")
    assert run.next().status == "died"
    assert run.again(0)
    outcome = run.next()
    assert (outcome.task, outcome.status) == (0, "done")
    assert pickle.loads(outcome.payload) == (b"x", 100_000), "with its bytes as they were"
    assert pool.next(run) == "next"
    assert not run.again(1)
    run.close()


def test_a_worker_that_cannot_start_is_an_error(make_pool):
    pool = make_pool("--dies")
    run = pool.open(2)
    pool.submit(run, "echo", 1)
    with pytest.raises(OSError, match=r"exit code 5.*--dies"):
        run.next()
    run.close()


def test_a_command_that_does_not_exist_is_an_error(make_pool):
    from paracell import _native

    native = _native.ProcessPool(["/nowhere/python"])
    native.put(b"job", b"", [])
    run = native.open(1, b"job", [], None)
    run.submit(b"", [], 1)
    with pytest.raises(FileNotFoundError, match="/nowhere/python"):
        run.next()
    run.close()
    native.shutdown()


KERNEL = """
import os, sys, signal, pickle
from paracell import _native
pool = _native.ProcessPool([sys.executable, sys.argv[1]])
pool.put(b"job", b"", [])
run = pool.open(2, b"job", [], None)
for _ in range(2):
    run.submit(pickle.dumps(("pid",)), [], 1)
pids = [pickle.loads(run.next().payload) for _ in range(2)]
run.submit(pickle.dumps(("nap", 60)), [], 1)
print(*pool.pids(), flush=True)
{end}
"""


def wait_gone(pids):
    for pid in pids:
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        import select

        select.select([fd], [], [], 10)
        os.close(fd)
        assert not is_alive(pid)


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGKILL)", "sys.exit(0)", "os._exit(0)"])
def test_no_worker_outlives_the_kernel(end):
    code = textwrap.dedent(KERNEL).format(end=end)
    done = subprocess.run([sys.executable, "-c", code, SCRIPT], capture_output=True, text=True, timeout=30, check=False)
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 2, done.stderr
    wait_gone(pids)


def test_a_forked_child_leaves_the_workers_alone(pool):
    worker = pool.call("pid")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            pool.native.open(1, b"job", [], None)
        except RuntimeError as error:
            code = 0 if "forked" in str(error) else 2
        pool.native.shutdown()
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert pool.call("pid") == worker
