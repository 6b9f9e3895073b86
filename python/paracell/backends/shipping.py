"""What runs have in common whose tasks are shipped, whoever computes them."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from paracell import _native
from paracell.run.guard import Guard
from paracell.run.job import Job, Task, TaskResult
from paracell.run.ledger import ledger_of
from paracell.run.watched import OfFiles
from paracell.ship.kernel import Shipment
from paracell.ship.missing import has

Opened = TypeVar("Opened")


class Aside(OfFiles):
    """What is looked at beside a run whose workers have copies: what commits change, and the files that both touch."""

    def __init__(self, job: Job) -> None:
        """`job` as the notebook has it. To be closed."""
        # That a method reaches what it changes itself is no reading of it: in a worker that is seen there.
        self._guard = Guard(job, apart=job.options.get("unsaid", ())) if job.commits else None
        """Of what iterations read: workers have it as it was when the run began."""
        super().__init__(ledger_of(job))  # behind what may fail: a ledger is to be closed
        self._delivered = False
        """Whether a result was taken since it was looked at what committing has changed."""

    @classmethod
    def of(cls, job: Job, opened: Callable[[Aside], Opened]) -> Opened:
        """What `opened` makes with what is looked at beside it, which is there first: those who run tasks are told of
        its journal."""
        aside = cls(job)
        try:
            return opened(aside)
        except BaseException:
            aside.close()
            raise

    def settle(self) -> tuple[str, ...]:
        """Whoever took the last result has done with it: names of what committing has changed so far."""
        if self._delivered:
            self._delivered = False
            if self._guard is not None:
                self._guard.committed()
            self._files_committed()
        return self._guard.suspect if self._guard is not None else ()

    def stale(self) -> TaskResult | None:
        """What stands for the next task, where that does not know what commits have changed."""
        changed = self.settle()
        self._delivered = True
        return TaskResult([], changed=changed, late=True) if changed else None

    def sent(self, task: Task) -> None:
        """A task has been handed out."""
        self._files_submitted(task)

    def again(self, parts: Sequence[Task], more: bool) -> None:
        """The worker of the lowest task, or of a part of it, has died, and it is handed out as these. `more`: what is
        before it has come."""
        self._files_again(parts, more)

    def anew(self, more: bool) -> None:
        """All that was handed out and has not come is handed out again. `more`: a part of the lowest task has come."""
        self._files_anew(more)

    def came(self, result: TaskResult, more: bool = False) -> TaskResult:
        """The lowest task's result, or of a part of it, behind others (`more`)."""
        if result.asked:
            result.unable = result.unable or has(result.asked)
        self._files_delivered(result, more)
        return result

    def dropped(self) -> None:
        """Nothing runs any more for now."""
        self._files_dropped()


class ShippingRun:
    """One region's tasks, sent by `_shipment` to those that `_native` has them computed by."""

    _native: Any
    _shipment: Shipment
    _aside: Aside

    def settle(self) -> tuple[str, ...]:
        return self._aside.settle()

    def missed(self) -> str:
        return self._aside.missed()

    def took(self, first: int) -> None:
        self._aside.took(first)

    @property
    def lost(self) -> list[str]:
        return self._aside.lost

    @property
    def counters(self) -> _native.Counters:
        return self._native.counters

    @property
    def broadcast(self) -> dict[str, int]:
        """Name to bytes of what the body reads."""
        return self._shipment.bytes

    @property
    def changed(self) -> list[str]:
        """Names whose values iterations have changed, found out by comparing them with what had been sent."""
        return sorted(self._shipment.changed)


def words(said: bytes) -> list[tuple[str, Any]]:
    """What the lowest task has said since it was last asked: pickles, one behind the other."""
    file, found = io.BytesIO(said), []
    while file.tell() < len(said):
        found.append(pickle.load(file))
    return found
