"""A task's iterations, as a ``for`` statement goes over them: as fast as C, and yet it shows how far it has come."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..cell.bulk import ITEM
from .columns import Columns

if TYPE_CHECKING:
    from ..cell.bulk import Bulk


class Walk:
    """Items with their values, handed to the loop without anybody in between. ``kept``: the last one's temporaries."""

    def __init__(self, items: list[Any], values: list[Any] | Columns, kept: dict[str, Any] | None) -> None:
        self.items = items
        self.values: Any = values
        self.kept = kept
        self.seen = 0
        """As far as somebody has looked."""
        self.steps: Iterator[Any] = iter(values.columns[0] if type(values) is Columns else values)
        """Goes on with each iteration; it gives values, or of those that are tuples the first slot."""
        self.bulk: Bulk | None = None
        """What was done at a time with all iterations that `steps` is past but the loop was not given."""

    def pairs(self) -> Iterator[tuple[Any, Any]]:
        """(item, value) of each iteration."""
        # Behind an error there are more items than values, and zip() takes one of those before it sees that.
        items, values = self.items, self.steps
        if type(self.values) is Columns:
            others = self.values.columns[1:]
            values = zip(self.steps, *(islice(one, self.handed, None) for one in others), strict=False)
        return zip(islice(items, self.handed, None) if self.handed else items, values, strict=False)

    @property
    def handed(self) -> int:
        """How many iterations the loop has been given."""
        return len(self.values) - self.steps.__length_hint__()  # type: ignore[attr-defined]


class Position:
    """The iteration that a ``for`` statement is at, and the one before it."""

    def __init__(self) -> None:
        self.items = 0
        """Iterations that the loop has been given."""
        self.item: Any = None
        """The item of the current iteration; ``before``: of the one before it."""
        self.before: Any = None
        self.value: Any = None
        """What workers computed for ``item``; ``value_before``: for ``before``."""
        self.value_before: Any = None
        self.kept: dict[str, Any] | None = None
        """Temporaries of the iteration that ended its task, if it was the last or failed."""
        self.committing = False
        """Whether the body is at work on the last of these items."""
        self._walk: Walk | None = None
        """The loop may be further on it than ``item`` and its like say."""

    def over(self, walk: Walk) -> Iterator[Walk]:
        """`walk`, while the loop goes over it."""
        if not walk.values:
            return
        self._walk = walk
        self.committing = True
        yield walk
        self.committing = False
        self.catch_up()
        self._walk = None

    def catch_up(self) -> None:
        """Know the iteration that the loop is at."""
        walk = self._walk
        if walk is None or walk.handed == walk.seen:
            return
        at = walk.handed - 1
        self.before, self.value_before = self.item, self.value
        if at > walk.seen:
            self.before, self.value_before = walk.items[at - 1], walk.values[at - 1]
        self.item, self.value = walk.items[at], walk.values[at]
        self.items += walk.handed - walk.seen
        walk.seen = walk.handed
        if walk.seen == len(walk.values):
            self.kept = walk.kept

    def bind_bulk(self, namespace: dict[str, Any]) -> None:
        """The loop was left behind iterations that it was not given: what the last one of them has bound."""
        walk = self._walk
        if walk is None or walk.bulk is None or walk.handed in (0, len(walk.values)):
            return
        self.committing = False
        for name, source in walk.bulk.binds.items():
            slots = self.value if type(walk.values) is Columns else (self.value,)
            namespace[name] = self.item if source == ITEM else slots[int(source)]
