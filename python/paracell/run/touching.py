"""Which files code touches, told by Python's audit events: what a commit writes, iterations that were computed before
it have not read.

Each task says what it has read, listed and written. The main thread notes what the commits between tasks write (and the
user's iterator). A result is not committed if something that it has read, listed or written was written after the task
had been handed out, or in another task at the same time: then the loop goes on serially.

Not seen: files that C code opens by itself (``cv2.imread``, ``pyarrow``, HDF5), children's, what goes into a file that
was opened before the loop and that the cell's code does not name, and other names of the same file (links).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import IOBase
from types import FrameType
from typing import Any

from paracell.records import field, record

from . import capture
from .filesnamed import forget, is_there, names_of, path_of, shown, start
from .journal import Writer, busy, idle
from .taking_back import Journal, folder

_inside = False
"""Whether this is a subinterpreter, of which modules and threads are its worker's alone as those of a process are."""
try:
    from .._native import files_asked_for, tell_of_files
except ImportError:
    _inside = True

    def tell_of_files(tell: Callable[[str, tuple[Any, ...]], None]) -> bool:
        """Nobody tells of files alone."""
        return False

    def files_asked_for(change: int) -> None:
        """What tells, tells always."""


_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@record
class Touched:
    """What some code has done to files, by their paths."""

    read: set[str] = field(default_factory=set)
    """Read, or asked about."""
    written: set[str] = field(default_factory=set)
    """Or removed."""
    listed: set[str] = field(default_factory=set)
    """Folders that were listed."""
    filled: set[str] = field(default_factory=set)
    """Folders in which something was made or removed."""
    when: dict[str, int] = field(default_factory=dict)
    """When what was written was, by the clock of journals; of the loop's own doing."""
    writer: Any = None
    """A task's journal (``journal.Writer``), told before it happens."""

    def add(self, more: Touched) -> None:
        """Something that has just been done."""
        for mine, new in zip(self._parts(), more._parts(), strict=True):
            mine |= new
        self.when.update(dict.fromkeys(more.written, time.monotonic_ns()))

    def _parts(self) -> tuple[set[str], ...]:
        return self.read, self.written, self.listed, self.filled

    def packed(self) -> tuple[tuple[str, ...], ...]:
        """As it travels in a result."""
        return tuple(map(tuple, self._parts()))


# ----------------------------------------------------------------------------------------------------------- the events

_local = threading.local()
_task: Touched | None = None
"""In a worker, which runs one task at a time: of the task, whichever thread of it does something."""
_ledgers: list[Ledger] = []
_hooked = False
"""Whether events are told."""


def _told(event: str, args: tuple[Any, ...]) -> None:
    if event in _EVENTS:
        _note(event, args)


def _note(event: str, args: tuple[Any, ...]) -> None:
    if busy() or _importing():
        return
    touched = getattr(_local, "touched", None) or _task
    with suppress(Exception):  # what is wrong with the arguments is said by the function that has got them
        if touched is not None:
            _EVENTS[event](touched, True, *args)
            return
        for ledger in _ledgers:
            if ledger.owner == threading.get_ident():
                new = Touched()
                _EVENTS[event](new, False, *args)
                ledger.here.add(new)


def _importing() -> bool:
    """Whether the import system does it: what it reads is code."""
    caller: FrameType | None = sys._getframe(2)
    while caller is not None and caller.f_code.co_filename == __file__:
        caller = caller.f_back
    return caller is not None and caller.f_code.co_filename.startswith("<frozen importlib")


def _opened(touched: Any, by_task: bool, path: Any, mode: Any, flags: Any) -> None:
    where = path_of(path)
    if where is None:
        return
    names = names_of(where)
    if not isinstance(flags, int) or not flags & _WRITING:
        touched.read.update(names)
        return
    if flags & os.O_CREAT and not is_there(where):
        touched.filled.add(os.path.dirname(where))
    if not flags & os.O_TRUNC:
        touched.read.update(names)
    touched.written.update(names)
    if touched.writer is not None:
        touched.writer.opened(where, flags, names[1:])


