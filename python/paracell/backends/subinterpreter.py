"""One subinterpreter: a Python beside the notebook's in the same process, with modules, objects and a GIL of its own.

CPython 3.14 offers them as ``concurrent.interpreters``. 3.13 has the same built-in module below it, ``_interpreters``,
which the package ``interpreters-pep-734`` wraps; nothing of that package is needed for what is done here.
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from typing import Any

from paracell import _native

_BEGIN = """
import sys, types
sys.path[:] = {path!r}
stand_in = sys.modules["paracell._native"] = types.ModuleType("paracell._native")
stand_in.__version__ = {version!r}
from paracell import interpreter
interpreter.begin(stand_in, {library!r})
"""
_SERVE = "__import__('sys').modules['paracell.interpreter'].serve(globals())"


class Subinterpreter:
    """Begins when it is first asked something, and anew after `close`. Asked by one thread at a time."""

    def __init__(self) -> None:
        self.known: set[bytes] = set()
        """Keys of the blobs that it has."""
        self.dropped: list[bytes] = []
        """Of those: what it is to forget."""
        self.lock = threading.Lock()
        """Held while it is at work. (Nothing interrupts the thread that holds it.)"""
        self._inside: Any = None
        with _registry:
            _living.add(self)

    def __enter__(self) -> Subinterpreter:
        """Keep it for this thread; it has begun."""
        self.lock.acquire()
        if self._inside is None:
            try:
                self._begin()
            except BaseException:
                self.lock.release()
                raise
        return self

    def __exit__(self, *error: object) -> None:
        self.lock.release()

    def _begin(self) -> None:
        made = _Public() if sys.version_info >= (3, 14) else _Builtin()
        try:
            library, version = _native.__file__, _native.__version__
            made.exec(_BEGIN.format(path=sys.path, version=version, library=library))
        except BaseException:
            made.close()
            raise
        self._inside = made

    def ask(self, message: tuple[Any, ...]) -> list[bytes]:
        """Have `message` (tuples of bytes) served: what is given back. Other threads hold the GIL meanwhile."""
        _native.given()  # what an interrupt has left
        self._inside.exec(_SERVE, __paracell_message__=message)
        return _native.given()

    def close(self) -> None:
        """When nobody is at work in it, it ends, with the threads that were started in it."""
        with self.lock:
            self.end()

    def end(self) -> None:
        """As `close`, by who holds the lock."""
        inside, self._inside = self._inside, None
        self.known.clear()
        self.dropped.clear()
        if inside is not None:
            inside.close()


_registry = threading.Lock()
_living: weakref.WeakSet[Subinterpreter] = weakref.WeakSet()
_held: list[Subinterpreter] = []


def _before_fork() -> None:
    """CPython (3.13 and 3.14) ends a child that is forked from a process with subinterpreters, so there are none while
    this one forks. They begin anew when they are asked something."""
    _registry.acquire()
    for one in list(_living):
        one.lock.acquire()
        _held.append(one)
        one.end()


def _after_fork() -> None:
    while _held:
        _held.pop().lock.release()
    _registry.release()


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)


class _Public:
    """By the standard library's module."""

    def __init__(self) -> None:
        from concurrent import interpreters  # type: ignore[attr-defined]

        self._made = interpreters.create()

    def exec(self, code: str, **names: Any) -> None:
        if names:
            self._made.prepare_main(names)
        self._made.exec(code)

    def close(self) -> None:
        self._made.close()


class _Builtin:
    """By the built-in module of 3.13."""

    def __init__(self) -> None:
        import _interpreters

        self._module = _interpreters
        self._id = _interpreters.create("isolated")

    def exec(self, code: str, **names: Any) -> None:
        failed = self._module.exec(self._id, code, names)
        if failed is not None:
            raise RuntimeError(failed.formatted)

    def close(self) -> None:
        self._module.destroy(self._id)
