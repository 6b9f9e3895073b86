"""A region's run, followed from its first task to its end: what the report knows, it knows from here."""

from __future__ import annotations

import reprlib
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from paracell.line.processors import gil_enabled
from paracell.report import RegionReport, Slow
from paracell.report.live import Published
from paracell.run.job import Run, Task, TaskResult

if TYPE_CHECKING:
    from paracell import _native
    from paracell.check import Check
    from paracell.run import streams

SLOWEST = 5
"""So many of the slowest tasks are kept."""


class Followed:
    """A run that is followed for the report; to the runtime it is the run itself."""

    def __init__(
        self,
        report: RegionReport,
        run: Run,
        progress: _native.Progress | Published | None,
        chunk: int | None,
        check: Check | None,
        name_items: bool,
    ) -> None:
        self._report = report
        self._run = run
        self._progress = progress
        self._look = progress.look if isinstance(progress, Published) else None
        self._chunk = chunk
        self.check = check
        self._name_items = name_items
        self._tasks: deque[Task] = deque()
        self._seconds = 0.0
        """What iterations took, wherever it was: without what workers needed to get ready."""
        self._handed = 0.0
        """When a result was handed out that is being committed, or when the rest began to run here; else 0."""
        self._began, self._cpu = time.perf_counter(), time.process_time()
        self._least = 0.0
        """Seconds an iteration of the fastest of the slowest tasks, once there are enough."""
        self.tried = 0
        """Iterations that ran here before the run began."""
        self.shared: streams.SharedWatch | None = None
        self.in_order: bool = getattr(run, "in_order", False)
        self.said: Callable[[], list[tuple[str, Any]]] = run.said
        self.ready: Callable[[], bool] = run.ready
        self.pending: Callable[[], int] = run.pending

    def hungry(self, more: bool = True) -> bool:
        self._committed()
        return self._run.hungry(more)

    def wanted(self) -> int:
        self._committed()
        wanted = self._run.wanted()
        if self._chunk:
            wanted = min(wanted, 1) * self._chunk
        return self.check.cut(wanted) if self.check is not None else wanted

    def _committed(self) -> None:
        if self._handed:
            self._seconds += time.perf_counter() - self._handed
            self._handed = 0.0

    def submit(self, task: Task) -> None:
        if self.check is not None:
            self.check.sees(task)
        self._tasks.append(task)
        self._run.submit(task)

    def next(self) -> TaskResult:
        self._committed()
        result = self._run.next()
        task = self._tasks.popleft()
        self._seconds += result.seconds
        if result.seconds > self._least * len(task.items):
            self._slow(task, result.seconds)
        if self.check is not None and not (result.changed or result.unable):
            self.check.compare(task, result)
        if self._look is not None:
            self._look()
        self._handed = time.perf_counter()
        return result

    def settle(self) -> tuple[str, ...]:
        return self._run.settle()

    def missed(self) -> str:
        return self._run.missed()

    def took(self, first: int) -> None:
        self._run.took(first)

    @property
    def lost(self) -> list[str]:
        return self._run.lost

    def cancel(self) -> None:
        self._run.cancel()
        self._tasks.clear()

    def close(self) -> Any:
        self._committed()
        stats = self._run.close()
        if stats is not None:
            self._report.tasks = stats.tasks
            self._report.serial_estimate = self._serially()
            self._report.bytes_in, self._report.bytes_out = stats.bytes_in, stats.bytes_out
            self._report.recorded = stats.timeline
        return stats

    def _serially(self) -> float:
        """Seconds that one thread would have needed, as far as can be told from here."""
        elapsed, cpu = time.perf_counter() - self._began, time.process_time() - self._cpu
        if self._report.ran == "threads" and gil_enabled() and 0.7 * elapsed < cpu < 1.3 * elapsed:
            # One thread's worth of computing: what the others spent was waiting for the GIL.
            return min(self._seconds, cpu)
        return self._seconds

    def reason(self, text: str) -> None:
        """Why the rest of the region runs serially."""
        self._report.reason = text
        self._committed()
        self._handed = time.perf_counter()

    def ended(self, items: int, seconds: float, error: BaseException | None) -> None:
        self._report.items, self._report.seconds = self.tried + items, seconds
        self._report.checked = self.check.compared if self.check is not None else 0
        self._report.error = type(error).__name__ if error is not None else None
        if self._progress is not None:
            self._progress.finish(_last_words(self._report, error), failed=error is not None)

    def _slow(self, task: Task, seconds: float) -> None:
        """Keep the task among the slowest. Items are named now or never: they are not to be kept alive."""
        slowest = self._report.slowest
        named = shortened(task.items[0]) if self._name_items else None
        slowest.append(Slow(task.start, len(task.items), seconds, named))
        slowest.sort(key=lambda slow: slow.seconds / slow.items, reverse=True)
        del slowest[SLOWEST:]
        if len(slowest) == SLOWEST:
            self._least = slowest[-1].seconds / slowest[-1].items


class _Short(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = 60


def shortened(item: Any) -> str:
    """``repr(item)`` on one line of about 60 characters; never raises."""
    try:
        text = _Short().repr(item)
    except Exception as error:
        return f"<{type(item).__name__}: repr() raised {type(error).__name__}>"
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:79] + "…"


def _last_words(report: RegionReport, error: BaseException | None) -> str:
    if error is None:
        why = report.reason  # a choice's is a few words, one to run serially a message
        return (
            report.summary() if why is None or "\n" in why or why.startswith("Line ") else f"{report.summary()} ({why})"
        )
    if isinstance(error, KeyboardInterrupt):
        return f"{report.summary()} (interrupted)"
    return f"{report.summary()} (then {type(error).__name__})"
