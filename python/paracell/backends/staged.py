"""A run under ``auto``: on workers, and on this thread what they cannot do; or on this thread first.

A loop whose iterations draw random numbers has no trial: each iteration has streams of its own, the first ones too, so
all run as tasks. What cannot be sent to workers, or back, makes the rest run here, as tasks too."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from paracell.backends.serial import SerialRun
from paracell.records import replace
from paracell.run.job import Job, Run, Task, TaskResult
from paracell.run.task import run_task
from paracell.run.trial import Choice, Judge
from paracell.ship.errors import ShipError

_MOST = 10_000
"""Iterations of a task that runs here, where nothing speaks for fewer."""
_LOOK = 0.002
"""Seconds that looking at what iterations read may take, for each name."""


class Staged:
    """`away`: the run that it begins on; None: it begins here, and ``go(choice)`` opens the one that takes over when
    `judge` says so. ``back(error)`` is told when the rest runs here because something does not travel."""

    def __init__(
        self,
        job: Job,
        away: Run | None,
        judge: Judge | None,
        go: Callable[[Choice], Run],
        back: Callable[[ShipError], None],
    ) -> None:
        self._job = job
        self._judge = judge
        self._go, self._back = go, back
        self._here = SerialRun(job, 1, 1, _LOOK)
        self._away = away
        self._leads: Run = away or self._here
        """Where new tasks go."""
        self._tasks: deque[tuple[Run, Task]] = deque()
        self._items, self._seconds = 0, 0.0

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._leads, name)  # counters and the like

    def wanted(self) -> int:
        return self._leads.wanted()

    def submit(self, task: Task) -> None:
        if self._judge is not None and self._leads is self._here and self._items and not self._here.settle():
            self._look(self._judge, task)
        try:
            self._leads.submit(task)
        except ShipError as error:
            self._stay(error)
            self._here.submit(task)
        self._tasks.append((self._leads, task))

    def _look(self, judge: Judge, task: Task) -> None:
        verdict = judge.look(self._items, self._seconds, task.items[0])
        if not isinstance(verdict, Choice):
            each = max(self._seconds / self._items, 1e-9)
            self._here.size = _MOST if verdict is None else max(1, min(int(verdict / each), 8 * self._items))
            return
        try:
            self._away = self._leads = self._go(verdict)
        except ShipError as error:
            self._stay(error)

    def _stay(self, error: ShipError) -> None:
        self._leads, self._judge = self._here, None
        self._here.size = 64
        self._back(error)

    def next(self) -> TaskResult:
        run, task = self._tasks[0]
        began = time.perf_counter()
        result = run.next()
        self._tasks.popleft()
        if run is self._here:
            self._items += len(task.items)
            self._seconds += time.perf_counter() - began
        elif isinstance(result.error, ShipError) and run is self._away:
            return self._recall(task, result)
        return result

    def _recall(self, task: Task, result: TaskResult) -> TaskResult:
        """Something of this task could not be sent back: it is finished here, and what is on its way runs here too."""
        assert isinstance(result.error, ShipError) and self._away is not None
        self._away.cancel()
        waiting = [one for _, one in self._tasks]
        self._stay(result.error)
        self._here.cancel()
        for one in waiting:
            self._here.submit(one)
        self._tasks = deque((self._here, one) for one in waiting)
        if self._job.whole_task:
            return run_task(self._job, task)
        done = len(result.values)
        rest = Task(task.index, task.start + done, task.items[done:], task.final)
        output = [line for line in result.output if line[0] < done]
        return replace(result, error=None, output=output).followed_by(run_task(self._job, rest))

    def settle(self) -> tuple[str, ...]:
        return self._here.settle() or (self._away.settle() if self._away is not None else ())

    def missed(self) -> str:
        return self._here.missed() or (self._away.missed() if self._away is not None else "")

    def took(self, first: int) -> None:
        for run in (self._here, self._away):
            if run is not None:
                run.took(first)

    @property
    def lost(self) -> list[str]:
        return self._here.lost + (self._away.lost if self._away is not None else [])

    def hungry(self, more: bool = True) -> bool:
        return bool(self._tasks) and self._tasks[0][0].hungry(more)

    def said(self) -> list[tuple[str, Any]]:
        return self._tasks[0][0].said() if self._tasks else []

    def ready(self) -> bool:
        return bool(self._tasks) and self._tasks[0][0].ready()

    def pending(self) -> int:
        return len(self._tasks)

    def cancel(self) -> None:
        self._tasks.clear()
        self._here.cancel()
        if self._away is not None:
            self._away.cancel()

    def close(self) -> Any:
        here = self._here.close()
        return self._away.close() if self._away is not None else here
