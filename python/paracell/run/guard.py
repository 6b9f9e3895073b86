"""Whether what iterations read has changed: by iterations that share the notebook's objects, looked at before each
commit, or by a commit, looked at after it.

As long as the pictures of what the iterations reach (``holdings``) are true, nobody has changed anything, and what a
task made is what the serial loop makes. Once one is not, the task is not committed (see ``run.region``): what
iterations have changed is put back, and the loop goes on serially. What takes long to compare is not compared after
every task; the result then says so.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from itertools import accumulate
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from ..ship.codes import reach
from . import doubts, sources
from .around import Around, around
from .holdings import MOST, Holdings
from .job import Job, Task, TaskResult
from .paths import describe
from .pictures import OfNames, Picture, unlike
from .residue import Replay

if TYPE_CHECKING:
    from ..cell import Refusal, Region

SHARE = 0.03
"""Share of the threads' busy time that looking may take, and of the time that ``auto`` expects the loop to take."""
SMALL = 50e-6
"""Seconds: pictures that together take less are compared after every task."""
ITEM = 4e-6
"""Seconds that looking at an item may always take."""
FIRST = 0.005
"""Seconds that may be spent before anything is known of how long iterations take."""
_TEXT = frozenset(("stdout", "stderr"))
FINAL = 0.02
"""What comparing may take when nothing more is to come."""


class Guard:
    """One job. Used by the main thread alone."""

    def __init__(self, job: Job, most: float = MOST, apart: Iterable[Any] = ()) -> None:
        """`most`: seconds that looking at what one name leads to may take. `apart`: what is not followed."""
        options = job.options
        self._namespace = namespace = job.compute.__globals__
        self._roots = {n: namespace[n] for n in reach(job.compute.__code__).globals if n in namespace}
        apart = [*apart, *(namespace[name] for name in options.get("own", ()) if name in namespace)]
        choice = options.get("choice")
        expected = getattr(choice, "seconds", None)
        most = most if expected is None else min(most, SHARE * expected)
        self._held = Holdings(options.get("binds", ()), apart, most)
        self._held.code(job.compute)
        for one in around():
            self._held.picture(one, None)
        self._commits = job.commits
        self._blind = bool(options.get("blind"))
        """Whether the loop's own body may change any object, too: what changes while it commits is then its doing."""
        self._album = Album()
        self._album.add(self._held.pictures)
        self._first = list(self._held.pictures)
        self._items: dict[int, list[Picture]] | None = None if options.get("changes_items") else {}
        self._shared: dict[int, list[Picture]] = {}
        """By task: pictures that were taken before it, while tasks before it may have run."""
        self._credit = FIRST
        self._before: list[tuple[Picture, Any]] = []
        """Pictures of what a commit seems to have changed, and what they showed before."""
        self.suspect: tuple[str, ...] = ()
        """Names of what has changed while a task was committed: iterations that were computed before do not know."""

    def moving(self) -> list[tuple[str, Any]]:
        """(path, object) of what iterations share and cannot be put back."""
        return [(self._called_by(one.name, one.value), one.value) for one in self._held.moving()]

    def acting(self) -> tuple[str, str] | None:
        """(a function, what it does) that iterations may run without calling it by name, and that changes what they
        share."""
        return self._held.acting(self._namespace)

    def moves_on(self) -> str:
        """What of what iterations use cannot be put back, in words; "" if there is nothing."""
        for path, value in self.moving():
            # Each thread has values of its own of a threading.local, and there is one; sources of random numbers have
            # streams (``streams``).
            if type(value).__name__ != "_local" and not sources.is_source(value):
                return f"'{path}' (a {type(value).__qualname__}) moves on when it is used"
        return ""

    def reason(self, region: Region) -> Refusal | None:
        """Why `region` cannot run on threads at all."""
        if moving := self.moving():
            return doubts.moves_on(region, *moving[0])
        if acts := self.acting():
            return doubts.acts_unseen(region, *acts)
        if once := self._held.once(self._namespace):
            return doubts.acts_once(region, *once)
        return None

    # ------------------------------------------------------------------------------------------------------ the run

    def submitted(self, index: int, task: Task) -> None:
        """The task is about to run."""
        if self._items is None:
            return
        allowed = max(SMALL + ITEM * len(task.items), self._credit / 2)
        pictures, shared, spent = self._held.items(task.items, allowed)
        self._credit = max(0.0, self._credit - 2 * spent)
        if pictures:
            self._items[index] = pictures
        if shared:
            self._shared[index] = shared
        self._album.add(shared)

    def finished(self, index: int, result: TaskResult, more: bool) -> tuple[tuple[str, ...], bool]:
        """Names of what has changed before this task is committed; and whether tasks before it may have seen that.
        `more`: others are running or to come."""
        self._credit += SHARE * result.seconds
        self._blind = self._blind or _acts(result)
        names, late = dict.fromkeys(self.suspect), bool(self.suspect)
        if not names:
            changed, late = self._look(0.0 if more else FINAL)
            names = self._names(changed)
        if self._items and index in self._items:
            if unlike(self._items[index]):
                names["items"] = None
            elif not names:
                del self._items[index]
        return tuple(names), late

    def committed(self) -> None:
        """The latest task has been committed."""
        if not (self._commits or self._blind):
            return  # nobody's code has run: what changed meanwhile, iterations did, and it is seen before the next task
        changed, late = self._look(0.0)
        if not changed:
            return
        self.suspect = tuple(self._names(changed))
        if self._blind or not late:
            # It was as it had been right before: the loop's own body has done it, which is not to be put back.
            self._before = [(picture, picture.saved) for picture in changed]
            for picture in changed:
                picture.saved = picture.look()

    def restore(self) -> None:
        """Nobody is at it any more: put back what has changed since the pictures were taken."""
        if not self._blind and unlike([picture for picture, _ in self._before]):
            # It went on changing when nothing was committed: iterations have done it.
            for picture, saved in self._before:
                picture.saved = saved
        items = self._items or {}
        # What was pictured late may show what earlier tasks had done: the first picture of an object has the last word.
        for index in sorted({*items, *self._shared}, reverse=True):
            for picture in (*items.get(index, ()), *self._shared.get(index, ())):
                picture.undo()
        for picture in self._first:
            picture.undo()

    def _look(self, allowed: float) -> tuple[list[Picture], bool]:
        changed, late, spent = self._album.look(max(allowed, self._credit))
        self._credit = max(0.0, self._credit - spent)
        return changed, late

    # ------------------------------------------------------------------------------------------------------- in words

    def _names(self, changed: Iterable[Picture]) -> dict[str, None]:
        return {name: None for picture in changed for name in self._called(picture)}

    def _called(self, picture: Picture) -> list[str]:
        if isinstance(picture, OfNames):
            return picture.differ()
        if isinstance(picture, Around):
            return [picture.label]
        return [self._called_by(*self._held.owners[id(picture)])]

    def _called_by(self, name: str, value: Any) -> str:
        """What `value`, to which `name` leads, is called: by a name of its own, else by the way to it."""
        own = next((n for n, one in self._namespace.items() if one is value and not n.startswith("_")), None)
        if own is not None:
            return own
        return describe(self._data(), id(value)).strip("'") if name in self._roots else name

    def _data(self) -> dict[str, Any]:
        """What code that may run names in the notebook, data before functions."""
        named = [one for one in self._album.pictures if isinstance(one, OfNames) and one.shown is self._namespace]
        found = {name: value for one in named for name, value in zip(one.names, one.saved, strict=True)}
        data = {name: value for name, value in found.items() if not isinstance(value, (FunctionType, ModuleType))}
        return {**data, **self._roots}


