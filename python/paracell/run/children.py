"""Programs that iterations run on threads of this process: what they print is the iteration's.

They would write to the descriptors that all threads share, and so in each other's lines. A program that is given no
output of its own (`subprocess.run`, `os.system`) writes to an anonymous file instead, whose text becomes events of the
iteration when it ends, or before its next print (see ``written``).
"""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from ..popen import fill


class _Local(threading.local):
    def __init__(self) -> None:
        self.files: list[_File] = []


class _File:
    """What one program writes to one of its streams."""

    __slots__ = ("name", "output", "process")

    def __init__(self, name: str, process: Any) -> None:
        # Subinterpreters, which have no native code, start no programs.
        from .._native import ProgramOutput

        self.name = name
        self.process = process
        self.output = ProgramOutput()

    def ended(self) -> bool:
        return self.process.poll() is not None


_local = _Local()


def take() -> list[tuple[str, bytes]] | None:
    """What programs that this thread has started have written since the last call, stream by stream."""
    files = _local.files
    if not files:
        return None
    # Before it is read: what a program writes last is not to be missed.
    over = [file for file in files if file.ended()]
    found = [(file.name, data) for file in files if (data := file.output.take())]
    for file in over:
        files.remove(file)
    return found or None


def forget() -> None:
    """The task of this thread is over: what an error has left of its programs is nobody's."""
    _local.files.clear()


class Programs:
    """Replaces what starts programs, for threads that run a task. ``sink``: where this thread's output goes, if it
    does."""

    def __init__(self, sink: Callable[[], Any]) -> None:
        self._sink = sink
        self._put: list[tuple[Any, str, Any, Any]] = []

    def put(self) -> None:
        """Catch what is loaded by now; may be called again at any time."""
        if not self._put and (module := sys.modules.get("subprocess")) is not None:
            self._replace(module.Popen, "__init__", self._popen(module.Popen.__init__))
            self._replace(os, "system", self._system(os.system, module))

    def take_away(self) -> None:
        for owner, name, ours, original in self._put:
            if getattr(owner, name) is ours:
                setattr(owner, name, original)
        self._put.clear()

    def _replace(self, owner: Any, name: str, ours: Any) -> None:
        self._put.append((owner, name, ours, getattr(owner, name)))
        setattr(owner, name, ours)

    def _popen(self, init: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(init)
        def start(this: Any, *args: Any, **kwargs: Any) -> None:
            if self._sink() is None:
                return init(this, *args, **kwargs)
            given: list[Any] = [this, *args]
            files: list[_File] = []

            def make(name: str) -> int:
                files.append(_File(name, this))
                return files[-1].output.fileno()

            try:
                fill(init, given, kwargs, make)
                init(*given, **kwargs)
            except BaseException:
                # Its traceback, which may be kept, holds this frame.
                files.clear()
                raise
            _local.files += files
            return None

        return start

    def _system(self, system: Callable[[Any], int], module: Any) -> Callable[[Any], int]:
        @functools.wraps(system)
        def run(command: Any) -> int:
            if self._sink() is None:
                return system(command)
            if not isinstance(command, (str, bytes, os.PathLike)):
                raise TypeError(f"system() argument must be str, bytes or os.PathLike, not {type(command).__name__}")
            code = module.call(command, shell=True)
            # A wait status, as C's system() returns.
            return code << 8 if code >= 0 else -code

        return run
