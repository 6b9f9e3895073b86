"""The thread pool: order, exceptions as values, thread-local values that last, cancel."""

import subprocess
import sys
import threading
import time

import pytest

from paracell import _native


@pytest.fixture
def threads():
    before = threading.active_count()
    pool = _native.ThreadPool(lambda: None)
    yield pool
    pool.shutdown()
    assert threading.active_count() == before


def test_results_come_in_submission_order(threads):
    run = threads.open(2, None)
    run.submit(lambda: time.sleep(0.05), 1)
    for index in range(1, 5):
        run.submit(lambda index=index: index, 1)
    results = [run.next() for _ in range(5)]
    assert [(task, value, error) for task, value, error, _ in results] == [(i, i or None, None) for i in range(5)]
    assert results[0][3] >= 0.05
    with pytest.raises(IndexError):
        run.next()
    assert run.close().tasks == 5


def test_an_exception_is_a_value(threads):
    run = threads.open(1, None)
    run.submit(lambda: 1 / 0, 1)
    _, value, error, _ = run.next()
    assert value is None and isinstance(error, ZeroDivisionError)
    assert error.__traceback__ is not None
    run.close()


def test_threads_run_at_once_and_keep_their_locals(threads):
    run = threads.open(4, None)
    barrier = threading.Barrier(4, timeout=10)
    local = threading.local()

    def visit():
        barrier.wait()
        local.visits = getattr(local, "visits", 0) + 1
        return local.visits

    for _ in range(3):
        for _ in range(4):
            run.submit(visit, 1)
    assert [run.next()[1] for _ in range(12)] == [1] * 4 + [2] * 4 + [3] * 4
    run.close()


def test_finished_items_are_counted(threads):
    run = threads.open(3, None)
    for _ in range(10):
        run.submit(lambda: _native.item_done(4), 4)
    for _ in range(10):
        run.next()
    assert run.counters.finished() == 40
    assert len(run.counters.per_worker()) == 3
    run.close()


def test_cancel_interrupts_what_runs_and_drops_what_waits(threads):
    run = threads.open(2, None)
    began, ran = threading.Event(), []

    def forever():
        began.set()
        while True:
            time.sleep(0.001)

    run.submit(forever, 1)
    run.submit(forever, 1)
    run.submit(lambda: ran.append(1), 1)
    assert began.wait(10)
    run.cancel()
    assert ran == []
    with pytest.raises(RuntimeError):
        run.next()
    again = threads.open(2, None)
    for index in range(50):
        again.submit(lambda index=index: sum(range(1000)) + index, 1)
    results = [again.next() for _ in range(50)]
    assert [error for _, _, error, _ in results] == [None] * 50, "no interrupt reaches a later task"
    again.close()
    run.close()


def test_a_thread_is_tidied_after_an_interrupt_and_only_then():
    tidied, began = [], threading.Event()
    pool = _native.ThreadPool(lambda: tidied.append(threading.get_ident()))
    run = pool.open(1, None)
    run.submit(int, 1)
    run.next()
    run.close()
    assert tidied == []
    run, idents = pool.open(1, None), []

    def forever():
        idents.append(threading.get_ident())
        began.set()
        while True:
            time.sleep(0.001)

    run.submit(forever, 1)
    assert began.wait(10)
    run.close()
    pool.shutdown()
    assert tidied == idents


def test_deep_recursion_has_room(threads):
    run = threads.open(1, None)

    def deep(n):
        return 0 if n == 0 else 1 + deep(n - 1)

    run.submit(lambda: deep(900), 1)
    assert run.next()[1] == 900
    run.close()


AFTER_A_RUN = """
import faulthandler, sys
from paracell import _native
pool = _native.ThreadPool(lambda: None)
run = pool.open(1, None)
run.submit(int, 1)
run.next()
run.close()

def traced():  # as debugpy tries, when it is imported, what a frame's trace function may be
    sys._getframe().f_trace = None
    line = 1
    line = 2

faulthandler.dump_traceback_later(60, exit=True)
sys.settrace(lambda frame, event, argument: None)
try:
    traced()
except TypeError:
    pass
sys.settrace(None)
"""


def test_a_run_leaves_no_exception_that_the_interpreter_looks_for():
    """CPython before 3.13 looks for an exception that was taken back for ever, and loops where a frame has no trace."""
    ran = subprocess.run([sys.executable, "-c", AFTER_A_RUN], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_shutdown_does_not_wait_for_threads_that_an_older_run_holds():
    pool = _native.ThreadPool(lambda: None)
    held = pool.open(1, None)
    pool.open(2, None).close()
    ended = threading.Thread(target=pool.shutdown, daemon=True)
    ended.start()
    ended.join(30)
    assert not ended.is_alive()
    held.close()
