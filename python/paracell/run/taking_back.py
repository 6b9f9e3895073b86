"""A run's journal, where it commits: what tasks have been about to do to files (``journal``), and taking that back."""

from __future__ import annotations

import itertools
import os
import sys
import threading
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress

from .journal import Busy, Entry, copied, there

_stat = os.stat
_LONGEST = 10.0
"""Seconds to wait for a task that was cancelled."""

_PREFIX = "paracell-files-"
_session = ""
_in_use: set[str] = set()


def folder() -> str | None:
    """The name of a journal that no run has now: the same one for one run after another, to whose workers a cell that
    is run again is the same job."""
    global _session
    if not sys.platform.startswith(("linux", "darwin")):
        return None
    if not _session:
        # Not by tempfile, which would keep the answer for the notebook.
        places = (os.environ.get("TMPDIR", ""), "/tmp")
        place = next((one for one in places if os.path.isabs(one) and os.access(one, os.W_OK)), None)
        if place is None:
            return None
        _session = os.path.join(place, f"{_PREFIX}{os.getpid()}-{os.urandom(4).hex()}")
        sweep(place)
    return next(name for number in itertools.count() if (name := f"{_session}-{number}") not in _in_use)


def sweep(place: str) -> None:
    """Remove the journals in a folder of which the session was killed: nobody holds their lock."""
    import fcntl

    with Busy(), suppress(OSError):
        for name in os.listdir(place):
            if name.startswith(_PREFIX):
                with suppress(OSError), open(os.path.join(place, name, "alive"), "rb") as alive:
                    fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    _remove(os.path.join(place, name))


def _remove(name: str) -> None:
    copies = os.path.join(name, "copies")
    for one in os.listdir(copies):
        os.unlink(os.path.join(copies, one))
    os.rmdir(copies)
    for one in os.listdir(name):
        os.unlink(os.path.join(name, one))
    os.rmdir(name)


_FIELDS = 5
"""Of an entry, as it is written down."""


