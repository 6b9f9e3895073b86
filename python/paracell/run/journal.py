"""What tasks are about to do to files, written down before they do it, so that it is known while they run, and can be
taken back: a task that has run ahead of time and is not committed leaves no trace in files.

Each process or thread that runs a task appends to a file of its own in a folder that all of them know by its name,
which is that of the run's only journal (``taking_back``). A task in another process holds a lock on the folder's lock
file as long as it runs. Before what is there is overwritten or removed, a copy is put into the folder.
"""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from paracell.records import record

from .claims import Claims

MOST = 64 << 20
"""Bytes of a file that is copied before it is overwritten."""
_SMALL = 64 << 10
_BLOCK = 1 << 20
_stat, _lstat = os.stat, os.lstat
_own = threading.local()
"""``busy``: what this thread does to files is our own doing."""


def busy() -> bool:
    """Whether this thread is at work on a journal."""
    return getattr(_own, "busy", False)


def idle() -> None:
    """This thread is not: what was cut off in the middle may have left it so."""
    _own.busy = False


class Busy:
    """What this thread does to files meanwhile is our own doing."""

    def __enter__(self) -> None:
        _own.busy = True

    def __exit__(self, *_: Any) -> None:
        _own.busy = False


@record(frozen=True)
class Entry:
    """Something that a task was about to do."""

    when: int
    """By a clock that all processes share."""
    start: int
    """Number of the iteration, or of the first one of its task."""
    kind: str
    """"new": there was nothing at ``path``; "had": ``other`` is a copy (``Writer._kept``); "size": as many bytes as
    ``other`` says, of which none is changed; "moved": what was at ``other``; "gone": an empty folder; "link": one to
    ``other``; "lost": what is not known any more; "folder": there was nothing, and now a folder is; "kept": a folder
    was there that is wanted; "other": another name of what the next entry is about."""
    path: str
    other: str = ""


class Writer:
    """One task's: what it is about to do."""

    def __init__(self, name: str, start: int, apart: bool) -> None:
        """`apart`: in a process that nobody waits for when its task is cancelled. KeyboardInterrupt if the run is over:
        this task was cancelled when it was about to begin."""
        self._folder = name
        self._start = start
        self._seen: set[str] = set()
        self._name = f"{os.getpid()}-{threading.get_ident()}"
        self._file: int | None = None
        self._store: int | None = None
        self._lock: Any = None
        self._claims = Claims(os.path.join(name, "claims"))
        if apart:
            with Busy():
                self._hold(os.path.join(name, "lock"))

    def _hold(self, path: str) -> None:
        import fcntl

        try:
            # An object, which lets go of the lock wherever the task is cut off.
            self._lock = open(path, "r+b", buffering=0)  # noqa: SIM115
        except FileNotFoundError:
            raise KeyboardInterrupt from None
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        if not there(path):
            self.close()
            raise KeyboardInterrupt

    def at(self, iteration: int) -> None:
        """The task goes on with this iteration."""
        self._start = iteration
        self._seen.clear()
        self._claims.release()

    def over(self, items: Any, start: int) -> Any:
        """The iterator `items`, of iterations from `start` on, each of which goes on when its item is asked for."""
        return _Over(self, items, start)

    def close(self) -> None:
        """The task does nothing more."""
        self._claims.close()
        with suppress(OSError):
            for file in (self._file, self._store):
                if file is not None:
                    os.close(file)
            if self._lock is not None:
                self._lock.close()

    def _write(self, kind: str, path: str, other: str = "") -> None:
        if self._file is None:
            self._file = os.open(os.path.join(self._folder, self._name + ".log"), _APPEND, 0o600)
        entry = f"{time.monotonic_ns()}\0{self._start}\0{kind}\0{path}\0{other}\0"
        os.write(self._file, entry.encode("utf-8", "surrogatepass"))

    def _first(self, path: str) -> bool:
        if path in self._seen:
            return False
        self._seen.add(path)
        return True

    def opened(self, path: str, flags: int, others: Collection[str] = ()) -> None:
        """`path` is about to be opened for writing, which has `others` for names as well."""
        if self._first(path):
            with Busy():
                for other in others:
                    self._write("other", other)
                self._changed(path, not flags & os.O_TRUNC and bool(flags & os.O_APPEND), others)

    def changed(self, path: str) -> None:
        """What is at `path` is about to be changed, or removed."""
        if self._first(path):
            with Busy():
                self._changed(path, False)

    def moved(self, source: str, target: str) -> None:
        """`source` is about to be renamed to `target`."""
        with Busy():
            if self._first(target):
                self._changed(target, False)
            self._seen.discard(source)
            self._write("moved", target, source)

    def made(self, path: str) -> None:
        """A folder is about to be made, unless it is there."""
        with Busy():
            if self._first(path):
                self._write("kept" if there(path) else "folder", path)

    def emptied(self, path: str) -> None:
        """A folder is about to be removed, which is empty."""
        with Busy():
            self._write("gone", path)

    def lost(self, path: str) -> None:
        """What is there is about to be removed, and nobody knows what that was, unless the iteration has made it."""
        if path not in self._seen:
            with Busy():
                self._write("lost", path)

    def _changed(self, path: str, keeps: bool, others: Collection[str] = ()) -> None:
        mine = self._claims.take(path, *others)
        try:
            if stat.S_ISLNK((found := _lstat(path)).st_mode):
                self._write("link", path, os.readlink(path))
                return
        except OSError:
            self._write("new", path)
            return
        if not stat.S_ISREG(found.st_mode):
            return
        if not mine:
            self._write("lost", path)  # another is writing to it
        elif keeps or not found.st_size:
            self._write("size", path, str(found.st_size))
        elif found.st_size > MOST:
            self._write("lost", path)
        else:
            try:
                copy = self._kept(path, found.st_size)
            except OSError:
                self._write("lost", path)
            else:
                self._write("had", path, copy)

    def _kept(self, path: str, size: int) -> str:
        """Where a copy of the file is from now on: small ones are in one file, which is made faster than many."""
        if size <= _SMALL:
            store = os.path.join(self._folder, self._name + ".data")
            if self._store is None:
                self._store = os.open(store, _APPEND, 0o600)
            at = os.fstat(self._store).st_size
            if at < MOST:
                with open(path, "rb", buffering=0) as file:
                    size = os.write(self._store, file.read(size))
                return f"{at}:{size}:{store}"
        copy = os.path.join(self._folder, "copies", f"{self._name}-{time.monotonic_ns()}")
        copied(path, copy)
        return copy


class _Over:
    """Items, as ``Writer.over`` hands them out."""

    def __init__(self, writer: Writer, items: Any, start: int) -> None:
        self._writer = writer
        self._items = items
        self._next = start

    def __iter__(self) -> _Over:
        return self

    def __next__(self) -> Any:
        item = next(self._items)
        self._writer.at(self._next)
        self._next += 1
        return item

    def __length_hint__(self) -> int:
        found: int = self._items.__length_hint__()
        return found


_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND


def there(path: str) -> bool:
    """Whether there is something of that name, a link to nothing included."""
    try:
        _lstat(path)
    except OSError:
        return False
    return True


def copied(source: str, target: str) -> None:
    """Make `target` a copy."""
    with open(source, "rb") as one, open(target, "wb") as other:
        while block := one.read(_BLOCK):
            other.write(block)
