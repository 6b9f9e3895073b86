"""A kernel's first loop on processes: forks compute it, where that is safe, and workers start when it is over."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from kernel_client import start_client

from paracell.backends import forksafe, machine, processes, weigh
from paracell.backends.auto import Found, Judge
from paracell.backends.workers import Workers
from paracell.run.job import Job

FIRST = "%%parallel processes 2{}\nout = [pow(x, 2) for x in range(40)]"
STARTED = "import paracell\nregion = paracell.last_run().regions[0]\n(out[-1], region.start, region.start_reason)"
CHILDREN = "{child.pid for child in psutil.Process().children()}"
THREAD = "import threading\nstop = threading.Event()\nother = threading.Thread(target=stop.wait)\nother.start()"


@pytest.fixture
def fresh(jupyter_home):
    """A kernel without workers that has had time to import what a parallel cell needs."""
    client = start_client()
    ok(client, "import os, psutil, time, paracell.session, paracell.forked")
    yield client
    client.close()


def ok(client, code):
    ran = client.run(code)
    assert ran.reply["status"] == "ok", ran.reply
    return ran.result if ran.of("execute_result") else None


def test_forks_compute_it_and_workers_are_there_for_the_next(fresh):
    ok(fresh, FIRST.format(""))
    assert ok(fresh, STARTED) == "(1521, 'fork', 'no worker had been started')"
    ok(fresh, f"end = time.monotonic() + 60\nwhile len({CHILDREN}) != 2 and time.monotonic() < end: pass")
    ok(fresh, f"workers = {CHILDREN}")
    ok(fresh, "%%parallel processes 2\nout = [int(os.readlink('/proc/self')) for x in range(40)]")
    assert ok(fresh, "len(workers), set(out) <= workers") == "(2, True)"
    ok(fresh, FIRST.format(""))
    assert ok(fresh, STARTED) == "(1521, 'spawn', None)"


@pytest.mark.parametrize(("before", "option"), [("", " --start spawn"), (THREAD, ""), ("", "9")])
def test_workers_do_where_the_user_says_so_or_a_fork_could_hang_or_many_are_wanted(fresh, before, option):
    ok(fresh, before)
    ok(fresh, FIRST.format(option))
    if before:
        ok(fresh, "stop.set(); other.join()")
    assert ok(fresh, STARTED) == "(1521, 'spawn', None)"


KILLS = """
def slowly(x):
    if x > 8:
        sum(range(2_000_000))
    return x * x
killed = []
class Log(list):
    def note(self, y):
        if len(self) == 3:
            other.start()  # from here on no process can be forked
            killed.append(psutil.Process().children()[-1])
            killed[0].kill()
        self.append(y)
