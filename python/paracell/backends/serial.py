"""The same two parts in one thread: the oracle for every other backend.

Iterations are computed one by one, each right before it is committed. What is hidden from the plan may still show: its
compute part runs ahead of its own commit part. So what it reads is watched, as on threads."""

from __future__ import annotations

import time
from collections import deque
from functools import cached_property
from typing import Any

from paracell.records import field, record

from ..run.guard import Guard
from ..run.holdings import MOST
from ..run.job import Job, Task, TaskResult
from ..run.ledger import ledger_of
from ..run.task import run_task
from ..run.watched import Watched


class Serial:
    """Run each task when its result is asked for. `size`: items of a task (None: one, unless nothing is committed
    between them); `ahead`: tasks submitted ahead."""

    name = "serial"

    def __init__(self, size: int | None = None, ahead: int = 1):
        self.size = size
        self.ahead = ahead

    def open(self, job: Job, workers: int = 1) -> SerialRun:
        return SerialRun(job, self.size, self.ahead)

    def shutdown(self) -> None:
        """Nothing is kept."""


_MOST_SPANS = 4096
_MOST_ITEMS = 64
_BRIEF = 0.02
"""Seconds of a task that nobody notices."""


@record
class Counted:
    """What this thread did, as the native pools tell of their workers (``RunStats`` and its ``Recorded``)."""

    origin: float
    tasks: int = 0
    items: int = 0
    seconds: float = 0.0
    bytes_in: int = 0
    bytes_out: int = 0
    workers: int = 1
    rows: list[tuple[int, int, int, int, float, float, float]] = field(default_factory=list)

    @property
    def timeline(self) -> Counted:
        return self

    def spans(self) -> list[tuple[int, int, int, int, float, float, float]]:
        """(worker, first iteration, iterations, tasks, begun, ended, busy), seconds from the start."""
        return self.rows

    def note(self, first: int, items: int, begun: float, seconds: float) -> None:
        """A task has run."""
        self.tasks, self.items, self.seconds = self.tasks + 1, self.items + items, self.seconds + seconds
        if len(self.rows) >= _MOST_SPANS:
            rows = self.rows
            self.rows = [
                (0, a[1], a[2] + b[2], a[3] + b[3], a[4], b[5], a[6] + b[6])
                for a, b in zip(rows[::2], rows[1::2], strict=True)
            ]
        at = begun - self.origin
        self.rows.append((0, first, items, 1, at, at + seconds, seconds))


class SerialRun:
    in_order = True
    """Each iteration sees what those before it left in shared objects."""

    def __init__(self, job: Job, size: int | None, ahead: int, most: float = MOST):
        """`most`: seconds that looking at what one name leads to may take."""
        self.job = job
        self.size = 1 if size is None and job.commits else size
        self._most = most
        self._taken = 0
        self.ahead = ahead
        self.tasks: deque[Task] = deque()
        self.fitting = 1
        self.ran = Counted(time.perf_counter())

    def wanted(self) -> int:
        self.settle()
        return (self.size or self.fitting) if len(self.tasks) < self.ahead else 0

    @cached_property
    def _guard(self) -> Guard:
        return Guard(self.job, self._most)

    @cached_property
    def _watched(self) -> Watched:
        # One iteration at a time: nothing is done to files ahead of the loop.
        return Watched(self._guard, ledger_of(self.job, threads=True, ahead=self.size != 1))

    def submit(self, task: Task) -> None:
        self.tasks.append(task)

    def settle(self) -> tuple[str, ...]:
        return self._watched.settle() if self._taken else ()

    def next(self) -> TaskResult:
        if (stale := self._watched.stale()) is not None:
            return stale
        if not self._taken and (moving := self._guard.moves_on()):
            return TaskResult([], unable=moving)
        task = self.tasks.popleft()
        context = self._watched.submitted(self._taken, task)
        begun = time.perf_counter()
        result = context.run(run_task, self.job, task)
        result.seconds = time.perf_counter() - begun
        self.fitting = min(max(int(_BRIEF * len(task.items) / max(result.seconds, 1e-9)), 1), _MOST_ITEMS)
        self.ran.note(task.start, len(task.items), begun, result.seconds)
        self._taken += 1
        return self._watched.finished(self._taken - 1, result, not task.final)

    def hungry(self, more: bool = True) -> bool:
        return False

    def said(self) -> list[tuple[str, Any]]:
        return []

    def ready(self) -> bool:
        return False

    def pending(self) -> int:
        return len(self.tasks)

    def missed(self) -> str:
        return self._watched.missed()

    def took(self, first: int) -> None:
        self._watched.took(first)

    @property
    def lost(self) -> list[str]:
        return self._watched.lost

    def cancel(self) -> None:
        self.tasks.clear()
        if self._taken:
            self._watched.dropped(False)

    def close(self) -> Counted:
        self.tasks.clear()
        if self._taken:
            self._watched.close()
        return self.ran
