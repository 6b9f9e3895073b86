"""What a worker sends back that it had received comes back as the notebook's own object.

Both sides of a pickle number the objects in it alike: the writer's memo (id -> number) and the reader's (number ->
object) agree. A worker primes the memo of its result pickler with the objects it received, so that a result that holds
one of them refers to it; the reference names the source (a broadcast value, or the task) and the number there.
"""

from __future__ import annotations

import functools
import io
import pickle
import types
from collections.abc import Mapping
from typing import Any

from .hashing import flat

TASK = 0
"""The source of objects that came with the task; sources above are serial numbers of broadcast values."""

MOST_BROADCAST = 50_000
"""Objects of broadcast values that keep their identity, in the order in which they are met; each costs a worker a few
nanoseconds a task."""

_NO_IDENTITY = frozenset(
    {int, float, complex, bool, str, type(None), type(Ellipsis), types.FunctionType, types.BuiltinFunctionType,
     types.ModuleType, type, types.CodeType, type(functools.lru_cache(maxsize=1)(lambda: None))}
)  # fmt: skip
"""Functions, those of functools.cache among them, and classes have numbers of their own (``definitions``)."""
_LARGE_BYTES = 1024
"""Shorter bytes are sent rather than named."""

Source = tuple[int, int]


def bearing(obj: Any) -> bool:
    """Whether it matters that `obj` is this object and no equal one."""
    kind = type(obj)
    if kind in _NO_IDENTITY or issubclass(kind, type):
        return False
    return kind is not bytes or len(obj) >= _LARGE_BYTES


def reader_objects(unpickler: pickle.Unpickler, root: Any) -> list[tuple[int, Any]]:
    """(number, object) of all that has an identity in `root`, which `unpickler` has read."""
    if flat(root):
        return [(0, root)]  # a list, dict or set is numbered before what is in it
    memo: dict[int, Any] = unpickler.memo.copy()  # type: ignore[attr-defined]
    return [(number, obj) for number, obj in memo.items() if bearing(obj)]


class WriterObjects:
    """Kernel side: the objects of one pickle by number, found when first asked for."""

    def __init__(self, pickler: pickle.Pickler, primed: int = 0) -> None:
        """`primed`: how many objects the pickler knew before it began."""
        self._pickler = pickler
        self._primed = primed
        self._by_number: dict[int, Any] | None = None
        self._memo: dict[int, tuple[int, Any]] | None = None

    @property
    def memo(self) -> dict[int, tuple[int, Any]]:
        """Identity -> (number, object), numbers as the pickler counts: from `primed` on."""
        if self._memo is None:
            self._memo = self._pickler.memo.copy()  # type: ignore[attr-defined]
        return self._memo

    @property
    def primed(self) -> int:
        """How many objects the pickler knew before it began."""
        return self._primed

    @property
    def by_number(self) -> dict[int, Any]:
        """All of them."""
        if self._by_number is None:
            named = self._primed
            self._by_number = {number - named: obj for number, obj in self.memo.values() if number >= named}
        return self._by_number

    def __getitem__(self, number: int) -> Any:
        return self.by_number[number]


class Primer:
    """Worker side: a job's received objects, numbered densely for a pickler's memo."""

    def __init__(self) -> None:
        self.memo: dict[int, tuple[int, Any]] = {}
        self.sources: list[Source] = []

    def add(self, source: int, objects: list[tuple[int, Any]], most: int | None = None) -> None:
        """Note `objects` of `source`; an object that is known already keeps its first source."""
        memo, sources = self.memo, self.sources
        for number, obj in objects:
            if most is not None and len(sources) >= most:
                return
            if id(obj) not in memo:
                memo[id(obj)] = (len(sources), obj)
                sources.append((source, number))

    def naming(self, source: int, objects: list[Any]) -> Primer:
        """This, and objects that travel apart, as `source`."""
        made = Primer()
        made.memo = dict(self.memo)
        made.sources = list(self.sources)
        made.add(source, list(enumerate(objects)))
        return made

    def extended(self, objects: list[tuple[int, Any]]) -> Primer:
        """This, and the objects of one task."""
        made = Primer()
        made.memo = dict(self.memo)
        made.sources = list(self.sources)
        made.add(TASK, objects)
        return made


class Resolver(pickle.Unpickler):
    """Reads a pickle whose persistent ids are numbers into `references`: a result, or a task's items.

    `objects`: source -> number -> object."""

    def __init__(self, payload: Any, buffers: Any, references: dict[int, Any], objects: Mapping[int, Any]) -> None:
        super().__init__(io.BytesIO(payload), buffers=buffers)
        self._references = references
        self._objects = objects

    def persistent_load(self, number: Any) -> Any:
        source, index, *_ = self._references[number]
        return self._objects[source][index]
