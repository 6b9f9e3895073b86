"""Commit a task's iterations in a few calls of C, all but the last one, where nobody could tell (``cell.bulk``).

The last one is left to the loop's own body, which thereby binds the names that the loop leaves. An interrupt comes
before or after such a call: how many iterations it has committed is to be seen from the iterator that it has used up.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import reduce
from itertools import compress, islice
from operator import add, itemgetter
from typing import TYPE_CHECKING, Any

from ..cell.bulk import ITEM, Bulk, Source
from ..ship.hashing import plain_atoms
from .columns import Columns

if TYPE_CHECKING:
    from .walk import Walk

FEW = 4
"""Iterations below which it is not worth while."""
_EXACT = 1 << 53
"""Integers below this are exact as floats."""


class Committer:
    """One region's. Used by the thread that commits."""

    def __init__(self, bulk: Bulk, slots: int, namespace: dict[str, Any]) -> None:
        """`slots`: see ``Region``."""
        self._bulk = bulk
        self._values = Columns if slots else list
        self._namespace = namespace
        self._plain: Any = None
        """The dict or set of which it is known that it holds nothing but numbers, text and the like."""

    def most(self, walk: Walk) -> None:
        """Commit all iterations but the last one, or none."""
        count = len(walk.values) - 1
        if count < FEW or type(walk.values) is not self._values or _watched():
            return
        owner: Any = self._namespace.get(self._bulk.owner)
        if self._fits(owner, walk):
            walk.bulk = self._bulk
            self._commit(owner, _Streams(walk, count))

    def _commit(self, owner: Any, streams: _Streams) -> None:
        bulk = self._bulk
        made = streams.of(bulk.value)
        if bulk.kind == "store":
            assert bulk.key is not None
            made = zip(streams.of(bulk.key), made, strict=False)
        test = None if bulk.test is None else streams.of(bulk.test)
        made = streams.stepping(made)
        if test is not None:
            made = compress(made, test)
        if bulk.kind == "append":
            owner.extend(made)
        elif bulk.kind == "plus":
            total = map(sum, (made,), (owner,)) if type(owner) is int else map(reduce, (add,), (made,), (owner,))
            self._namespace.update(zip((bulk.owner,), total, strict=True))
        else:
            owner.update(made)

    def _fits(self, owner: Any, walk: Walk) -> bool:
        """Whether it runs nothing but C, on what the names hold now."""
        bulk = self._bulk
        if bulk.kind == "append":
            return type(owner) is list
        values = _lists(bulk.value, walk)
        if bulk.kind == "plus":
            kinds = {kind for one in values for kind in map(type, one)}
            if isinstance(bulk.value, tuple) or len(kinds) != 1:
                return False
            if kinds == {int}:
                return type(owner) is int
            # What is added up in another order, or with what was lost on the way, is another number.
            return kinds == {float} and (type(owner) is float or (type(owner) is int and -_EXACT < owner < _EXACT))
        if type(owner) is not (dict if bulk.kind == "store" else set):
            return False
        keys = [] if bulk.key is None else _lists(bulk.key, walk)
        if not all(map(plain_atoms, values + keys)):
            return False
        if self._plain is not owner:
            # Who is asked whether it is equal, or goes when another value comes, may be an object of the notebook's.
            if not plain_atoms([*owner, *(owner.values() if isinstance(owner, dict) else ())]):
                return False
            self._plain = owner
        return True


def _watched() -> bool:
    """Whether somebody is told of each line that runs."""
    if sys.gettrace() is not None or sys.getprofile() is not None:
        return True
    monitoring = getattr(sys, "monitoring", None)
    return monitoring is not None and any(monitoring.get_tool(tool) is not None for tool in range(6))


def _lists(source: Source, walk: Walk) -> list[list[Any]]:
    """The lists in which the values of `source` are."""
    if isinstance(source, tuple):
        return [one for part in source for one in _lists(part, walk)]
    if source == ITEM:
        return [walk.items]
    if type(walk.values) is Columns:
        return [walk.values.columns[source]]  # type: ignore[index]
    return [walk.values]


class _Streams:
    """Iterators over a walk's values, of which one is the walk's own and comes to an end before its last value."""

    def __init__(self, walk: Walk, count: int) -> None:
        self._walk = walk
        self._own: Iterator[Any] | None = islice(walk.steps, count)

    def of(self, source: Source) -> Iterator[Any]:
        if isinstance(source, tuple):
            return zip(*map(self.of, source), strict=False)
        if source == 0 and self._own is not None:
            own, self._own = self._own, None
            return own
        return iter(_lists(source, self._walk)[0])

    def stepping(self, made: Iterator[Any]) -> Iterator[Any]:
        """`made`, with which the walk goes on if it does not with anything that was made of it."""
        return made if self._own is None else map(itemgetter(0), zip(made, self._own, strict=False))
