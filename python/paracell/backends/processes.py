"""Worker processes: Python code on all cores. Items, values and what the body reads are shipped."""

from __future__ import annotations

import functools
import reprlib
import signal
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from paracell import _native
from paracell.backends.shipping import Aside, ShippingRun, words
from paracell.backends.snapshot import Snapshot, Unforkable, pack
from paracell.backends.weigh import MUCH, TOO_MUCH
from paracell.backends.workers import Workers, prestart
from paracell.records import field, record
from paracell.report.units import bytes_text
from paracell.run.job import Job, Run, Task, TaskResult
from paracell.run.limit import overdue_text
from paracell.ship.kernel import Blob, Shipment, Shipper

_GRACE = 1.0
"""Seconds that an overdue iteration has to end by itself, once TimeoutError was raised in it."""
_ANSWER = 0.005
"""Seconds in which a cell is answered whose loop has ended: interpreters that start would take its cores."""
_NUMBERS = {2: "two", 3: "three"}


_Answer = TypeVar("_Answer")


class WorkerDied(RuntimeError):
    """A worker process ended while it ran an iteration, and so did the one that ran it again."""


@record
class _Opening:
    """What native runs of one job are made of."""

    pool: _native.ProcessPool
    shipment: Shipment
    job: Job
    workers: int
    insisted: bool
    """Whether the user says how workers start."""
    bytes_read: int = 0
    """Of what the body reads and calls: what workers did not have yet."""

    @property
    def _limit(self) -> float | None:
        timeout = self.job.options.get("timeout")
        return timeout and float(timeout) + _GRACE

    def spawned(self) -> _native.ProcessRun:
        """On the pool's workers."""
        new = [blob for blob in self.shipment.blobs if not self.pool.has(blob[0])]
        self.bytes_read = _size(new)
        if self.bytes_read >= MUCH:
            prestart(self.pool, _busy(self.workers, self.job), job=self.shipment.blobs[0])  # while the rest is copied
        for blob in new:
            self.pool.put(*blob)
        return self.pool.open(self.workers, self.shipment.key, self.shipment.needs, self.job.total, self._limit)

    def forked(self, snapshot: Snapshot) -> _native.ProcessRun:
        """On workers of its own."""
        native = self.pool.open_own(self.workers, self.shipment.key, self.job.total, self._limit)
        try:
            for _ in range(_busy(self.workers, self.job)):
                snapshot.fork(native)
        except BaseException:
            native.close()  # here: a child does not come back
            raise
        return native


def _busy(workers: int, job: Job) -> int:
    """How many workers can have something to do."""
    return min(workers, job.total or workers)


def _size(blobs: list[Blob]) -> int:
    return sum(len(payload) + sum(buffer.nbytes for buffer in buffers) for _, payload, buffers in blobs)


class Processes:
    """The processes backend; its workers are started by the first run, or ahead of it, and kept warm."""

    name = "processes"

    def __init__(self, namespace: dict[str, Any], workers: Workers | None = None) -> None:
        self._namespace = namespace
        self._shipper = Shipper()
        self._workers = workers or Workers()
        self._passed: set[bytes] = set()
        """Keys of blobs that forked workers had."""

    @property
    def pool(self) -> _native.ProcessPool:
        return self._workers.pool

    def open(self, job: Job, workers: int) -> Run:
        return Aside.of(job, lambda aside: self._opened(job, workers, aside))

    def _opened(self, job: Job, workers: int, aside: Aside) -> Run:
        start, sent = job.options.get("start"), job.shipped()
        gains = functools.partial(self._gains, _busy(workers, job), "choice" in job.options)
        shipment, snapshot = pack(self._shipper, sent, self._namespace, start, gains)
        for key in shipment.dropped:
            self.pool.discard(key)
            self._passed.discard(key)
        opened = _Opening(self.pool, shipment, sent, workers, start is not None)
        run = ProcessesRun(opened, snapshot, self._shipper.invalidate, aside)
        self._workers.expected = self._workers.expected or not opened.insisted
        return run

    def _gains(self, workers: int, reckoned: bool, shipment: Shipment) -> str | None:
        """Why workers had better be forked for this job, if they had: there are none yet, or much would have to be sent
        that may not be needed again.

        What was sent once costs later cells nothing, so it is worth more than a fork is cheaper, which serves one cell.
        But values that replace others are likely to be replaced, too; and `reckoned`: ``auto`` has chosen processes
        because a fork is cheap."""
        new = [blob for blob in shipment.blobs if not (blob[0] in self._passed or self.pool.has(blob[0]))]
        size, missing = _size(new), self._workers.missing(workers)
        if size < MUCH:
            return missing
        replaced = reckoned or any(blob[0] in shipment.renewed for blob in new)
        if missing is None and size < TOO_MUCH and not replaced:
            return None
        self._passed.update(key for key, _, _ in new)
        return f"{bytes_text(size)} need not be sent"

    def sent(self) -> frozenset[str]:
        """Names of values that workers may hold."""
        return self._shipper.sent()

    def shutdown(self) -> None:
        self._workers.shutdown()


