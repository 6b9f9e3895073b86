"""What a commit writes, iterations that were computed before it have not read.

A result is not committed if something that its task has read, listed or written was written after the task had been
handed out, or in another task at the same time: then the loop goes on serially.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from io import IOBase
from typing import Any

from . import touching
from .filesnamed import path_of, shown
from .journal import idle
from .taking_back import Journal, folder
from .touching import Touched


class _Times(dict[str, int]):
    """Path -> when it was last touched, by the ledger's clock."""

    trees = False
    """Whether whole folders are among them: their paths end with a separator."""

    def note(self, paths: Iterable[str], when: int) -> None:
        for path in paths:
            self[path] = when
            self.trees = self.trees or path.endswith(os.sep)

    def after(self, paths: Iterable[str], when: int) -> str | None:
        """One of `paths` that was touched after `when`."""
        return next((path for path in paths if any(self.get(one, when) > when for one in self._with(path))), None)

    def has(self, paths: Iterable[str]) -> str | None:
        """One of `paths` that was touched at any time."""
        return next((path for path in paths if any(one in self for one in self._with(path))), None)

    def _with(self, path: str) -> Iterator[str]:
        yield path
        while self.trees and path != os.sep:
            path = os.path.dirname(path.rstrip(os.sep))
            yield path.rstrip(os.sep) + os.sep


