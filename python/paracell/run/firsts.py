"""The order in which a loop makes new names: that of their first assignment, which iterations may differ in.

The commit part makes names in the notebook's namespace when serial Python would; names that only workers know are made
when the loop is left, behind them. What is known of the others: which iteration first said that a worker has bound them
(``Runtime.park``), and that those that every iteration binds come with the first one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..cell import Region


class Firsts:
    """One region's new names, in the order of their first assignments as far as the loop has come."""

    def __init__(self, region: Region, namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._text = {name: at for at, name in enumerate(n for n in region.order if n not in namespace)}
        """Name -> its place among the first assignments in the text."""
        self._made: dict[str, None] = {}
        self._begun = False
        """Whether the first iteration is over."""

    @property
    def differ(self) -> bool:
        """Whether there may be something to put in order."""
        return len(self._text) > 1

    def bound(self, name: str) -> None:
        """A worker has bound `name`, in the iteration that is being committed."""
        if name in self._text and name not in self._made:
            self._look()
            self._made[name] = None

    def first_over(self, always: Iterable[str]) -> None:
        """The first iteration is over. `always`: the names that each iteration binds in the worker, for itself."""
        self._look()
        self._merge(always)
        self._begun = True

    def left(self) -> None:
        """The loop is left: what was bound in its iterations is what the namespace has now."""
        self._look()

    def arrange(self) -> None:
        """Put the names in the namespace in their order."""
        rest = [name for name in self._text if name in self._namespace and name not in self._made]
        if self._begun:
            self._made.update(dict.fromkeys(rest))
        else:
            self._merge(rest)
        made = [name for name in self._made if name in self._namespace]
        if len(made) > 1 and [name for name in self._namespace if name in self._made] != made:
            for name in made:
                self._namespace[name] = self._namespace.pop(name)

    def _look(self) -> None:
        """Take down the names that the commit part has made since the last time."""
        if len(self._made) < len(self._text):
            new = self._text.keys() - self._made.keys()
            self._made.update((name, None) for name in self._namespace if name in new)

    def _merge(self, names: Iterable[str]) -> None:
        """Names that the first iteration has bound at an unknown moment stand where they stand in the text."""
        for name in names:
            if name not in self._text or name in self._made:
                continue
            later = [n for n in self._made if self._text[n] > self._text[name]]
            self._made[name] = None
            for moved in later:
                self._made[moved] = self._made.pop(moved)