class ProcessesRun(ShippingRun):
    """One region's tasks on worker processes.

    A worker's death costs only the iterations that it was running: the task is run again in pieces, with the iteration
    in flight by itself; an iteration at which two workers died is an error of that iteration (WorkerDied). The native
    run hands outcomes back in order of submission, so while pieces run again, outcomes of later tasks wait."""

    def __init__(
        self, opening: _Opening, snapshot: Snapshot | None, invalidate: Callable[[list[str]], None], aside: Aside
    ) -> None:
        """`snapshot`: what its workers are forked with, where they are."""
        self._opening = opening
        self._snapshot = snapshot
        self._native = self._open()
        self._aside = aside
        self._invalidate = invalidate
        self._shipment = opening.shipment
        options = opening.job.options
        self._waiting: deque[_Waiting] = deque()
        self._early: dict[int, _native.Outcome] = {}
        self._deaths: dict[int, list[_native.Outcome]] = {}
        self._retries = int(options.get("retries", 0))
        self._timeout = float(options.get("timeout") or 0)

    @property
    def bytes_read(self) -> int:
        """What was sent for all workers because they did not have it."""
        return self._opening.bytes_read

    def _open(self) -> _native.ProcessRun:
        if self._snapshot is None:
            return self._opening.spawned()
        try:
            return self._opening.forked(self._snapshot)
        except OSError:  # there is no memory for it, or no process
            if self._snapshot.needed:
                raise
            self._snapshot = None
            return self._opening.spawned()

    @property
    def start(self) -> tuple[str, str | None]:
        """How its workers were started, and why if they were forked."""
        return ("fork", self._snapshot.reason) if self._snapshot is not None else ("spawn", None)

    def wanted(self) -> int:
        self.settle()
        return self._asked(lambda: self._native.wanted())

    def _asked(self, ask: Callable[[], _Answer]) -> _Answer:
        """What the native run answers; if its workers were forked and did not start, what another one does."""
        try:
            return ask()
        except OSError:
            if self._snapshot is None or self._snapshot.needed:
                raise
        self._do_without_forks()
        return ask()

    def _do_without_forks(self) -> None:
        """Go on with workers that are started, which compute what has not been taken."""
        self._native.close()
        self._snapshot = None
        self._native = self._opening.spawned()
        self._early.clear()
        self._aside.anew(bool(self._waiting and self._waiting[0].results))
        for waiting in self._waiting:
            waiting.rest = [self._ship(one.task) if isinstance(one, _Piece) else one for one in waiting.rest]

    def submit(self, task: Task) -> None:
        self._waiting.append(_Waiting([self._ship(task)]))
        self._aside.sent(task)

    def hungry(self, more: bool = True) -> bool:
        self._replace()
        return not self.ready() and self._asked(lambda: self._native.hungry(more, self._lowest()))

    def _replace(self) -> None:
        """Fork workers in the place of those that have died."""
        for _ in range(self._native.take_lost()):
            if self._snapshot is None:
                return
            try:
                self._snapshot.again(self._native)
            except Unforkable:
                if self._snapshot.needed:
                    raise
                self._do_without_forks()

    def said(self) -> list[tuple[str, Any]]:
        lowest = self._lowest()
        return words(self._native.said(lowest)) if lowest is not None else []

    def _lowest(self) -> int | None:
        """Index of the lowest native task, if its result is still to come."""
        first = self._waiting[0].rest[:1] if self._waiting else []
        return first[0].native if first and isinstance(first[0], _Piece) else None

    def ready(self) -> bool:
        if not self._waiting:
            return False
        waiting = self._waiting[0]
        if waiting.over:  # an interrupt came before it was handed on
            return True
        first = waiting.rest[0]
        return isinstance(first, TaskResult) or first.native in self._early or self._native.ready()

    def next(self) -> TaskResult:
        if (stale := self._aside.stale()) is not None:
            return stale
        waiting = self._waiting[0]
        while not waiting.over:
            piece = waiting.rest[0]
            result = piece if isinstance(piece, TaskResult) else self._result(piece, waiting)
            if result is not None:
                waiting.results.append(self._aside.came(result, bool(waiting.results)))
        self._waiting.popleft()
        return waiting.whole()

    def pending(self) -> int:
        return len(self._waiting)

    def cancel(self) -> None:
        self._native.cancel()
        self._waiting.clear()
        self._early.clear()
        self._aside.dropped()

    def close(self) -> _native.RunStats:
        self._invalidate(self.changed)
        self._aside.close()
        stats = self._native.close()
        if self._snapshot is not None and not self._opening.insisted:
            prestart(self._opening.pool, self._opening.workers, _ANSWER, self._shipment.blobs[0])  # for later cells
        return stats

    def _ship(self, task: Task) -> _Piece:
        payload, buffers = self._shipment.task(task)
        return _Piece(task, self._native.submit(payload, buffers, len(task.items), task.start))

    def _result(self, piece: _Piece, waiting: _Waiting) -> TaskResult | None:
        """The piece's result; None if its worker died and `waiting` now begins with other pieces instead."""
        while piece.native not in self._early:
            outcome = self._asked(lambda: self._native.next())
            if piece is not waiting.rest[0]:  # all was handed out anew
                if outcome is not None:
                    self._early[outcome.task] = outcome
                return None
            if outcome is None:
                self._replace()
                continue
            if outcome.task > piece.native:
                # They come in order: an earlier interrupt fell between two steps here, and this one's is lost.
                raise KeyboardInterrupt
            self._early[outcome.task] = outcome
        outcome = self._early.pop(piece.native)
        if outcome.status == "done":
            return self._shipment.result(outcome.payload, outcome.buffers)
        waiting.rest = [*self._again(piece.task, outcome, bool(waiting.results)), *waiting.rest[1:]]
        return None

    def _again(self, task: Task, death: _native.Outcome, more: bool) -> list[_Piece | TaskResult]:
        """What is run in the place of a task whose worker died. `more`: it is not the first part of what waits."""
        at = min(death.finished, len(task.items) - 1)
        culprit = task.start + at
        deaths = self._deaths.setdefault(culprit, [])
        deaths.append(death)
        # A death may be no fault of the iteration's, so it gets one more try than others; being late is its own.
        fails = len(deaths) > self._retries + (not death.overdue)
        before, rest = task.before(at), task.from_(at)
        self._aside.again([*before, *(rest[:1] if fails else rest)], more)
        if fails:
            self._native.counters.failed()
            failed = TaskResult(values=[], error=self._failure(culprit, task.items[at], deaths))
            return [*map(self._ship, before), failed]
        return [*map(self._ship, before), *map(self._ship, rest)]

    def _failure(self, index: int, item: Any, deaths: list[_native.Outcome]) -> Exception:
        if deaths[-1].overdue:
            text = overdue_text(index, item, self._timeout)
            return TimeoutError(f"{text} and did not stop when told to: its worker process was ended")
        return _worker_died(index, item, deaths)