def _listed(touched: Any, by_task: bool, path: Any = None) -> None:
    if (where := path_of(path)) is not None:
        touched.listed.add(where)


def _gone(touched: Any, by_task: bool, path: Any, folder: int = -1) -> None:
    """Removed. `folder`: a descriptor to which the path is relative; -1: there is none."""
    if (where := path_of(path, folder, True)) is not None:
        if touched.writer is not None:
            touched.writer.changed(where)
        _put(touched, where)


def _folder_gone(touched: Any, by_task: bool, path: Any, folder: int = -1) -> None:
    """Removed, and it was empty."""
    if (where := path_of(path, folder, True)) is not None:
        if touched.writer is not None:
            touched.writer.emptied(where)
        _put(touched, where)


def _put(touched: Any, where: str) -> None:
    """Something is there, or gone, that was not."""
    touched.written.add(where)
    touched.filled.add(os.path.dirname(where))


def _moved(touched: Any, by_task: bool, source: Any, target: Any, of_source: int = -1, of_target: int = -1) -> None:
    known = path_of(source, of_source, True), path_of(target, of_target, True)
    if touched.writer is not None and None not in known:
        touched.writer.moved(*known)
    for where in filter(None, known):
        _put(touched, where)
    forget()


def _linked(touched: Any, by_task: bool, source: Any, target: Any, folder: int = -1, of_target: int = -1) -> None:
    if (where := path_of(target, max(folder, of_target), True)) is not None:
        if touched.writer is not None:
            touched.writer.changed(where)
        _put(touched, where)
    forget()


def _tree_gone(touched: Any, by_task: bool, path: Any, folder: int | None = None) -> None:
    """With all that is in it."""
    if (where := path_of(path, -1 if folder is None else folder, True)) is not None:
        if touched.writer is not None and is_there(where):
            touched.writer.lost(where)
        _put(touched, where)
        touched.written.add(where + os.sep)


def _set(touched: Any, by_task: bool, path: Any, *rest: Any) -> None:
    if (where := path_of(path)) is not None:
        if touched.writer is not None:
            touched.writer.changed(where)
        touched.written.add(where)


def _made(touched: Any, by_task: bool, path: Any, mode: int = 0, folder: int = -1) -> None:
    """A folder: many make it where it may be there, and it is the same one for all."""
    if (where := path_of(path, folder)) is None:
        return
    if touched.writer is not None:
        touched.writer.made(where)
    if not is_there(where):
        touched.filled.add(os.path.dirname(where))
        if not by_task:
            touched.written.add(where)


def _connected(touched: Any, by_task: bool, database: Any) -> None:
    """What is done to the database is not told: iterations ask it, mostly, and the loop itself fills it."""
    if (where := path_of(database)) is not None and os.path.basename(where) != ":memory:":
        (touched.read if by_task else touched.written).add(where)


_EVENTS: dict[str, Callable[..., None]] = {
    "open": _opened,
    "os.listdir": _listed,
    "os.scandir": _listed,
    "os.remove": _gone,
    "os.rmdir": _folder_gone,
    "os.rename": _moved,
    "os.link": _linked,
    "os.symlink": _linked,
    "shutil.rmtree": _tree_gone,
    "os.truncate": _set,
    "os.utime": _set,
    "os.chmod": _set,
    "os.mkdir": _made,
    "sqlite3.connect": _connected,
}
_ASKS = ("stat", "lstat", "access")
"""Functions of ``os`` that read what no event tells."""


def _asking(original: Callable[..., Any]) -> Callable[..., Any]:
    def ask(path: Any, *args: Any, **options: Any) -> Any:
        touched = getattr(_local, "touched", None) or _task
        if touched is not None and not busy() and options.get("dir_fd") is None:
            where = path_of(path)
            touched.read.update(names_of(where) if where is not None else ())
        return original(path, *args, **options)

    ask.__name__, ask.__qualname__, ask.__doc__ = original.__name__, original.__name__, original.__doc__
    return ask


