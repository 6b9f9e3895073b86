"""Cancelling: workers get KeyboardInterrupt, the pool is usable at once, nothing stale arrives."""

import os
import signal
import threading

import pytest


def started(run):
    """Waits until the run's counters say that a task has begun."""
    while run.counters.finished() == 0:
        os.sched_yield()


def test_a_sleeping_task_is_interrupted_and_its_worker_lives(pool):
    worker = pool.call("pid")
    run = pool.open(1)
    pool.submit(run, "items_then_nap", 60)
    pool.submit(run, "echo", "dropped")
    started(run)
    run.cancel()
    assert run.wanted() == 0
    with pytest.raises(RuntimeError):
        run.next()
    run.close()
    assert pool.call("pid") == worker


def test_an_import_is_not_interrupted_in_the_middle(pool, tmp_path):
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(0.3)\nwhole = True")
    worker = pool.call("pid")
    run = pool.open(1)
    pool.submit(run, "imports_then_nap", str(tmp_path))
    started(run)
    run.cancel()
    run.close()
    assert pool.call("imported") is True
    assert pool.call("pid") == worker


def test_a_task_that_does_not_listen_is_killed(pool):
    worker = pool.call("pid")
    run = pool.open(1)
    pool.submit(run, "items_then_deaf")
    started(run)
    run.cancel()
    assert pool.call("pid") != worker


def test_cancel_and_use_again_fifty_times(pool):
    workers = set()
    for index in range(50):
        run = pool.open(2)
        for _ in range(4):
            pool.submit(run, "items_then_nap", 60)
        if index % 2:
            started(run)
        run.cancel()
        run.close()
        workers.add(pool.call("pid"))
        assert pool.map("echo", [index] * 5) == [index] * 5
    assert len(workers) <= 2, "no worker had to be replaced"


def test_only_the_cancelled_run_is_stopped(pool):
    one, two = pool.open(1), pool.open(2)
    pool.submit(one, "items_then_nap", 60)
    started(one)
    pool.submit(two, "nap", 0.05)
    one.cancel()
    assert pool.next(two) is None
    two.close()


def test_a_run_that_is_forgotten_is_stopped(pool):
    run = pool.open(1)
    pool.submit(run, "items_then_nap", 60)
    started(run)
    del run
    assert pool.call("echo", 1) == 1


@pytest.mark.parametrize("thread", ["any", "another"])
def test_an_interrupt_wakes_next(pool, thread):
    run = pool.open(1)
    pool.submit(run, "items_then_nap", 60)

    def interrupt():
        started(run)
        if thread == "any":
            os.kill(os.getpid(), signal.SIGINT)
        else:  # as if it had come just before the wait: it ends no system call of the main thread
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    sender = threading.Thread(target=interrupt)
    sender.start()
    with pytest.raises(KeyboardInterrupt):
        run.next()
    sender.join()
    run.close()


def test_a_stray_interrupt_does_not_disturb_a_worker(pool):
    worker = pool.call("pid")
    run = pool.open(1)
    pool.submit(run, "items_then_nap", 0.2)
    started(run)
    os.kill(worker, signal.SIGINT)
    pool.next(run)
    run.close()
    os.kill(worker, signal.SIGINT)
    assert pool.call("pid") == worker


def test_workers_are_not_in_the_kernels_process_group(pool):
    assert os.getpgid(pool.call("pid")) != os.getpgid(0)