@record
class _Piece:
    task: Task
    native: int
    """Index of the native task."""


@record
class _Waiting:
    """A submitted task whose result has not been taken. An interrupt may fall between any two steps: a piece is done
    when its result is there, in one step."""

    pieces: list[_Piece | TaskResult]
    results: list[TaskResult] = field(default_factory=list)
    """Of the first pieces."""

    @property
    def rest(self) -> list[_Piece | TaskResult]:
        """What is still to come of it."""
        return self.pieces[len(self.results) :]

    @rest.setter
    def rest(self, pieces: list[_Piece | TaskResult]) -> None:
        self.pieces = [*self.pieces[: len(self.results)], *pieces]

    @property
    def over(self) -> bool:
        """Whether all has come that is to come."""
        return len(self.results) == len(self.pieces) or bool(self.results and self.results[-1].error is not None)

    def whole(self) -> TaskResult:
        """What has come, as the result of one task."""
        return functools.reduce(TaskResult.followed_by, self.results)


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
    who = f"pid {death.pid}"
    if death.peak_memory is not None:
        who += f", up to {bytes_text(death.peak_memory)} in use"
    if death.signal is None:
        return f"ended with exit code {death.exit_code} ({who})"
    try:
        name = signal.Signals(death.signal).name
    except ValueError:
        name = f"signal {death.signal}"
    return f"was ended by {name} ({who})"


def _hint(death: _native.Outcome) -> str:
    if death.signal == signal.SIGKILL:
        return "; SIGKILL is mostly the system out of memory: fewer workers, or smaller items"
    return ""
