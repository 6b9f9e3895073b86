"""Tasks come back in order, whoever ran them; workers are warm between runs."""

import os
import pickle

import pytest
from told import told


def test_results_come_in_submission_order(pool):
    run = pool.open(2)
    for index in range(4):
        pool.submit(run, "nap" if index == 0 else "echo", 0.05 if index == 0 else index)
    outcomes = [run.next() for _ in range(4)]
    assert [outcome.task for outcome in outcomes] == [0, 1, 2, 3]
    assert [pickle.loads(outcome.payload) for outcome in outcomes] == [None, 1, 2, 3]
    with pytest.raises(IndexError):
        run.next()
    stats = run.close()
    assert (stats.tasks, stats.items, stats.workers) == (4, 4, 2)
    assert stats.seconds >= 0.05


def test_many_tasks(pool):
    assert pool.map("echo", list(range(2000))) == list(range(2000))


def test_workers_stay_between_runs_and_their_number_changes(pool):
    first = pool.call("pid")
    assert pool.call("pid") == first
    run = pool.open(3)
    for _ in range(3):
        pool.submit(run, "nap", 0.05)
    for _ in range(3):
        pool.next(run)
    run.close()
    assert len(pool.native.pids()) == 3
    assert len(set(pool.map("pid_of", [0] * 50, workers=1))) == 1


def test_a_worker_is_told_when_no_task_comes_any_more(pool, tmp_path):
    for _ in range(2):
        with told(tmp_path / "idle") as path:
            pool.call("tell_when_idle", str(path))


def test_workers_that_start_ahead_are_told_of_a_job(pool, tmp_path):
    for workers, after in ((1, 0.0), (2, 0.001)):
        key = bytes([workers])
        with told(tmp_path / str(workers)) as path:
            pool.native.put(key, b"when idle tell " + os.fsencode(path), [])
            pool.native.prestart(workers, after, key)
        assert len(pool.native.pids()) == workers
    with pytest.raises(KeyError):
        pool.native.prestart(2, 0.0, b"another")


def test_a_waiting_task_is_given_to_a_worker_that_is_free(pool):
    run = pool.open(2)
    pool.submit(run, "nap", 0.01)
    pool.submit(run, "nap", 0.01)
    pool.next(run), pool.next(run)
    # Two long tasks and two short ones: whichever worker ends first takes what waits behind the other.
    for seconds in (0.4, 0.01, 0.01, 0.01):
        pool.submit(run, "nap", seconds)
    outcomes = [run.next() for _ in range(4)]
    assert {outcome.pid for outcome in outcomes[1:]} == {outcomes[1].pid}
    assert outcomes[0].pid != outcomes[1].pid


def test_a_job_that_has_run_before_begins_with_tasks_of_some_length(pool):
    first = pool.open(2)
    assert first.wanted() == 1
    pool.submit(first, "echo", 0, items=1000)
    pool.next(first)
    first.close()
    again = pool.open(2)
    assert again.wanted() > 1
    again.close()


def test_two_runs_at_once_share_the_workers(pool):
    one, two = pool.open(2), pool.open(2)
    for index in range(3):
        pool.submit(one, "echo", ("one", index))
        pool.submit(two, "echo", ("two", index))
    assert [pool.next(two) for _ in range(3)] == [("two", 0), ("two", 1), ("two", 2)]
    assert [pool.next(one) for _ in range(3)] == [("one", 0), ("one", 1), ("one", 2)]
    one.close(), two.close()


def test_finished_items_are_counted(pool):
    run = pool.open(2)
    counters = run.counters
    for count in (5, 7, 9):
        pool.submit(run, "items", count, items=count)
    for _ in range(3):
        pool.next(run)
    assert counters.finished() == 21
    run.close()
    again = pool.open(2)
    pool.submit(again, "items", 2, items=2)
    pool.next(again)
    assert (counters.finished(), again.counters.finished()) == (21, 2)
    assert sum(counters.per_worker()) == 21
    again.close()


def test_an_unknown_key_is_an_error(pool):
    with pytest.raises(KeyError, match="nobody"):
        pool.native.open(1, b"nobody", [], None)
