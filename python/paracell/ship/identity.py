"""What a worker sends back that it had received comes back as the notebook's own object.

Both sides of a pickle number the objects in it alike: the writer's memo (id -> number) and the reader's (number ->
object) agree. A worker primes the memo of its result pickler with the objects it received, so that a result that holds
one of them refers to it; the reference names the source (a broadcast value, or the task) and the number there.
"""

from __future__ import annotations

import io
import pickle
import types
from typing import Any

from .hashing import flat

TASK = 0
"""The source of objects that came with the task; sources above are serial numbers of broadcast values."""

MOST_BROADCAST = 50_000
"""Objects of broadcast values that keep their identity, in the order in which they are met; each costs a worker a few
nanoseconds a task."""

_NO_IDENTITY = frozenset(
    {int, float, complex, bool, str, type(None), type(Ellipsis), types.FunctionType, types.BuiltinFunctionType,
     types.ModuleType, type, types.CodeType}
)  # fmt: skip
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

    def __init__(self, pickler: pickle.Pickler) -> None:
        self._pickler = pickler
        self._by_number: dict[int, Any] | None = None

    def __getitem__(self, number: int) -> Any:
        if self._by_number is None:
            memo = self._pickler.memo.copy()  # type: ignore[attr-defined]
            self._by_number = dict(memo.values())
        return self._by_number[number]


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

    def extended(self, objects: list[tuple[int, Any]]) -> Primer:
        """This, and the objects of one task."""
        made = Primer()
        made.memo = dict(self.memo)
        made.sources = list(self.sources)
        made.add(TASK, objects)
        return made


class Resolver(pickle.Unpickler):
    """Kernel side: reads a result whose persistent ids are numbers into `references`."""

    def __init__(self, payload: Any, buffers: Any, references: dict[int, Source], objects: dict[int, Any]) -> None:
        super().__init__(io.BytesIO(payload), buffers=buffers)
        self._references = references
        self._objects = objects

    def persistent_load(self, number: Any) -> Any:
        source, index = self._references[number]
        return self._objects[source][index]
