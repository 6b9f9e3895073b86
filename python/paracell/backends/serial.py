"""The same two parts in one thread: the oracle for every other backend."""

from __future__ import annotations

from collections import deque
from typing import Any

from ..run.job import Job, Task, TaskResult
from ..run.task import run_task


class Serial:
    """Run each task when its result is asked for. `size`: items of a task, `ahead`: tasks submitted ahead."""

    name = "serial"

    def __init__(self, size: int = 64, ahead: int = 1):
        self.size = size
        self.ahead = ahead

    def open(self, job: Job, workers: int = 1) -> SerialRun:
        return SerialRun(job, self.size, self.ahead)

    def shutdown(self) -> None:
        """Nothing is kept."""


class SerialRun:
    in_order = True
    """Each iteration sees what those before it left in shared objects."""

    def __init__(self, job: Job, size: int, ahead: int):
        self.job = job
        self.size = size
        self.ahead = ahead
        self.tasks: deque[Task] = deque()

    def wanted(self) -> int:
        return self.size if len(self.tasks) < self.ahead else 0

    def submit(self, task: Task) -> None:
        self.tasks.append(task)

    def next(self) -> TaskResult:
        return run_task(self.job, self.tasks.popleft())

    def hungry(self) -> bool:
        return False

    def ready(self) -> bool:
        return False

    def pending(self) -> int:
        return len(self.tasks)

    def cancel(self) -> None:
        self.tasks.clear()

    def close(self) -> Any:
        self.tasks.clear()
        return None
