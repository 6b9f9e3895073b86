"""What was found out about an object, kept as long as the object lives and no longer."""

from __future__ import annotations

from _weakref import ref  # as `weakref`, which a worker's start does without
from collections.abc import Callable
from typing import Any, Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")


class Kept(Generic[K, T]):
    """What `find` says of an object (code, a class) that never changes in this respect, asked for once.

    By identity: to compare two code objects takes as long as to ask again, and classes may compare as they like. A
    notebook makes code with every cell; what is known of it must not outlive it."""

    def __init__(self, find: Callable[[K], T]) -> None:
        self._find = find
        self._found: dict[int, tuple[ref[Any], T]] = {}

    def __call__(self, one: K) -> T:
        at = id(one)
        known = self._found.get(at)
        if known is not None and known[0]() is one:
            return known[1]
        found = self._find(one)
        self._found[at] = ref(one, lambda gone: self._forget(at, gone)), found
        return found

    def _forget(self, at: int, gone: ref[Any]) -> None:
        """`gone` is told of when another may have its number and stand here in its place."""
        known = self._found.get(at)
        if known is not None and known[0] is gone:
            del self._found[at]
