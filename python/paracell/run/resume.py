"""A loop that was stopped by an exception or an interrupt: what there is of it, and how it goes on from there.

The committed iterations stand. What goes on is the first uncommitted one, with the items that are left: those of the
iterable evaluated again where it can be, after comparing what it begins with with what the loop went over before; else
the ones that were pulled already, and the iterator where it stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from io import IOBase
from itertools import chain, islice
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from paracell.records import field, record

from .beneath import sources
from .stood import moved_on, stood

if TYPE_CHECKING:
    from ..cell import Region
    from .job import Job
    from .pull import Puller
    from .region import Active

_BLOCK = 256
"""Items that are compared at a time."""


class NotResumed(Exception):
    """The loop cannot go on; the text says why and what to do. Nothing has run."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the reason alone, since no frame of the user's says more."""
        return [f"NotResumed: {self}"]


@record
class Stopped:
    """A region that an exception or an interrupt has left."""

    region: Region
    planned: Job | None
    """None: the loop ran as it stands, and what workers would need was not made yet (``settled``)."""
    committed: int
    """Iterations that stand; also the number of the one to go on with."""
    iterable: Any
    puller: Puller
    waiting: list[Any]
    """Items that had been pulled for iterations that do not stand."""
    values: Any
    """What a comprehension has so far, else None."""
    error: BaseException
    begun: bool
    """Whether the iteration to go on with had begun its commit part."""
    total: int | None
    """Iterations of the whole loop, where that is known."""
    moved: frozenset[str] = field(default_factory=frozenset)
    """Labels of the random sources that have moved on for this loop."""
    in_compute: bool = True
    """Whether the error is one of what workers run."""
    here: bool = False
    """Whether it ran as it stands in the cell, so that a comprehension's values are lost."""
    failed: bool = True
    """Whether it was the iteration to go on with that failed (else an interrupt, or the iterator)."""
    plan: Callable[[], Job | None] | None = None
    """Makes ``planned``; it gives None where the loop is not parallel."""
    filename: str = ""
    """The cell's."""
    stood: Mapping[int, Any] = field(default_factory=dict)
    """Where the iterators stood that it went over."""

    def settled(self) -> Job | None:
        """The job, made now if that has been put off."""
        if self.planned is None and self.plan is not None:
            self.planned, self.plan = self.plan(), None
        return self.planned

    @property
    def job(self) -> Job:
        """That of a loop that is known to be parallel."""
        job = self.settled()
        assert job is not None
        return job

    @property
    def passes_once(self) -> bool:
        """Whether what the loop goes over is an iterator with a state of its own: a generator, a file, a reader."""
        return any(hasattr(type(source), "__next__") and not _is_view(source) for source in sources(self.iterable))

    @property
    def alive(self) -> bool:
        """Whether the iterator that the loop went over can go on from where it stands."""
        if self.puller.error is not None or self.puller.torn:
            return False
        return self.puller.ended or not any(map(_is_dead, sources(self.iterable)))

    def shares(self, iterable: Any) -> bool:
        """Whether `iterable`, evaluated again, asks an iterator for items that this loop asked as well."""
        before = {id(source) for source in sources(self.iterable) if hasattr(type(source), "__next__")}
        return any(id(source) in before for source in sources(iterable))

    def paused(self) -> Rest:
        """The items pulled already, then the iterator from where it stands. NotResumed if it stands elsewhere now."""
        if not self.puller.ended and moved_on(self.stood, self.iterable):
            raise NotResumed(
                f"line {self.region.line}: {self.committed:,} iterations stand, but what the loop goes over has been "
                "asked for items since, and can be gone over once only: run what is left in a cell without --resume"
            )
        return Rest(self, self.iterable, self.waiting, iter(()) if self.puller.ended else self.puller.iterator)

    def again(self, iterable: Any) -> Rest:
        """What is left of `iterable`, the loop's, evaluated again. NotResumed if it does not begin as it did."""
        iterator = iter(iterable)
        marks = self.puller.marks
        number = 0
        while number < self.committed:
            items = list(islice(iterator, min(_BLOCK, self.committed - number)))
            changed = marks.difference(items, number) if marks is not None else None
            if changed is not None:
                raise NotResumed(self._another(changed, items[changed - number]))
            if not items:
                raise NotResumed(self._short(number))
            number += len(items)
        return Rest(self, iterable, [], iterator)

    def _another(self, number: int, item: Any) -> str:
        return (
            f"line {self.region.line}: {self.committed:,} iterations stand, but the iterable is another now: item "
            f"{number:,} is {short(item)}, and was not. Run the cell anew, or give the loop an iterable that begins "
            "with the same items."
        )

    def _short(self, number: int) -> str:
        return (
            f"line {self.region.line}: {self.committed:,} iterations stand, but the iterable has only {number:,} items "
            "now: it was changed, or it can be gone over once only. Run the cell anew, or give the loop an iterable "
            "that begins with the same items."
        )