"""


def test_workers_take_over_from_forks_of_which_one_dies_when_no_other_can_be_made(fresh):
    ok(fresh, THREAD.removesuffix("\nother.start()") + KILLS)
    ok(fresh, "%%parallel processes 2\nout = Log()\nfor x in range(40):\n    out.note(slowly(x))")
    ok(fresh, "stop.set(); other.join()")
    assert ok(fresh, "len(killed), killed[0].is_running()") == "(1, False)"
    assert (
        ok(fresh, STARTED.replace("region.start", "region.ran", 1))
        == "(1521, 'processes', 'no worker had been started')"
    )
    assert ok(fresh, "out == [x * x for x in range(40)]") == "True"


def test_a_fork_that_was_asked_for_leaves_no_workers(fresh):
    ok(fresh, FIRST.format(" --start fork"))
    ok(fresh, f"end = time.monotonic() + 60\nwhile {CHILDREN} and time.monotonic() < end: pass")
    assert ok(fresh, CHILDREN) == "set()"


def test_auto_starts_nothing_for_a_first_loop_that_is_over_at_once(fresh):
    ok(fresh, "%%parallel auto 2\nout = [x * x for x in range(400)]")
    assert ok(fresh, f"out[-1], {CHILDREN}") == "(159201, set())"


class Pool:
    """Stands for a pool without workers: how many it was asked for."""

    asked = 0

    def pids(self):
        return []

    def serving(self):
        return 0

    def prestart(self, count):
        self.asked = count


def test_auto_waits_for_workers_where_forks_would_not_do(monkeypatch):
    workers = Workers()
    workers._pool = pool = Pool()
    mine = machine.Machine(workers)
    monkeypatch.setattr(forksafe, "reason", lambda: None)
    assert mine.ready(2, True) and not pool.asked
    monkeypatch.setattr(forksafe, "reason", lambda: "a thread runs")
    assert not mine.ready(2, True) and pool.asked == 2
    monkeypatch.setattr(forksafe, "reason", lambda: None)
    assert not mine.ready(3, True) and pool.asked == 3, "they are on their way"
    workers.expected = False
    assert not mine.ready(2, False) and pool.asked == 2
    workers.expected = False
    assert not mine.ready(64, True) and pool.asked == 64
    mine.shutdown()


def judging(ready):
    judge = Judge.__new__(Judge)
    judge._machine, judge._threads = SimpleNamespace(ready=ready), None
    judge._cell = SimpleNamespace(workers_for=lambda backend: 4)
    judge.region = SimpleNamespace(whole_task=True, inner=False)
    return judge


@pytest.mark.parametrize(("busy", "threads"), [(1.004, 4), (1.25, 3), (2.0, 2)])
def test_auto_has_a_thread_for_each_core_that_the_loop_leaves_free(busy, threads):
    shares = machine.Shares(waiting=0.0, memory=0.0, busy=busy)
    choice = judging(None)._choose(Found(1e-3, 0.1, 100, shares, free=1.0, ship=0.0, broadcast=0.03))
    assert choice is not None and (choice.backend, choice.workers) == ("threads", threads)


def test_auto_leaves_short_loops_here_of_whose_results_nobody_knows_how_many_they_are():
    judge = judging(None)
    judge.region.inner = True
    shares = machine.Shares(waiting=0.0, memory=0.0, busy=1.0)
    rests = {rest: judge._choose(Found(1e-3, rest, 100, shares, 1.0, ship=0.0, broadcast=0.0)) for rest in (0.2, 0.5)}
    assert rests[0.2] is None and rests[0.5] is not None


@pytest.mark.parametrize(("rest", "forks"), [(0.1, True), (0.04, False)])
def test_auto_forks_where_that_pays_and_else_starts_workers_for_what_is_left(rest, forks):
    asked = []
    judge = judging(lambda count, forks: asked.append((count, forks)))
    shares = machine.Shares(waiting=0.0, memory=0.0, busy=1.0)
    judge._choose(Found(rest / 100, rest, 100, shares, free=0.0, ship=0.0, broadcast=0.0))
    assert asked == [(4, forks)]


@pytest.mark.parametrize(("options", "forks"), [({}, False), ({"choice": "processes"}, True)])
def test_large_values_are_sent_the_first_time_but_where_auto_has_reckoned_with_a_fork(monkeypatch, options, forks):
    blob = (b"V1", b"", [memoryview(bytearray(weigh.MUCH))])
    shipment = SimpleNamespace(blobs=[blob], renewed=set(), dropped=[])
    workers = Workers()
    workers.expected = True
    found = []

    def pack(shipper, job, namespace, start, gains):
        found.append(gains(shipment))
        raise InterruptedError  # this is all that it is asked for

    monkeypatch.setattr(processes, "pack", pack)
    backend = processes.Processes({}, workers)
    with pytest.raises(InterruptedError):
        backend.open(Job(lambda items: items, True, "", 1, "", 4, options=options), 2)
    assert found == (["67.1 MB need not be sent"] if forks else [None])
    backend.shutdown()


def test_what_makes_forks_leaves_the_search_path_alone():
    code = "import sys; sys.path.insert(0, ''); before = [*sys.path]; import paracell.forked; print(sys.path == before)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60).stdout == "True\n"
