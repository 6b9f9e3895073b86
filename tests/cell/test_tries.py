"""``--retries`` and ``--timeout`` of a task, wherever it runs."""

from __future__ import annotations

import threading

from oracle import compare

from paracell.run.job import Job, Task
from paracell.run.task import run_task


def tried(compute, items, **options):
    """The result of a comprehension's task with these options."""
    job = Job(compute, True, "cell", 1, "", len(items), options=options)
    return run_task(job, Task(0, 0, items, True))


def changing(failures):
    """Changes each item in place, and fails so often at each."""
    calls = {}

    def compute(items):
        out = []
        for item in items:
            item["n"] += 10
            item["seen"].append(len(calls))
            calls[id(item)] = calls.get(id(item), 0) + 1
            if calls[id(item)] <= failures:
                raise OSError(f"{calls[id(item)]} times")
            out.append((item["n"], len(item["seen"])))
        return out

    return compute


def test_a_try_begins_with_the_item_as_it_was():
    items = [{"n": n, "seen": []} for n in range(3)]
    before = [(item, item["seen"]) for item in items]
    result = tried(changing(2), items, retries=2)
    assert result.error is None and result.values == [(10, 1), (11, 1), (12, 1)]
    assert result.finished == 3
    assert all(item is was and item["seen"] is seen for item, (was, seen) in zip(items, before, strict=True))


def test_without_enough_retries_the_last_exception_counts_and_earlier_values_are_kept():
    def compute(items):
        return [1 // (2 - item) for item in items]

    result = tried(compute, [0, 1, 2, 3], retries=3)
    assert isinstance(result.error, ZeroDivisionError) and (result.values, result.finished) == ([0, 1], 2)


def test_what_cannot_be_had_again_is_not_tried_again():
    tries = []

    def compute(items):
        for item in items:
            tries.append(next(item))
            raise OSError("no")
        return []

    result = tried(compute, [iter(x for x in range(5))], retries=3)
    assert isinstance(result.error, OSError) and tries == [0]
    assert any("not tried again: its item, a generator, cannot be copied" in n for n in result.error.__notes__)


def test_an_interrupt_is_not_tried_again():
    tries = []

    def compute(items):
        tries.append(1)
        raise KeyboardInterrupt

    result = tried(compute, [1], retries=5)
    assert isinstance(result.error, KeyboardInterrupt)
    assert tries == [1]


def test_time_is_each_iterations_own_and_nothing_is_left_of_it():
    wait = threading.Event().wait

    def compute(items):
        return [wait(item) for item in items]

    for run in (lambda: tried(compute, [0.5] * 3, timeout=1.2), lambda: tried(compute, [0, 2, 0], timeout=0.8)):
        results = []
        thread = threading.Thread(target=lambda run=run, results=results: results.append(run()))
        thread.start()
        mine = run()
        if mine.error is None:
            assert mine.values == [False] * 3
        else:
            assert str(mine.error) == "iteration 1 (item 2) took longer than 0.8 s (--timeout)"
            assert (type(mine.error), mine.values) == (TimeoutError, [False])
        thread.join()
        # A thread in a call that does not return is told afterwards.
        assert results[0].finished == mine.finished and isinstance(results[0].error, type(mine.error))


def test_threads_of_a_run_start_none_for_their_time_limit(opener_on, monkeypatch):
    """One that starts another one, and is interrupted meanwhile, may wait for ever (before Python 3.12)."""
    started = []
    start = threading.Thread.start

    def noted(self):
        started.append((self.name, threading.current_thread() is threading.main_thread()))
        start(self)

    monkeypatch.setattr(threading.Thread, "start", noted)
    opener = opener_on("threads 2")

    def limited(region, job):
        job.options["timeout"] = 30.0
        return opener(region, job)

    compare("def f(x):\n    return x * 2", "out = [f(x) for x in range(20)]", limited)
    assert ("paracell-limit", True) in started and not any(not main for _, main in started)
    for thread in threading.enumerate():
        if thread.name == "paracell-limit":
            thread.join(30)  # with the run it ends
            assert not thread.is_alive()
