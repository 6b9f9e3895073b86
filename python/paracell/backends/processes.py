"""Worker processes: Python code on all cores. Items, values and what the body reads are shipped."""

from __future__ import annotations

import io
import pickle
import reprlib
import signal
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from paracell import _native
from paracell.backends.workers import Workers
from paracell.run.job import Job, Run, Task, TaskResult
from paracell.run.limit import overdue_text
from paracell.ship.kernel import Shipment, Shipper

_GRACE = 1.0
"""Seconds that an overdue iteration has to end by itself, once TimeoutError was raised in it."""
_NUMBERS = {2: "two", 3: "three"}


class WorkerDied(RuntimeError):
    """A worker process ended while it ran an iteration, and so did the one that ran it again."""


class Processes:
    """The processes backend; its workers are started by the first run, or ahead of it, and kept warm."""

    name = "processes"

    def __init__(self, namespace: dict[str, Any], workers: Workers | None = None) -> None:
        self._namespace = namespace
        self._shipper = Shipper()
        self._workers = workers or Workers()

    @property
    def pool(self) -> _native.ProcessPool:
        return self._workers.pool

    def open(self, job: Job, workers: int) -> Run:
        job = replace(job, options={**job.options, "copies": True})
        shipment = self._shipper.job(job, self._namespace)
        for key in shipment.dropped:
            self.pool.discard(key)
        for blob in shipment.blobs:
            self.pool.put(*blob)
        timeout = job.options.get("timeout")
        native = self.pool.open(workers, shipment.key, shipment.needs, job.total, timeout and timeout + _GRACE)
        return ProcessesRun(native, shipment, self._shipper.invalidate, job.options)

    def sent(self) -> frozenset[str]:
        """Names of values that workers may hold."""
        return self._shipper.sent()

    def shutdown(self) -> None:
        self._workers.shutdown()


