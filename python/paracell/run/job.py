"""What a region hands to a backend: the contract between ``run``, ``backends`` and ``ship``.

``run`` makes a Job from a region of the plan; a backend runs its tasks somewhere; ``ship`` moves Job, Task and
TaskResult to worker processes and back. What the values of an iteration are is known only to ``cell`` and ``run``.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any, Protocol

from paracell.records import field, record, replace

if TYPE_CHECKING:
    from .streams import Stream


_STAYING = frozenset(("choice", "guard", "start", "unsaid"))
"""Options that are the kernel's alone."""


@record
class Job:
    """One region, ready to run: the function that workers call, and where in the notebook it stands.

    ``compute`` is an ordinary function whose globals are the notebook's namespace. For ``whole_task`` it takes the
    task's items at once (an iterable) and returns the list of values (comprehensions); otherwise it is called
    ``compute(item, keep)`` for each iteration, and leaves the iteration's temporaries in ``keep`` if that is a dict.
    """

    compute: FunctionType
    whole_task: bool
    filename: str
    line: int
    source: str
    total: int | None
    """Number of iterations where it is known, else None."""
    temporaries: tuple[str, ...] = ()
    """Names that the compute part assigns and that the notebook sees after the loop."""
    seed: tuple[Stream, ...] | None = None
    """Roots of the per-iteration random streams, one for each source; None: the body draws no random numbers that we
    know of."""
    text: str = ""
    """The whole cell, as tracebacks show it."""
    options: dict[str, Any] = field(default_factory=dict)

    def shipped(self) -> Job:
        """As workers get it, who have copies of all values."""
        options = {name: value for name, value in self.options.items() if name not in _STAYING}
        return replace(self, options={**options, "copies": True})

    @property
    def commits(self) -> bool:
        """Whether the cell's own code runs between tasks: commit parts, or whoever takes what a lazy region gives."""
        return not self.whole_task or bool(self.options.get("lazy"))


@record
class Task:
    """A run of consecutive iterations for one worker: iterations ``start .. start + len(items)``."""

    index: int
    start: int
    items: list[Any]
    final: bool
    """Whether the last item is the region's last iteration: its temporaries are then wanted."""
    plain: bool = False
    """Whether the items are known to be nothing but numbers, text and the like."""

    def before(self, at: int) -> list[Task]:
        """The task's iterations below its `at`-th, as a list of at most one task."""
        return [Task(self.index, self.start, self.items[:at], False)] if at else []

    def from_(self, at: int) -> list[Task]:
        """The task's `at`-th iteration by itself, and those above it if there are any."""
        last = at + 1 == len(self.items)
        parts = [Task(self.index, self.start + at, self.items[at : at + 1], self.final and last)]
        if not last:
            parts.append(Task(self.index, self.start + at + 1, self.items[at + 1 :], self.final))
        return parts


