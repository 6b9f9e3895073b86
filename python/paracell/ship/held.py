"""What workers that were forked for one run have from the kernel itself: objects that no pickle can carry.

They travel as numbers. In a worker a number is the very object that the kernel had when it forked; on the way back it
is the kernel's object again.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any

_ABSENT = object()


def _is_free(lock: Any) -> bool:
    # Recursive ones cannot be asked in another way before Python 3.14.
    return repr(lock).startswith("<unlocked")


def _bound(variable: contextvars.ContextVar[Any]) -> Any:
    return variable.get(_ABSENT)


_STATES: dict[type, Callable[[Any], Any]] = {
    type(threading.Lock()): _is_free,
    type(threading.RLock()): _is_free,
    contextvars.ContextVar: _bound,
}
"""What can be seen of objects that are harmless in a child: then it is also seen if an iteration changes them."""


class Held:
    """The objects of one run, by number."""

    def __init__(self) -> None:
        self.kinds: set[type] = set()
        self.paths: list[str] = []
        """Where each of them was found first, for people."""
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._states: list[Any] = []

    def __len__(self) -> int:
        return len(self._objects)

    def __getitem__(self, number: int) -> Any:
        return self._objects[number]

    def number(self, obj: Any) -> int | None:
        """The number of `obj`; None: it is not held."""
        return self._numbers.get(id(obj))

    def add(self, obj: Any, path: str) -> None:
        """Hold `obj`."""
        self.kinds.add(type(obj))
        self._numbers[id(obj)] = len(self._objects)
        self._objects.append(obj)
        self._states.append(_state(obj))
        self.paths.append(path)

    def drifted(self) -> list[str]:
        """Where objects are that are not as they were, as far as that can be seen."""
        return [
            path.partition(":")[0]
            for obj, state, path in zip(self._objects, self._states, self.paths, strict=True)
            if _state(obj) is not state
        ]


def _state(obj: Any) -> Any:
    look = _STATES.get(type(obj))
    return look(obj) if look is not None else None


def harmless(obj: Any) -> bool:
    """Whether a forked worker may have `obj`: nothing waits for it for ever, and its changes are seen."""
    look = _STATES.get(type(obj))
    return look is not None and (look is not _is_free or _is_free(obj))


def shared(obj: Any) -> bool:
    """Whether a forked child and its parent would act on the same thing by `obj`, or the child take from it what comes
    next: then not even a user who insists may have it there."""
    if harmless(obj):
        return False
    kind = type(obj)
    able = ("fileno", "cursor", "fetchone", "__next__", "__anext__", "send", "recv", "release")
    return obj is None or any(hasattr(kind, name) for name in able)
