"""Threads of this process, on a native pool: they overlap waiting, and code that releases the GIL."""

from __future__ import annotations

from functools import partial
from types import FunctionType
from typing import Any

from paracell import _native
from paracell.backends.serial import SerialRun
from paracell.line.processors import gil_enabled
from paracell.records import replace
from paracell.run import capture
from paracell.run.events import WARNED
from paracell.run.guard import Guard, guard_of
from paracell.run.job import Job, Run, Task, TaskResult
from paracell.run.ledger import ledger_of
from paracell.run.limit import watch
from paracell.run.processwide import setters
from paracell.run.streams import sure
from paracell.run.task import run_task
from paracell.run.watched import Watched
from paracell.ship.process_settings import processors, use_processors


class Threads:
    """The threads backend; its pool is made by the first run and kept."""

    name = "threads"

    def __init__(self) -> None:
        self._pool: _native.ThreadPool | None = None

    def open(self, job: Job, workers: int) -> Run:
        guard = guard_of(job)
        if sure(job.seed) or setters(job.compute) or guard.moving() or guard.acting():
            # Threads share the state of a source, what is set for the whole process, and how far an iterator has come.
            return SerialRun(job, size=1, ahead=1)
        if job.seed:
            job = replace(job, seed=None)
        if copied := job.options.get("tables"):
            # A table cannot be read in one thread while another writes to it: workers read it as it is now.
            seen = {**job.compute.__globals__, **{name: job.compute.__globals__[name].copy() for name in copied}}
            job = replace(job, compute=FunctionType(job.compute.__code__, seen, "compute"))
        if self._pool is None:
            self._pool = _native.ThreadPool(capture.interrupted)
        return ThreadsRun(self._pool.open(workers, job.total), job, guard)

    def shutdown(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None


class ThreadsRun:
    """One region's tasks on threads. Nothing is copied: items and values are the notebook's own objects."""

    def __init__(self, native: _native.ThreadRun, job: Job, guard: Guard) -> None:
        self._native = native
        self._job = job
        self._gil = gil_enabled()
        self._watched = Watched(guard, ledger_of(job, threads=True))
        self._submitted = self._taken = 0
        self._said: dict[int, list[tuple[str, Any]]] = {}
        self._limited = bool(job.options.get("timeout"))
        if self._limited:
            watch.keep()

    @property
    def counters(self) -> _native.Counters:
        return self._native.counters

    def wanted(self) -> int:
        self.settle()
        return self._native.wanted()

    def settle(self) -> tuple[str, ...]:
        return self._watched.settle()

    def submit(self, task: Task) -> None:
        context = self._watched.submitted(self._submitted, task)
        said = self._said[self._submitted] = []
        live = partial(self._live, self._submitted, said)
        job = self._job if self._gil else _apart(self._job)
        run = partial(context.run, _run_on, processors(), job, task, live)
        self._native.submit(run, len(task.items), task.start)
        self._submitted += 1

    def pending(self) -> int:
        return self._submitted - self._taken

    def _live(self, index: int, said: list[tuple[str, Any]], kind: str, content: Any) -> bool:
        """On the thread that runs the task."""
        said.append((kind, content))
        if index == self._taken and len(said) == 1:
            self._native.poke()
        return True

    def hungry(self, more: bool = True) -> bool:
        return (not self.ready() and bool(self._said.get(self._taken))) or self._native.hungry(more)

    def said(self) -> list[tuple[str, Any]]:
        said = self._said.get(self._taken, [])
        found = said[:]
        del said[: len(found)]
        return found

    def ready(self) -> bool:
        return self._native.ready()

    def next(self) -> TaskResult:
        if (stale := self._watched.stale()) is not None:
            return stale
        at, result, error, seconds = self._native.next()
        if at != self._taken:
            raise KeyboardInterrupt  # an earlier one fell between two steps here, and the result between is lost
        self._said.pop(at, None)
        self._taken += 1
        if error is not None:
            raise error
        result.seconds = seconds
        return self._watched.finished(at, result, self.pending() > 0)

    def missed(self) -> str:
        return self._watched.missed()

    def took(self, first: int) -> None:
        self._watched.took(first)

    @property
    def lost(self) -> list[str]:
        return self._watched.lost

    def cancel(self) -> None:
        self.settle()
        namespace = self._job.compute.__globals__
        warned = WARNED in namespace
        self._native.cancel()
        if not warned:  # then a task that was cut off has, of a file that it had just opened
            namespace.pop(WARNED, None)
        self._watched.dropped(self.pending() > 0)
        self._taken = self._submitted

    def close(self) -> _native.RunStats:
        self.cancel()
        if self._limited:
            self._limited = False
            watch.let_go()
        self._watched.close()
        return self._native.close()


def _run_on(cores: frozenset[int] | None, job: Job, task: Task, live: Any) -> TaskResult:
    """Run a task on the processors of the thread that commits: each thread is told for itself."""
    use_processors(cores)
    return run_task(job, task, live)


def _apart(job: Job) -> Job:
    """The job with a function of its own to call: threads that run without a GIL would count the references to one
    function in turns."""
    return replace(job, compute=FunctionType(job.compute.__code__, job.compute.__globals__, "compute"))
