"""Which files code touches, told by Python's audit events: each task says what it has read, listed and written, and
the thread that commits notes what it writes itself (``ledger``).

Not seen: files that C code opens by itself (``cv2.imread``, ``pyarrow``, HDF5), children's, what goes into a file that
was opened before the loop and that the cell's code does not name, and other names of the same file (links).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Protocol

from paracell.records import field, record

from . import capture
from .filesnamed import forget, is_there, names_of, path_of, start
from .journal import Writer, busy, idle

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


class Committing(Protocol):
    """A run, on the thread that commits."""

    owner: int
    """That thread's number."""
    here: Touched
    """What it has done since this was looked at last."""


_local = threading.local()
_task: Touched | None = None
"""In a worker, which runs one task at a time: of the task, whichever thread of it does something."""
_committing: list[Committing] = []
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
        for one in _committing:
            if one.owner == threading.get_ident():
                new = Touched()
                _EVENTS[event](new, False, *args)
                one.here.add(new)


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


def begin(one: Committing, threads: bool) -> None:
    """A run begins. `threads`: its tasks run in this process."""
    idle()
    _watch(1)
    _committing.append(one)
    if threads:
        _asked.put()


def end(one: Committing, threads: bool) -> bool:
    """It is over; False if that is known."""
    if one not in _committing:
        return False
    _committing.remove(one)
    _watch(-1)
    if threads:
        _asked.take_away()
    return True


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
