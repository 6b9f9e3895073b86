"""A loop that ran as it stands in the cell and was stopped there: how far it had come, from the iterator it went over.

Nothing counts its iterations while it runs. Iterators of the builtin containers say themselves where they stand, and so
do ``enumerate`` and ``zip`` over them; of others nothing is kept.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from .marks import LIMIT, Marks
from .pull import Puller
from .resume import Rest, Stopped
from .stood import stood

if TYPE_CHECKING:
    from ..cell import Region
    from .job import Job


SHORT, SHARE = 1.7e-3, 0.05
"""A loop is planned when it is stopped, to say what is kept of it, if that takes so many seconds, or this share of what
it has taken; else when it is to go on."""


class _Indexed:
    def __getitem__(self, index: int) -> None: ...


_ITEMS = type(iter(_Indexed()))  # type: ignore[call-overload]


class Owner(Protocol):
    """What sees to the region."""

    def settle(self, region: Region) -> bool:
        """Plan it, if that has been put off; whether it is parallel."""

    def job_of(self, here: Here) -> Job | None:
        """None where it is not."""


class Here:
    """A region that began to run on the notebook's thread, as the cell has it."""

    def __init__(
        self, owner: Owner, region: Region, iterable: Any, iterator: Iterator[Any], filename: str, total: int | None
    ) -> None:
        """`filename` is the cell's, `total` the number of the loop's iterations, where that is known."""
        self.region = region
        self.iterable = iterable
        self.filename = filename
        self.total = total
        self._owner = owner
        self._iterator = iterator
        self._began = time.perf_counter()

    def stopped(self, error: BaseException, line: int) -> Stopped | None:
        """What there is of it, if `error`, which left the cell in `line`, has stopped it and its place is known."""
        if not self.region.line <= line <= self.region.end_line:
            return None
        found = place(self._iterator, self.iterable)
        if found is None or found[0] < 1:
            return None
        worth = max(SHORT, SHARE * (time.perf_counter() - self._began))
        late = self.region.later is not None and self.region.planning > worth
        if not late and not self._owner.settle(self.region):
            return None
        committed, again = found[0] - 1, found[1]
        marks = Marks()
        marks.add(list(islice(iter(again), min(committed, LIMIT))))
        waiting = list(islice(iter(again), committed, committed + 1))
        return Stopped(
            self.region,
            None,
            committed,
            self.iterable,
            Puller(self._iterator, False, marks),
            waiting,
            None,
            error,
            begun=self.region.kind == "for",
            total=self.total,
            failed=isinstance(error, Exception),
            here=True,
            plan=lambda: self._owner.job_of(self),
            filename=self.filename,
            stood=stood(self.iterable),
        )


def place(iterator: Any, iterable: Any = None) -> tuple[int, Iterable[Any]] | None:
    """(items taken, what gives the same items from the first on); None where it cannot be told.

    `iterable` is what `iterator` goes over, where that is known."""
    kind = type(iterator)
    if kind is enumerate:
        inner, count = iterator.__reduce__()[1]
        found = place(inner)
        return found and (found[0], _Again(enumerate, (found[1],), count - found[0]))
    if kind is zip:
        places = [place(inner) for inner in iterator.__reduce__()[1]]
        taken = {found[0] for found in places if found is not None}
        if len(taken) == 1 and None not in places:
            return taken.pop(), _Again(zip, tuple(found[1] for found in places if found is not None))
        return None
    if kind.__module__ != "builtins" or not kind.__name__.endswith("iterator") or kind is _ITEMS:
        return None  # what goes over __getitem__ would run the user's code
    if (
        type(iterable).__module__ == "builtins"
        and hasattr(iterable, "__len__")
        and hasattr(iterator, "__length_hint__")
    ):
        return len(iterable) - iterator.__length_hint__(), iterable
    try:
        state = iterator.__reduce__()
    except TypeError:  # that of a memoryview
        return None
    # (iter, (container,), items taken)
    if len(state) == 3 and type(state[2]) is int and len(state[1]) == 1 and "reverse" not in kind.__name__:
        return state[2], state[1][0]
    return None


class _Again:
    """``enumerate`` or ``zip``, anew each time."""

    def __init__(self, function: Any, given: tuple[Any, ...], start: int | None = None) -> None:
        self._made = function, given, () if start is None else (start,)

    def __iter__(self) -> Iterator[Any]:
        function, given, start = self._made
        return iter(function(*given, *start))


def watched(
    owner: Owner, region: Region, iterable: Any, iterator: Iterator[Any], filename: str, total: int | None
) -> Here | None:
    """What is to be kept of a region that runs here; None where its place could not be told in the end."""
    if type(iterable) is Rest:
        iterable, iterator = iterable.iterable, iterable.source
    if place(iterator, iterable) is None:
        return None
    return Here(owner, region, iterable, iterator, filename, total)