class Rest:
    """What is left of a stopped region's iterable; stands where the iterable stood."""

    def __init__(self, stopped: Stopped, iterable: Any, items: list[Any], iterator: Iterator[Any]) -> None:
        self.stopped = stopped
        self.iterable = iterable
        self._items = items
        self._iterator = iterator

    def __len__(self) -> int:
        """Iterations that are left. TypeError where that is not known."""
        if self.stopped.puller.ended and self._items:
            return len(self._items)
        return max(len(self.iterable) - self.stopped.committed, 0)

    def __iter__(self) -> Iterator[Any]:
        return chain(self._items, self._iterator)

    @property
    def source(self) -> Iterator[Any]:
        """What its items come from: that iterator, or one that says nothing of where it stands."""
        return chain() if self._items else self._iterator

    def go_on(self, active: Active) -> None:
        """`active`, which is about to begin, is the rest of the loop."""
        stopped = self.stopped
        active.first += stopped.committed
        active.start = active.first
        active.moved = set(stopped.moved)
        active.marks_before = stopped.puller.marks

    def streams(self, planned: Any) -> Any:
        """The random streams of the iterations that are left: those that they would have had."""
        kept = {stream.label: stream for stream in self.stopped.job.seed or ()}
        together = [kept.pop(stream.label, stream) for stream in planned or ()]
        return (*together, *kept.values()) or None


@record
class Resumes:
    """How the run time of a resumed cell gets at what is left."""

    index: int | None
    """Of the region; None if it is not parallel any more."""
    stopped: Stopped
    paused: bool
    goes_on: Callable[[], None]
    """Says so: what the loop goes over begins as it did."""
    same: bool = True
    """Whether the loop's iterable is written as it was."""
    begun: bool = False
    """Whether what is left has been asked for: until then the loop stands as it did."""

    def rest(self, iterable: Any) -> Rest:
        once = not self.paused and self.stopped.shares(iterable)
        if once and not (self.same and self.stopped.alive):
            raise NotResumed(
                f"line {self.stopped.region.line}: the loop goes over an iterator that can be gone over once only, and "
                "the way to it is another now, or it has ended: run what is left in a cell without --resume"
            )
        rest = self.stopped.paused() if self.paused or once else self.stopped.again(iterable)
        if not self.begun:
            self.goes_on()
        self.begun = True
        return rest

    def joined(self, value: Any) -> Any:
        """`value`, of the rest, behind the values that there were before (it may be these very ones)."""
        before = self.stopped.values
        if before is None or before is value:
            return value
        (before.extend if isinstance(before, list) else before.update)(value)
        return before


def _is_view(iterator: Any) -> bool:
    """An iterator that begins anew where it is made anew: of containers, or going over others (enumerate, zip)."""
    if isinstance(iterator, GeneratorType):
        return iterator.gi_code.co_name == "iterrows" and "pandas" in iterator.gi_code.co_filename
    kind = type(iterator)
    if kind.__module__ != "builtins":
        return False
    return kind.__name__.endswith("iterator") or kind in (enumerate, zip, reversed)


def _is_dead(iterator: Any) -> bool:
    if isinstance(iterator, GeneratorType):
        return iterator.gi_frame is None
    return isinstance(iterator, IOBase) and iterator.closed


def stop(active: Active, committed: int, error: BaseException) -> Stopped | None:
    """What there is of `active`, which `error` is about to leave; None if its iterator was never begun."""
    puller = active.puller
    if puller is None:
        return None
    waiting = puller.waiting(committed)
    return Stopped(
        active.region,
        active.job,
        active.first + committed,
        active.iterable,
        puller,
        waiting,
        active.out,
        error,
        active.position.committing,
        None if active.job.total is None else active.first + active.job.total,
        frozenset(active.moved),
        in_compute=error is active.names.failed or error is active.reported,
        filename=active.job.filename,
        stood=stood(active.iterable),
        failed=bool(waiting) and error is not puller.error and (active.position.committing or error is active.reported),
    )


def short(value: Any) -> str:
    """repr, at most 100 characters."""
    try:
        text = repr(value)
    except Exception:
        text = f"<{type(value).__name__}>"
    return text if len(text) <= 100 else text[:97] + "..."
