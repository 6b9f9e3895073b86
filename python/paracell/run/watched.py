"""A guard beside a run whose iterations use the notebook's own objects: what is asked of it, and when."""

from __future__ import annotations

import contextvars
from collections.abc import Sequence

from .around import set_in
from .guard import Guard
from .job import Task, TaskResult
from .ledger import Ledger


class OfFiles:
    """What a run is asked about the files that its iterations and commits touch, if they may touch any."""

    def __init__(self, ledger: Ledger | None) -> None:
        self._ledger = ledger

    def missed(self) -> str:
        """See ``Ledger.missed``."""
        return self._ledger.missed() if self._ledger is not None else ""

    def took(self, first: int) -> None:
        """See ``Ledger.took``."""
        if self._ledger is not None:
            self._ledger.took(first)

    @property
    def lost(self) -> list[str]:
        """See ``Ledger.lost``."""
        return self._ledger.lost if self._ledger is not None else []

    def close(self) -> None:
        """The run is over."""
        if self._ledger is not None:
            self._ledger.close()

    def _files_submitted(self, task: Task) -> None:
        if self._ledger is not None:
            self._ledger.submitted(len(task.items), task.start)

    def _files_again(self, parts: Sequence[Task], more: bool) -> None:
        if self._ledger is not None:
            self._ledger.again([(len(part.items), part.start) for part in parts], more)

    def _files_anew(self, more: bool) -> None:
        if self._ledger is not None:
            self._ledger.anew(more)

    def _files_delivered(self, result: TaskResult, more: bool = False) -> None:
        if self._ledger is not None:
            result.unable = result.unable or self._ledger.delivered(result.touched, more)

    def _files_committed(self) -> None:
        if self._ledger is not None:
            self._ledger.committed()

    def _files_dropped(self) -> None:
        if self._ledger is not None:
            self._ledger.dropped()


class Watched(OfFiles):
    """The tasks of one run, by their numbers."""

    def __init__(self, guard: Guard, ledger: Ledger | None = None) -> None:
        super().__init__(ledger)
        self._guard = guard
        self._delivered = self._changed = False
        """Whether a result was taken and it has not been looked at what committing it has changed; whether iterations
        have changed what they share."""
        self._contexts: dict[int, tuple[contextvars.Context, contextvars.Context]] = {}
        """Of each task: the context that it runs in, and the one that is a copy of."""

    def submitted(self, index: int, task: Task) -> contextvars.Context:
        """The task may run from now on, in this context: variables (a decimal context is one) are those of the cell."""
        self._guard.submitted(index, task)
        self._files_submitted(task)
        before = contextvars.copy_context()
        context = before.copy()
        self._contexts[index] = context, before
        return context

    def finished(self, index: int, result: TaskResult, more: bool) -> TaskResult:
        """The result of a task that is about to be handed out, with what has changed. `more`: others run, or will."""
        result.changed, result.late = self._guard.finished(index, result, more)
        result.changed += tuple(set_in(*self._contexts.pop(index)))
        self._changed = bool(result.changed)
        self._files_delivered(result)
        self._delivered = not (self._changed or result.unable)
        return result

    def settle(self) -> tuple[str, ...]:
        """Whoever took the last result has done with it: names of what committing has changed so far."""
        if self._delivered:
            self._delivered = False
            self._guard.committed()
            self._files_committed()
        return self._guard.suspect

    def stale(self) -> TaskResult | None:
        """What stands for the next task, where that does not know what commits have changed."""
        changed = self.settle()
        self._changed = self._changed or bool(changed)
        return TaskResult([], changed=changed, late=True) if changed else None

    def dropped(self, running: bool) -> None:
        """No task runs any more. `running`: some did, whose results nobody takes."""
        self.settle()
        if self._changed or running:
            self._guard.restore()
        self._changed = False
        self._contexts.clear()
        self._files_dropped()