class Ledger:
    """One run: who has touched what, and when. Used by the thread that commits."""

    def __init__(self, kept: Iterable[Any] = (), threads: bool = False, journal: Journal | None = None) -> None:
        """`kept`: objects that commits use, open files among them. `threads`: tasks run in this process. `journal`:
        where tasks say what they are about to do."""
        self.journal = journal
        self.lost: list[str] = []
        """Files that could not be made again what they were before tasks that are not committed."""
        self._first = 0
        """Number of the first iteration that has not been committed."""
        self.owner = threading.get_ident()
        self.here = Touched()
        """What this thread has done since it was last looked at."""
        self._clock = 0
        self._read, self._written, self._listed, self._filled = _Times(), _Times(), _Times(), _Times()
        self._by_loop = _Times()
        """What the loop's own body has written, or put something into."""
        self._open = [where for one in kept for where in _paths_of(one)]
        self._spoiled: dict[int, str] = {}
        """First iteration of what is run again -> a file that is not what it was before it ran first."""
        self._sent: deque[tuple[int, int, int]] = deque()
        self._latest: tuple[int, int, tuple[tuple[str, ...], ...]] = 0, 0, ()
        """(first iteration, items, what it has touched) of the task that is being committed."""
        self._missed = ""
        self._threads = threads
        touching.begin(self, threads)

    def close(self) -> None:
        """Nothing more runs. Idempotent."""
        if touching.end(self, self._threads) and self.journal is not None:
            self.journal.close()

    def submitted(self, items: int, start: int = 0) -> None:
        """A task of so many items has been handed out. `start`: number of the first."""
        idle()
        self._look()
        self._sent.append((self._clock, start, items))
        self._clock += 1

    def again(self, parts: Sequence[tuple[int, int]], more: bool = False) -> None:
        """The worker of the lowest task has died, and it is handed out anew, as these (iterations, number of the
        first). `more`: it is a part of one, of which parts have been delivered already."""
        self._look()
        _, start, items = self._sent.popleft() if self._sent else (0, parts[0][1], sum(count for count, _ in parts))
        if self.journal is not None:
            first = self._latest[0] if more else start
            found, left = self.journal.again(first, start, start + items, self._is_free)
            # Those who run now may have read it.
            self._written.note(found, self._clock)
            self._filled.note(map(os.path.dirname, found), self._clock)
            if left is not None:
                self._spoiled.update((first, left) for _, first in parts)
        self._sent.extendleft((self._clock, first, count) for count, first in reversed(parts))
        self._clock += 1

    def anew(self, more: bool = False) -> None:
        """All that was handed out and has not been delivered runs again, and nothing runs now. `more`: of the lowest
        task, parts have been delivered."""
        self._look()
        if self._sent and self.journal is not None:
            first = self._sent[0][1]
            _, left = self.journal.again(self._latest[0] if more else first, first, None, self._is_free)
            if left is not None:
                self._spoiled.update((start, left) for _, start, _ in self._sent)
        self._sent = deque((self._clock, start, items) for _, start, items in self._sent)
        self._clock += 1

    def delivered(self, touched: tuple[tuple[str, ...], ...], more: bool = False) -> str:
        """The lowest task's result is there, which has touched this: why it cannot be committed, or "". `more`: it is
        a part of one whose other parts have been delivered and not committed."""
        self._look()
        since, start, items = self._sent.popleft() if self._sent else (self._clock, 0, 1)  # an interrupt cost one
        whole = self._latest[0] if more else start
        self._latest = whole, start + items - whole, _joined(self._latest[2], touched) if more else touched
        if not touched:
            return self._missed
        read, written, listed, filled = touched
        path = self._written.after((*read, *written), since) or self._filled.after(listed, since)
        early = None
        if self.journal is None:
            early = self._read.after(written, since) or self._listed.after(filled, since)
        elif path is None:
            path = self.journal.ahead(whole, start + items, {*read, *written}, listed)
        for times, paths in zip((self._read, self._written, self._listed, self._filled), touched, strict=True):
            times.note(paths, self._clock)
        if (spoiled := self._spoiled.pop(start, None)) is not None:
            return f"'{shown(spoiled)}' is not what it was before a worker died that had written to it"
        if path is not None:
            if self._by_loop.has([path]):
                return f"'{shown(path)}' was written by the loop when what comes here had read it already"
            shared = "was used by several iterations at the same time: some may have seen too early what others wrote"
            return f"'{shown(path)}' {shared}"
        if early is not None:
            return f"'{shown(early)}' was written ahead of time, and an earlier iteration may have seen that"
        if items > 1 and (path := self._by_loop.has((*read, *listed))):
            return f"'{shown(path)}' is read by iterations between which the loop may write to it"
        return self._missed

    def committed(self) -> None:
        """The result that was delivered last has been committed."""
        if self._open:
            self.here.written.update(self._open)
        now = self._look()
        start, items, touched = self._latest
        self._first = start + items
        if items > 1 and touched and not self._missed and (path := now.has((*touched[0], *touched[2]))):
            self._missed = f"'{shown(path)}' was written by the loop, and the iteration behind may have missed it"

    def missed(self) -> str:
        """Between two iterations of the task that is being committed: why the next one cannot be, or ""."""
        _, items, touched = self._latest
        if not touched or items < 2:
            return ""
        if self._open:
            self.here.written.update(self._open)
        now = self._look()
        path = now.has((*touched[0], *touched[2])) if now else None
        return f"'{shown(path)}' was written by the loop when what comes here had read it already" if path else ""

    def took(self, first: int) -> None:
        """Iterations below `first` count, and no others."""
        self._first = first

    def dropped(self) -> None:
        """No task runs any more, or will: what those have done that are not committed is taken back."""
        self._sent.clear()
        self._spoiled.clear()
        if self.journal is not None:
            self._look()
            self.lost = self.journal.take_back(self._first, self._is_free)

    def _is_free(self, path: str) -> bool:
        """Whether the loop itself has no file open there."""
        return path not in self._open

    def _look(self) -> _Times:
        """What this thread has written has been written by now: what that is."""
        here, now = self.here, _Times()
        if here.written or here.filled:
            if self.journal is not None:
                self.journal.own.update(here.when)
            self._written.note(here.written, self._clock)
            self._filled.note(here.filled, self._clock)
            for times in (now, self._by_loop):
                times.note((*here.written, *here.filled), self._clock)
            self.here = Touched()
        return now


def _joined(some: tuple[tuple[str, ...], ...], more: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    return tuple((*one, *other) for one, other in zip(some, more, strict=True)) if some and more else some or more


def _paths_of(one: Any) -> Iterator[str]:
    """The path of an open file that can be written to, of a database that is connected to."""
    sqlite = sys.modules.get("sqlite3")
    if sqlite is not None and type(one) is sqlite.Connection:
        with suppress(Exception):
            yield from filter(None, (row[2] for row in one.cursor().execute("PRAGMA database_list")))
    if isinstance(one, IOBase) and not one.closed and one.writable():
        where = path_of(getattr(one, "name", None))
        if where is not None and getattr(one, "name", None) is not None:
            yield where


def ledger_of(job: Any, threads: bool = False, ahead: bool = True) -> Ledger | None:
    """The ledger of a job that is about to run, if its iterations may touch files. `ahead`: some run ahead of the
    loop."""
    if not job.options.get("files"):
        return None
    namespace = job.compute.__globals__
    kept = [namespace[name] for name in job.options.get("binds", ()) if name in namespace]
    journal = None
    job.options["files"] = True
    if ahead and (name := folder()) is not None:
        with suppress(OSError):
            journal = Journal(name)
            job.options["files"] = name  # those who run its tasks are told
    return Ledger(kept, threads, journal)
