"""Threads of this process, on a native pool: they overlap waiting, and code that releases the GIL."""

from __future__ import annotations

import contextvars
from dataclasses import replace
from functools import partial
from types import FunctionType
from typing import Any

from paracell import _native
from paracell.backends.serial import SerialRun
from paracell.run.job import Job, Run, Task, TaskResult
from paracell.run.processwide import setters
from paracell.run.streams import sure
from paracell.run.task import run_task


class Threads:
    """The threads backend; its pool is made by the first run and kept."""

    name = "threads"

    def __init__(self) -> None:
        self._pool: _native.ThreadPool | None = None

    def open(self, job: Job, workers: int) -> Run:
        if sure(job.seed) or setters(job.compute):
            # Threads share the state of a source, and what is set for the whole process.
            return SerialRun(job, size=1, ahead=1)
        if job.seed:
            job = replace(job, seed=None)
        if copied := job.options.get("tables"):
            # A table cannot be read in one thread while another writes to it: workers read it as it is now.
            seen = {**job.compute.__globals__, **{name: job.compute.__globals__[name].copy() for name in copied}}
            job = replace(job, compute=FunctionType(job.compute.__code__, seen, "compute"))
        if self._pool is None:
            self._pool = _native.ThreadPool()
        return ThreadsRun(self._pool.open(workers, job.total), job)

    def shutdown(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None


class ThreadsRun:
    """One region's tasks on threads. Nothing is copied: items and values are the notebook's own objects."""

    def __init__(self, native: _native.ThreadRun, job: Job) -> None:
        self._native = native
        self._job = job
        self._submitted = self._taken = 0
        self._said: dict[int, list[tuple[str, Any]]] = {}

    @property
    def counters(self) -> _native.Counters:
        return self._native.counters

    def wanted(self) -> int:
        return self._native.wanted()

    def submit(self, task: Task) -> None:
        # Context variables (a decimal context is one) are those of the cell.
        run = contextvars.copy_context().run
        said = self._said[self._submitted] = []
        live = partial(self._live, self._submitted, said)
        self._native.submit(partial(run, run_task, self._job, task, live), len(task.items), task.start)
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
        at, result, error, seconds = self._native.next()
        if at != self._taken:
            raise KeyboardInterrupt  # an earlier one fell between two steps here, and the result between is lost
        self._said.pop(at, None)
        self._taken += 1
        if error is not None:
            raise error
        result.seconds = seconds
        return result

    def cancel(self) -> None:
        self._native.cancel()

    def close(self) -> _native.RunStats:
        return self._native.close()
