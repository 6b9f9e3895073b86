"""Pull the user's iterator on the main thread, a task at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice, repeat
from types import GeneratorType
from typing import Any

from ..ship.hashing import plain_atoms
from .beneath import LEAVES
from .marks import Marks
from .weight import weight

_PLAIN = {GeneratorType, enumerate, zip, type(iter(range(0))), type(iter([])), type(iter(())), type(iter({}))}
"""Iterators whose ``__iter__`` gives themselves, and does nothing else."""

AHEAD = 256 << 20
"""Bytes of items that are pulled and not yet committed."""
_OF_LISTS: frozenset[type] = frozenset((type(iter([])), type(iter(()))))
"""Iterators over what keeps its items."""


def nexts(iterator: Iterator[Any]) -> Iterator[Any]:
    """Its items for one who asks for an iterator once more, as ``for`` and ``islice`` do: it need have no ``__iter__``,
    and one that it has has been called."""
    return iterator if type(iterator) in _PLAIN else map(next, repeat(iterator))


def _own(item: Any) -> set[int]:
    """Ids of what an iteration may change that has this item: of the item, or of what the tuple holds that it is."""
    if type(item) is tuple:
        return set().union(*map(_own, item))
    return set() if isinstance(item, LEAVES) else {id(item)}


class Puller:
    """Items of the user's iterator. What ``next()`` raises is kept until the items before it are committed."""

    def __init__(self, iterator: Iterator[Any], distinct: bool, marks: Marks | None = None):
        self.iterator = iterator
        self._nexts = nexts(iterator)
        self._ahead: list[Any] = []
        self._out: deque[list[Any]] = deque()
        """What was handed out and is not yet committed; ``count``: how many items are."""
        self._weights: deque[int] = deque()
        """Bytes that those hold, for each time; nothing if who gave them keeps them anyway."""
        self._held = self._each = 0
        self.count = 0
        self.marks = marks
        self._distinct = distinct
        self._kept = type(iterator) in _OF_LISTS
        self.plain = False
        """Whether what was taken last is nothing but numbers, text and the like."""
        self._flying: set[int] = set()
        self.error: BaseException | None = None
        self.ended = False
        self.barrier = False
        """The next item is one that is still in flight and may be changed: nothing is pulled until it is committed."""
        self.torn = False
        """An interrupt fell where an item may have left the iterator without having arrived here."""

    def take(self, count: int) -> tuple[list[Any], bool]:
        """Up to `count` items, and whether the last of them is the last of all."""
        self.torn = True
        items = self._pull(count)
        if self._distinct:
            items = self._apart(items)
        if items:
            self._out.append(items)
            whole = 0 if self._kept else weight(items)
            self._weights.append(whole)
            self._held += whole
            self._each = whole // len(items)
            self.plain = plain_atoms(items)
            if self.marks is not None:
                self.marks.add(items, kept=self.plain and self._kept)
        self.torn = False
        return items, self.ended and not self._ahead and self.error is None

    def _pull(self, count: int) -> list[Any]:
        items = self._ahead
        self._ahead = []
        self.barrier = False
        if len(items) <= count and not self.ended:
            try:
                # What has come when next() raises is kept: extend() adds an item at a time.
                items.extend(islice(self._nexts, count + 1 - len(items)))
                self.ended = len(items) <= count
            except BaseException as error:
                self.error, self.ended = error, True
        if len(items) > count:
            self._ahead = items[count:]
            items = items[:count]
        return items

    def _apart(self, items: list[Any]) -> list[Any]:
        for number, item in enumerate(items):
            own = _own(item)
            if not self._flying.isdisjoint(own):
                self._ahead = items[number:] + self._ahead
                self.barrier = True
                return items[:number]
            self._flying |= own
        return items

    def committed(self, items: list[Any]) -> None:
        """These items are done with."""
        self._out.popleft()
        self._held -= self._weights.popleft()
        self.count += len(items)
        if self._distinct:
            self._flying.difference_update(*map(_own, items))

    def waiting(self, done: int) -> list[Any]:
        """Items that have been pulled, but for the first `done` of all."""
        return [*[item for items in self._out for item in items][done - self.count :], *self._ahead]

    @property
    def waits(self) -> bool:
        """Whether no more is pulled until some of it is committed."""
        return self.barrier or self._held >= AHEAD

    def few(self, count: int) -> int:
        """`count`, or fewer items where those would be too many bytes, by what the last ones held."""
        return max(1, min(count, (AHEAD - self._held) // self._each)) if self._each else count

    @property
    def done(self) -> bool:
        """Whether every item has been handed out."""
        return self.ended and not self._ahead