class _Asked:
    """In the place of the functions of ``os`` that read what no event tells, as long as anybody needs them there."""

    def __init__(self) -> None:
        self._count = 0
        self._originals: dict[str, Callable[..., Any]] = {}

    def put(self) -> None:
        self._count += 1
        if self._count == 1:
            for name in _ASKS:
                original = self._originals[name] = getattr(os, name)
                instead = _asking(original)
                setattr(os, name, instead)
                for known in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
                    if original in known:
                        known.add(instead)

    def take_away(self) -> None:
        self._count -= 1
        if self._count == 0:
            for name, original in self._originals.items():
                for known in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
                    known.discard(getattr(os, name))
                setattr(os, name, original)


_asked = _Asked()


def _watch(more: int) -> None:
    """One more asks to be told (1), or one less (-1)."""
    global _hooked
    if not _hooked:
        # A hook stays for good. One in Python is called at every event there is; where there is no extension, in
        # subinterpreters, code is short of time for other reasons.
        _hooked = True
        if not tell_of_files(_note):
            sys.addaudithook(_told)
    files_asked_for(more)


@contextmanager
def recorded(journal: Any = True, first: int = 0) -> Iterator[Touched]:
    """What this thread touches, as a task; in a worker, what any thread does. `journal`: the name of the run's, if it
    has one; `first`: the task's first iteration."""
    global _task
    _watch(1)
    touched = _local.touched = Touched()
    start()
    if isinstance(journal, str):
        with suppress(OSError, ImportError):
            touched.writer = Writer(journal, first, capture.alone)
    if capture.alone or _inside:
        _task = touched
        if not _asked._count:
            _asked.put()  # for good: the process is ours
    try:
        yield touched
    finally:
        _local.touched = _task = None
        if touched.writer is not None:
            touched.writer.close()
        _watch(-1)


def writer() -> Writer | None:
    """The journal of the task that runs here, if there is any."""
    touched = getattr(_local, "touched", None)
    return touched.writer if touched is not None else None


# ----------------------------------------------------------------------------------------------------------- the ledger


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
        self._sent: deque[tuple[int, int, int]] = deque()
        self._latest: tuple[int, int, tuple[tuple[str, ...], ...]] = 0, 0, ()
        """(first iteration, items, what it has touched) of the task that is being committed."""
        self._missed = ""
        self._threads = threads
        idle()
        _watch(1)
        _ledgers.append(self)
        if threads:
            _asked.put()

    def close(self) -> None:
        """Nothing more runs. Idempotent."""
        if self in _ledgers:
            _ledgers.remove(self)
            _watch(-1)
            if self._threads:
                _asked.take_away()
            if self.journal is not None:
                self.journal.close()

    def submitted(self, items: int, start: int = 0) -> None:
        """A task of so many items has been handed out. `start`: number of the first."""
        idle()
        self._look()
        self._sent.append((self._clock, start, items))
        self._clock += 1

    def delivered(self, touched: tuple[tuple[str, ...], ...]) -> str:
        """The lowest task's result is there, which has touched this: why it cannot be committed, or ""."""
        self._look()
        since, start, items = self._sent.popleft() if self._sent else (self._clock, 0, 1)  # an interrupt cost one
        self._latest = start, items, touched
        if not touched:
            return self._missed
        read, written, listed, filled = touched
        path = self._written.after((*read, *written), since) or self._filled.after(listed, since)
        early = None
        if self.journal is None:
            early = self._read.after(written, since) or self._listed.after(filled, since)
        elif path is None:
            path = self.journal.ahead(start, start + items, {*read, *written}, listed)
        for times, paths in zip((self._read, self._written, self._listed, self._filled), touched, strict=True):
            times.note(paths, self._clock)
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
        if self.journal is not None:
            self._look()
            self.lost = self.journal.take_back(self._first, lambda path: path not in self._open)

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
