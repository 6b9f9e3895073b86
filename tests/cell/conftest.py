"""The backends on which every cell of the tables must mean the same."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from oracle import After, Opener

from paracell.backends.interpreters import Interpreters
from paracell.backends.processes import Processes
from paracell.backends.serial import Serial
from paracell.backends.threads import Threads
from paracell.run.guard import guard_of

GetOpener = Callable[[str], Opener]


class Warm:
    """The backends of a session of tests: every namespace is a notebook of its own, and the workers stay."""

    def __init__(self) -> None:
        self.threads = Threads()
        self.processes: Processes | None = None
        self.interpreters: Interpreters | None = None

    def opener(self, backend: str) -> Opener:
        """Opens runs on `backend`: for "serial" the number is the size of tasks, else the number of workers.

        With "after K", K iterations run here first; "here after K": all of them do, in blocks. With "after K, planned
        late" loops are planned when the others begin."""
        backend, _, count = backend.partition(" after ")
        if count:
            count, late, _ = count.partition(", planned late")
            return After(int(count), None if backend == "here" else self.opener(backend), bool(late))
        name, number = backend.split()
        if name == "serial":
            return lambda region, job: Serial(int(number), 3).open(job)
        if name == "threads":
            return lambda region, job: None if guard_of(job).reason(region) else self.threads.open(job, int(number))
        if name == "interpreters":
            return lambda region, job: self._inside(job.compute.__globals__).open(job, int(number))
        return lambda region, job: self._of(job.compute.__globals__).open(started(job, "spawn"), int(number))

    def _inside(self, namespace: dict[str, Any]) -> Interpreters:
        if self.interpreters is None:
            self.interpreters = Interpreters(namespace)
        self.interpreters._namespace = namespace
        return self.interpreters

    def _of(self, namespace: dict[str, Any]) -> Processes:
        if self.processes is None:
            self.processes = Processes(namespace)
        self.processes._namespace = namespace
        return self.processes

    def shutdown(self) -> None:
        self.threads.shutdown()
        if self.processes is not None:
            self.processes.shutdown()
        if self.interpreters is not None:
            self.interpreters.shutdown()


def started(job: Any, how: str) -> Any:
    """`job`, for workers that are started so: whether this process may be forked depends on other tests."""
    job.options["start"] = how
    return job


@pytest.fixture(scope="session", autouse=True)
def temporary() -> Iterator[None]:
    """What cells leave among the temporary files goes with the tests."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", None)
        yield


@pytest.fixture(scope="session")
def opener_on() -> Iterator[GetOpener]:
    """opener_on(backend): what opens runs there."""
    warm = Warm()
    yield warm.opener
    warm.shutdown()
