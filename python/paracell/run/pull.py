"""Pull the user's iterator on the main thread, a task at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from .marks import Marks


class Puller:
    """Items of the user's iterator. What ``next()`` raises is kept until the items before it are committed."""

    def __init__(self, iterator: Iterator[Any], distinct: bool, marks: Marks | None = None):
        self.iterator = iterator
        self._ahead: list[Any] = []
        self._out: deque[list[Any]] = deque()
        """What was handed out and is not yet committed; ``count``: how many items are."""
        self.count = 0
        self.marks = marks
        self._distinct = distinct
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
            if self.marks is not None:
                self.marks.add(items)
        self.torn = False
        return items, self.ended and not self._ahead and self.error is None

    def _pull(self, count: int) -> list[Any]:
        items = self._ahead
        self._ahead = []
        self.barrier = False
        while len(items) <= count and not self.ended:
            try:
                item = next(self.iterator)
            except StopIteration:
                self.ended = True
                break
            except BaseException as error:
                self.error, self.ended = error, True
                break
            items.append(item)
        if len(items) > count:
            self._ahead = items[count:]
            items = items[:count]
        return items

    def _apart(self, items: list[Any]) -> list[Any]:
        for number, item in enumerate(items):
            if id(item) in self._flying:
                self._ahead = items[number:] + self._ahead
                self.barrier = True
                return items[:number]
            self._flying.add(id(item))
        return items

    def committed(self, items: list[Any]) -> None:
        """These items are done with."""
        self._out.popleft()
        self.count += len(items)
        if self._distinct:
            self._flying.difference_update(map(id, items))

    def waiting(self, done: int) -> list[Any]:
        """Items that have been pulled, but for the first `done` of all."""
        return [*[item for items in self._out for item in items][done - self.count :], *self._ahead]

    @property
    def done(self) -> bool:
        """Whether every item has been handed out."""
        return self.ended and not self._ahead
