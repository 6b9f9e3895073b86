"""Subinterpreters of this process: Python code on all cores, without other processes. What is shipped is copied, as for
processes; what runs there has a GIL of its own."""

from __future__ import annotations

import atexit
import pickle
import sys
import threading
from collections import deque
from functools import partial
from typing import Any

from paracell import _native
from paracell.backends.shipping import Aside, ShippingRun, words
from paracell.backends.subinterpreter import Subinterpreter
from paracell.line.available import missing
from paracell.records import record
from paracell.run import capture
from paracell.run.job import Job, Run, Task, TaskResult
from paracell.run.unable import text
from paracell.ship.errors import ShipError
from paracell.ship.kernel import Shipment, Shipper

Blob = tuple[bytes, bytes, tuple[bytes, ...]]


class Interpreters:
    """The interpreters backend; its interpreters are made by the first runs, each on a thread of a native pool, and
    kept."""

    name = "interpreters"

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._shipper = Shipper(beside=True)
        self._pool: _native.ThreadPool | None = None
        self._threads = 0
        self._blobs: dict[bytes, Blob] = {}
        self._mine = threading.local()
        self._made: list[Subinterpreter] = []
        self._idle: deque[Subinterpreter] = deque()
        self._open = 0
        self._prepared: set[bytes] = set()
        """Keys of jobs that have been built in an interpreter."""
        atexit.register(self.shutdown)

    def open(self, job: Job, workers: int) -> Run:
        why = missing(self.name)
        if why is not None:
            raise RuntimeError(why)
        return Aside.of(job, lambda aside: self._opened(job, workers, aside))

    def _opened(self, job: Job, workers: int, aside: Aside) -> InterpretersRun:
        shipment = self._shipper.job(job.shipped(), self._namespace)
        for key in shipment.dropped:
            self._forget(key)
        for key, payload, buffers in shipment.blobs:
            # The notebook may change what it has handed over before an interpreter asks for it.
            self._blobs.setdefault(key, (key, payload, tuple(map(bytes, buffers))))
        pool = self._grown(workers)
        if shipment.key not in self._prepared:
            self._prepare(pool, shipment)
        self._open += 1
        return InterpretersRun(pool.open(workers, job.total, True), shipment, self, aside)

    def _forget(self, key: bytes) -> None:
        self._blobs.pop(key, None)
        self._prepared.discard(key)
        for one in self._made:
            if key in one.known:
                one.dropped.append(key)

    def _grown(self, workers: int) -> _native.ThreadPool:
        """The pool, with room for `workers` threads. Interpreters outlive the threads of a smaller pool."""
        if self._pool is None:
            self._pool = _native.ThreadPool(capture.interrupted)
        if workers > self._threads and not self._open:
            self._pool.shutdown()
            self._mine, self._idle = threading.local(), deque(self._made)
        self._threads = max(workers, self._threads)
        return self._pool

    def _prepare(self, pool: _native.ThreadPool, shipment: Shipment) -> None:
        """Build the job in one interpreter. ShipError says what it reaches and no interpreter can have."""
        loaded = sorted(name for name in shipment.collector.imports if name in sys.modules)
        run = pool.open(self._threads, None, True)
        try:
            run.submit(partial(self.ask, shipment, (pickle.dumps(loaded),)), 0)
            _, given, error, _ = run.next()
        finally:
            run.close()
        if error is not None:
            raise error
        unable, failed = pickle.loads(given[0])
        if unable:
            raise ShipError(text(unable))
        if failed is not None:
            raise failed
        self._prepared.add(shipment.key)

    def ask(self, shipment: Shipment, parts: tuple[Any, ...]) -> list[bytes]:
        """On a thread of the pool: have its interpreter do something for a job."""
        mine: Subinterpreter | None = getattr(self._mine, "one", None)
        if mine is None:
            mine = self._mine.one = self._idle.pop() if self._idle else self._make()
        with mine as one:
            dropped = tuple(one.dropped)
            wanted = [key for key in (shipment.key, *shipment.needs) if key not in one.known]
            given = one.ask((dropped, tuple(self._blobs[key] for key in wanted), shipment.key, *parts))
            if given:  # else the run was cancelled, and it is not known how far this came
                del one.dropped[: len(dropped)]
                one.known.difference_update(dropped)
                one.known.update(wanted)
            return given

    def _make(self) -> Subinterpreter:
        one = Subinterpreter()
        self._made.append(one)
        return one

    def ended(self, changed: list[str]) -> None:
        """A run has been closed; interpreters have changed these globals of theirs."""
        self._open -= 1
        self._shipper.invalidate(changed)

    def shutdown(self) -> None:
        atexit.unregister(self.shutdown)
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None
        self._mine, self._idle, self._threads = threading.local(), deque(), 0
        self._prepared.clear()
        while self._made:
            self._made.pop().close()


class InterpretersRun(ShippingRun):
    """One region's tasks in subinterpreters."""

    def __init__(self, native: _native.ThreadRun, shipment: Shipment, backend: Interpreters, aside: Aside) -> None:
        self._native = native
        self._shipment = shipment
        self._aside = aside
        self._backend: Interpreters | None = backend
        self._submitted = self._taken = 0
        self._bytes_in = self._bytes_out = 0

    def wanted(self) -> int:
        self.settle()
        return self._native.wanted()

    def submit(self, task: Task) -> None:
        assert self._backend is not None
        payload, buffers = self._shipment.task(task)
        parts = payload, tuple(map(bytes, buffers))
        self._bytes_in += len(payload) + sum(map(len, parts[1]))
        self._native.submit(partial(self._backend.ask, self._shipment, parts), len(task.items), task.start)
        self._submitted += 1
        self._aside.sent(task)

    def pending(self) -> int:
        return self._submitted - self._taken

    def hungry(self, more: bool = True) -> bool:
        return self._native.hungry(more)

    def said(self) -> list[tuple[str, Any]]:
        return words(self._native.said())

    def ready(self) -> bool:
        return self._native.ready()

    def next(self) -> TaskResult:
        if (stale := self._aside.stale()) is not None:
            return stale
        at, given, error, _ = self._native.next()
        if at != self._taken:
            raise KeyboardInterrupt  # an earlier one fell between two steps here, and the result between is lost
        self._taken += 1
        if error is not None:
            raise error
        unable, (payload, *buffers) = pickle.loads(given[0]), given[1:]
        self._bytes_out += sum(map(len, given[1:]))
        if unable:
            # What it has made of that is no matter, and may not even be readable.
            return TaskResult([], unable=text(unable))
        return self._aside.came(self._shipment.result(payload, [bytearray(buffer) for buffer in buffers]))

    def cancel(self) -> None:
        self._native.cancel()
        self._taken = self._submitted
        self._aside.dropped()

    def close(self) -> Shipped:
        self.cancel()
        self._aside.close()
        if self._backend is not None:
            self._backend.ended(self.changed)
            self._backend = None
        return Shipped(self._native.close(), self._bytes_in, self._bytes_out)


@record
class Shipped:
    """What a run counted: that of its threads, and bytes."""

    threads: _native.RunStats
    bytes_in: int
    bytes_out: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.threads, name)