class Album:
    """Pictures, the cheap ones first: those are always compared, the others as far as there is time."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []
        self._costs: list[float] = []
        """Of each picture and all before it."""
        self._always = 0
        """So many of the first are compared each time."""
        self._fresh = 0
        """So many of the first were compared the last time."""

    def add(self, pictures: list[Picture]) -> None:
        """More of them."""
        if not pictures:
            return
        self.pictures = sorted([*self.pictures, *pictures], key=lambda picture: picture.cost)
        self._costs = list(accumulate(picture.cost for picture in self.pictures))
        self._always = bisect(self._costs, SMALL)
        self._fresh = len(self.pictures)

    def look(self, allowed: float) -> tuple[list[Picture], bool, float]:
        """(those that are no longer true, whether one of them was not looked at the last time, seconds spent on others
        than the cheap ones, reckoned)."""
        least = self._costs[self._always - 1] if self._always else 0.0
        until = bisect(self._costs, least + allowed)
        changed = unlike(self.pictures[:until])
        late = bool(changed) and changed[-1] in self.pictures[self._fresh : until]
        self._fresh = until
        return changed, late, self._costs[until - 1] - least if until else 0.0


def _acts(result: TaskResult) -> bool:
    """Whether committing it runs handlers of records and warnings, which may be the notebook's own."""
    events = [event[2] for event in result.output]
    for value in result.values:
        if type(value) is Replay and value.output:
            events += [event[-2] for event in value.output]
    return not _TEXT.issuperset(events)


def guard_of(job: Job) -> Guard:
    """The guard of this job, made when it is first asked for."""
    if "guard" not in job.options:
        job.options["guard"] = Guard(job)
    guard: Guard = job.options["guard"]
    return guard