@record
class TaskResult:
    """What a worker made of a Task."""

    values: list[Any]
    """One entry for each iteration that finished, in order."""
    output: list[tuple[int, int, str, Any]] = field(default_factory=list)
    """(iteration within the task, residue within the iteration, kind, content) of events (``events``), in order."""
    error: BaseException | None = None
    """What iteration ``len(values)`` raised outside any residue (KeyboardInterrupt: the task was cancelled)."""
    finished: int = 0
    """Of a task that is one call of ``compute``: how many of its items ``values`` stands for."""
    temporaries: dict[str, Any] | None = None
    """After the final iteration, or the failing one: the names that it had assigned."""

    drew: tuple[int, ...] = ()
    """Which of the job's unsure streams (by number) were drawn from."""

    signals: tuple[str, ...] = ()
    """Signals that decimal arithmetic has raised, where that is another process."""

    item_states: tuple[list[Any], ...] = ()
    """Where items are copies: the states in which each item's generators were left, if the first item has any."""

    changed: tuple[str, ...] = ()
    """What this task changed of that which it had been sent: its values are not what the serial loop gives."""

    late: bool = False
    """Whether the change may have been made by an earlier task of the same worker, after which nobody looked."""

    copied: str = ""
    """What its values hold a copy of, where the serial loop would have left an object that the notebook has."""

    renewed: bool = False
    """Whether it changed the filters of warnings after the last warning that it gave."""

    kept: list[tuple[Any, str, Any]] = field(default_factory=list)
    """In another process, what objects that it had been sent have computed for good (``cached_property``): the object,
    the attribute, its value."""

    warned: bool = False
    """Whether, in another process, its code has warned of anything, shown or not: Python notes that in the notebook."""

    touched: tuple[tuple[str, ...], ...] = ()
    """Files that its code has read, written, listed and made (``touching.Touched``), where that is asked for."""

    asked: tuple[tuple[str, str], ...] = ()
    """What its code could not find in another process, where the notebook may have it (``ship.missing``)."""

    unable: str = ""
    """What its code asked for and cannot have where it ran: its values are not what the serial loop gives."""

    seconds: float = 0.0
    """How long the iterations took, by the clock of where they ran."""

    def followed_by(self, rest: TaskResult) -> TaskResult:
        """This result and that of the iterations right behind it, as if they had been one task."""
        shift = self.finished or len(self.values)
        output = self.output + [(shift + at, residue, *event) for at, residue, *event in rest.output]
        drew = tuple(sorted({*self.drew, *rest.drew}))
        kept = {**self.temporaries, **(rest.temporaries or {})} if self.temporaries else rest.temporaries
        return replace(
            rest,
            temporaries=kept,
            finished=self.finished + rest.finished,
            values=self.values + rest.values,
            output=output,
            drew=drew,
            signals=tuple(sorted({*self.signals, *rest.signals})),
            changed=self.changed + rest.changed,
            late=self.late or rest.late,
            copied=self.copied or rest.copied,
            renewed=self.renewed or rest.renewed,
            kept=self.kept + rest.kept,
            warned=self.warned or rest.warned,
            touched=tuple(map(_both, self.touched, rest.touched)) if self.touched else rest.touched,
            asked=self.asked + rest.asked,
            unable=self.unable or rest.unable,
            seconds=self.seconds + rest.seconds,
            item_states=self.item_states + rest.item_states,
        )


def _both(some: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple({*some, *more})


class Run(Protocol):
    """A region's tasks on some backend. Used from the main thread only."""

    def wanted(self) -> int:
        """Items for the next task; 0 when enough is in flight or finished and not yet taken."""

    def submit(self, task: Task) -> None: ...

    def next(self) -> TaskResult:
        """The result of the lowest task not yet taken. Raises WorkerDied, KeyboardInterrupt, or ShipError."""

    def hungry(self, more: bool = True) -> bool:
        """Wait until next() would return at once (False), or (True) another task is wanted meanwhile, if there is
        `more` to submit, or the lowest task has said something."""

    def said(self) -> list[tuple[str, Any]]:
        """Events of the lowest task, which still runs, since this was asked last; they begin its result's events."""

    def ready(self) -> bool:
        """Whether next() would return at once."""

    def pending(self) -> int:
        """How many tasks have been submitted whose results have not been taken."""

    def settle(self) -> tuple[str, ...]:
        """Names of what committing results has changed of what iterations read: what was computed before is stale."""

    def missed(self) -> str:
        """Between two iterations of a result: why the next one cannot be committed after all, or ""."""

    def took(self, first: int) -> None:
        """Iterations below `first` count. What others have done to files is taken back when they are dropped."""

    @property
    def lost(self) -> list[str]:
        """Files of which that could not be done."""

    def cancel(self) -> None:
        """Stop everything that is queued or running and drop it. The backend stays usable."""

    def close(self) -> Any:
        """End the run; what it counted, with the attributes of ``_native.RunStats``."""


class Backend(Protocol):
    """A way of running tasks. One small file each under ``backends/``."""

    name: str

    def open(self, job: Job, workers: int) -> Run:
        """Begin a region's run. Wherever a task runs, it is ``run.task.run_task(job, task)`` that runs it."""

    def shutdown(self) -> None:
        """Stop what is kept warm between runs."""