class Journal:
    """The run's, where it commits."""

    def __init__(self, name: str) -> None:
        """OSError if it cannot be kept."""
        import fcntl

        with Busy():
            os.mkdir(name, 0o700)
            self._alive = os.open(os.path.join(name, "alive"), os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._alive, fcntl.LOCK_EX)
            os.mkdir(os.path.join(name, "copies"), 0o700)
            self._lock = os.open(os.path.join(name, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
        _in_use.add(name)
        self._folder = name
        self._files: dict[str, tuple[int, int]] = {}
        """What others write to -> its descriptor, and how much of it has been read."""
        self._wanted: set[str] = set()
        """Folders that iterations which count have found where they want them."""
        self._entries: list[Entry] = []
        self.own: dict[str, int] = {}
        """When the loop itself has last written to a file."""

    def close(self) -> None:
        """Nobody needs it any more. Idempotent."""
        if self._folder:
            with Busy(), suppress(OSError):
                for file, _ in self._files.values():
                    os.close(file)
                _remove(self._folder)
            with suppress(OSError):
                os.close(self._lock)
                os.close(self._alive)
            _in_use.discard(self._folder)
            self._folder = ""

    def _look(self) -> list[Entry]:
        """All that has been written down so far, of iterations that have not been committed."""
        with Busy():
            for name in os.listdir(self._folder):
                if not name.endswith(".log"):
                    continue
                if name not in self._files:
                    self._files[name] = os.open(os.path.join(self._folder, name), os.O_RDONLY), 0
                file, known = self._files[name]
                if (size := os.fstat(file).st_size) == known:
                    continue
                # Each is written in one go, and the last may be seen in part all the same.
                parts = os.pread(file, size - known, known).split(b"\0")
                whole = parts[: (len(parts) - 1) // _FIELDS * _FIELDS]
                fields = (part.decode("utf-8", "surrogatepass") for part in whole)
                for when, start, kind, path, other in zip(fields, fields, fields, fields, fields, strict=True):
                    self._entries.append(Entry(int(when), int(start), kind, path, other))
                self._files[name] = file, known + sum(len(part) + 1 for part in whole)
        return self._entries

    def _count(self, first: int) -> None:
        """Iterations below `first` have been committed: nobody takes back what they have done."""
        old = [entry for entry in self._entries if entry.start < first]
        if not old:
            return
        self._entries = [entry for entry in self._entries if entry.start >= first]
        self._wanted.update(entry.path for entry in old if entry.kind == "kept")
        with Busy():
            for entry in old:
                if entry.kind == "had" and entry.other[0] == os.sep:
                    with suppress(OSError):
                        os.unlink(entry.other)

    def ahead(self, start: int, first: int, used: Collection[str], listed: Collection[str]) -> str | None:
        """One of the paths (`listed`: folders) that a task of iterations from `first` on has been about to change.
        Those below `start` have been committed."""
        if not self._folder:
            return None
        self._look()
        self._count(start)
        for entry in self._entries:
            if entry.start < first or entry.kind == "kept":
                continue
            for path in (entry.path, entry.other if entry.kind == "moved" else entry.path):
                # A folder is the same one for all, whoever has made it.
                if (path in used and entry.kind != "folder") or (
                    os.path.dirname(path) in listed and entry.kind != "size"
                ):
                    return path
        return None

    def _let_go(self) -> None:
        """Tasks may begin again."""
        import fcntl

        with suppress(OSError):
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _wait(self) -> bool:
        """Until no task runs in another process: whether that is so."""
        import fcntl

        given_up = threading.Event()

        def wait() -> None:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            if given_up.is_set():
                self._let_go()

        with suppress(OSError):
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        waiting = threading.Thread(target=wait, name="paracell-journal", daemon=True)
        waiting.start()
        waiting.join(_LONGEST)  # workers are ended well before that
        given_up.set()
        return not waiting.is_alive()

    def again(
        self, start: int, first: int, end: int | None, untouched: Callable[[str], bool]
    ) -> tuple[list[str], str | None]:
        """Iterations from `first` to `end` (None: all) are run again, and those who ran them are gone: undo what they
        have done. The paths of it; and one of them if that is left because others have to do with it, too, or because
        it cannot be undone. Those below `start` have been committed."""
        if not self._folder:
            return [], None
        ended = end is not None or self._wait()
        self._let_go()
        self._look()
        self._count(start)
        gone = [one for one in self._entries if first <= one.start and (end is None or one.start < end)]
        others = [one for one in self._entries if one.start < first or (end is not None and one.start >= end)]
        known = _names(entry for entry in others if entry.kind != "kept")
        for entry in gone:
            own = self.own.get(entry.path, -1) > entry.when or not untouched(entry.path)
            inside = entry.kind in ("moved", "gone") and _within(entry.path, known)
            both = entry.kind not in _SHARED and known & _names([entry])
            if not ended or entry.kind == "lost" or own or inside or both:
                return [one.path for one in gone], entry.path
        wanted = _names(others)
        left = [one for one in gone if one.kind == "folder" and (one.path in wanted or _within(one.path, wanted))]
        with Busy():
            for entry in sorted(gone, key=lambda one: -one.when):
                if entry not in left and not _undone(entry):
                    return [one.path for one in gone], entry.path
        self._entries = others + left
        return [one.path for one in gone], None

    def take_back(self, first: int, untouched: Callable[[str], bool]) -> list[str]:
        """Once none of them runs any more: undo what tasks of iterations from `first` on have done. What could not be
        undone. `untouched`: of a path, whether the loop itself has no file open there."""
        if not self._folder:
            return []
        ended = self._wait()
        lost: list[str] = []
        self._look()
        self._count(first)
        entries, self._entries = sorted(self._entries, key=lambda one: -one.when), []
        with Busy():
            for entry in entries:
                if entry.kind == "folder" and entry.path in self._wanted:
                    continue
                own = self.own.get(entry.path, -1)
                if not ended or own > entry.when or not untouched(entry.path) or not _undone(entry):
                    lost.append(entry.path)
            with suppress(OSError):
                os.unlink(os.path.join(self._folder, "lock"))  # no task begins any more
        return list(dict.fromkeys(reversed(lost)))


_SHARED = ("folder", "kept")
"""Kinds of what is the same thing for all, whoever has done it."""


def _names(entries: Iterable[Entry]) -> set[str]:
    return {path for one in entries for path in (one.path, one.other if one.kind == "moved" else one.path)}


def _within(folder: str, paths: Collection[str]) -> bool:
    return any(path.startswith(folder + os.sep) for path in paths)


def _undone(entry: Entry) -> bool:
    try:
        _undo(entry)
    except OSError:
        return False
    return True


def _undo(entry: Entry) -> None:
    if entry.kind == "new":
        if there(entry.path):
            os.unlink(entry.path)
    elif entry.kind == "folder":
        with suppress(OSError):  # something of others may be in it
            os.rmdir(entry.path)
    elif entry.kind == "gone":
        if not there(entry.path):
            os.mkdir(entry.path)
    elif entry.kind == "size":
        size = int(entry.other)
        if not there(entry.path):
            copied(os.devnull, entry.path)
        if _stat(entry.path).st_size < size:
            raise OSError(entry.path)
        os.truncate(entry.path, size)
    elif entry.kind == "had" and entry.other[0] == os.sep:
        copied(entry.other, entry.path)
    elif entry.kind == "had":
        at, length, store = entry.other.split(":", 2)
        with open(store, "rb") as one, open(entry.path, "wb") as other:
            one.seek(int(at))
            other.write(one.read(int(length)))
    elif entry.kind == "moved":
        if there(entry.path):
            os.rename(entry.path, entry.other)
    elif entry.kind == "link":
        if not there(entry.path):
            os.symlink(entry.other, entry.path)
    elif entry.kind not in ("other", "kept"):
        raise OSError(entry.path)