class ProcessesRun:
    """One region's tasks on worker processes.

    A worker's death costs only the iterations that it was running: the task is run again in pieces, with the iteration
    in flight by itself; an iteration at which two workers died is an error of that iteration (WorkerDied). The native
    run hands outcomes back in order of submission, so while pieces run again, outcomes of later tasks wait."""

    def __init__(
        self,
        native: _native.ProcessRun,
        shipment: Shipment,
        invalidate: Callable[[list[str]], None],
        options: dict[str, Any],
    ) -> None:
        self._native = native
        self._invalidate = invalidate
        self._shipment = shipment
        self._waiting: deque[_Waiting] = deque()
        self._early: dict[int, _native.Outcome] = {}
        self._deaths: dict[int, list[_native.Outcome]] = {}
        self._retries = int(options.get("retries", 0))
        self._timeout = float(options.get("timeout") or 0)

    @property
    def counters(self) -> _native.Counters:
        return self._native.counters

    @property
    def broadcast(self) -> dict[str, int]:
        """Name to bytes of what the body reads."""
        return self._shipment.bytes

    def wanted(self) -> int:
        return self._native.wanted()

    def submit(self, task: Task) -> None:
        self._waiting.append(_Waiting([self._ship(task)]))

    def hungry(self, more: bool = True) -> bool:
        return not self.ready() and self._native.hungry(more, self._lowest())

    def said(self) -> list[tuple[str, Any]]:
        lowest = self._lowest()
        words = self._native.said(lowest) if lowest is not None else b""
        file, found = io.BytesIO(words), []
        while file.tell() < len(words):
            found.append(pickle.load(file))
        return found

    def _lowest(self) -> int | None:
        """Index of the lowest native task, if its result is still to come."""
        first = self._waiting[0].pieces[0] if self._waiting else None
        return first.native if isinstance(first, _Piece) else None

    def ready(self) -> bool:
        if not self._waiting:
            return False
        first = self._waiting[0].pieces[0]
        return isinstance(first, TaskResult) or first.native in self._early or self._native.ready()

    def next(self) -> TaskResult:
        waiting = self._waiting[0]
        while waiting.pieces and (waiting.done is None or waiting.done.error is None):
            piece = waiting.pieces[0]
            result = piece if isinstance(piece, TaskResult) else self._result(piece, waiting)
            if result is not None:
                waiting.pieces.pop(0)
                waiting.done = result if waiting.done is None else waiting.done.followed_by(result)
        self._waiting.popleft()
        assert waiting.done is not None
        return waiting.done

    def pending(self) -> int:
        return len(self._waiting)

    def cancel(self) -> None:
        self._native.cancel()
        self._waiting.clear()
        self._early.clear()

    def close(self) -> _native.RunStats:
        self._invalidate(self.changed)
        return self._native.close()

    @property
    def changed(self) -> list[str]:
        """Names whose values workers have changed, found out by comparing them with what had been sent."""
        return sorted(self._shipment.changed)

    def _ship(self, task: Task) -> _Piece:
        payload, buffers = self._shipment.task(task)
        return _Piece(task, self._native.submit(payload, buffers, len(task.items), task.start))

    def _result(self, piece: _Piece, waiting: _Waiting) -> TaskResult | None:
        """The piece's result; None if its worker died and `waiting` now begins with other pieces instead."""
        while piece.native not in self._early:
            outcome = self._native.next()
            if outcome.task > piece.native:
                # They come in order: an earlier interrupt fell between two steps here, and this one's is lost.
                raise KeyboardInterrupt
            self._early[outcome.task] = outcome
        outcome = self._early.pop(piece.native)
        if outcome.status == "done":
            return self._shipment.result(outcome.payload, outcome.buffers)
        waiting.pieces[:1] = self._again(piece.task, outcome)
        return None

    def _again(self, task: Task, death: _native.Outcome) -> list[_Piece | TaskResult]:
        at = min(death.finished, len(task.items) - 1)
        culprit = task.start + at
        again: list[_Piece | TaskResult] = [self._ship(part) for part in task.before(at)]
        deaths = self._deaths.setdefault(culprit, [])
        deaths.append(death)
        # A death may be no fault of the iteration's, so it gets one more try than others; being late is its own.
        if len(deaths) > self._retries + (not death.overdue):
            self._native.counters.failed()
            again.append(TaskResult(values=[], error=self._failure(culprit, task.items[at], deaths)))
            return again
        return again + [self._ship(part) for part in task.from_(at)]

    def _failure(self, index: int, item: Any, deaths: list[_native.Outcome]) -> Exception:
        if deaths[-1].overdue:
            text = overdue_text(index, item, self._timeout)
            return TimeoutError(f"{text} and did not stop when told to: its worker process was ended")
        return _worker_died(index, item, deaths)


@dataclass
class _Piece:
    task: Task
    native: int
    """Index of the native task."""


@dataclass
class _Waiting:
    """A submitted task whose result has not been taken: what is still to come of it, and what has come."""

    pieces: list[_Piece | TaskResult]
    done: TaskResult | None = None


def _worker_died(index: int, item: Any, deaths: list[_native.Outcome]) -> WorkerDied:
    try:
        text = reprlib.repr(item)
    except Exception:
        text = f"<{type(item).__name__}>"
    return WorkerDied(
        f"{_NUMBERS.get(len(deaths), len(deaths))} worker processes died while running iteration {index} (item {text}):"
        f" the first {_how(deaths[0])}, the {'second' if len(deaths) == 2 else 'last'} {_how(deaths[-1])}. "
        "All earlier iterations are kept. "
        f"Run that iteration by itself without %%parallel to see what it does{_hint(deaths[-1])}."
    )


def _how(death: _native.Outcome) -> str:
    if death.signal is None:
        return f"ended with exit code {death.exit_code} (pid {death.pid})"
    try:
        name = signal.Signals(death.signal).name
    except ValueError:
        name = f"signal {death.signal}"
    return f"was ended by {name} (pid {death.pid})"


def _hint(death: _native.Outcome) -> str:
    if death.signal == signal.SIGKILL:
        return "; SIGKILL is mostly the system out of memory: fewer workers, or smaller items"
    return ""
