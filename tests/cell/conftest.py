"""The backends on which every cell of the tables must mean the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from oracle import After, Opener

from paracell.backends.processes import Processes
from paracell.backends.serial import Serial
from paracell.backends.threads import Threads

GetOpener = Callable[[str], Opener]


class Warm:
    """The backends of a session of tests: every namespace is a notebook of its own, and the workers stay."""

    def __init__(self) -> None:
        self.threads = Threads()
        self.processes: Processes | None = None

    def opener(self, backend: str) -> Opener:
        """Opens runs on `backend`: for "serial" the number is the size of tasks, else the number of workers.

        With "after K", K iterations run here first; "here after K": all of them do, in blocks."""
        backend, _, count = backend.partition(" after ")
        if count:
            return After(int(count), None if backend == "here" else self.opener(backend))
        name, number = backend.split()
        if name == "serial":
            return lambda region, job: Serial(int(number), 3).open(job)
        if name == "threads":
            return lambda region, job: self.threads.open(job, int(number))
        return lambda region, job: self._of(job.compute.__globals__).open(job, int(number))

    def _of(self, namespace: dict[str, Any]) -> Processes:
        if self.processes is None:
            self.processes = Processes(namespace)
        self.processes._namespace = namespace
        return self.processes

    def shutdown(self) -> None:
        self.threads.shutdown()
        if self.processes is not None:
            self.processes.shutdown()


@pytest.fixture(scope="session")
def opener_on() -> Iterator[GetOpener]:
    """opener_on(backend): what opens runs there."""
    warm = Warm()
    yield warm.opener
    warm.shutdown()
