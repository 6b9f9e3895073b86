"""What a file is called by which it is told from others: links lead to it under many names."""

from __future__ import annotations

import os
import stat
import time
from typing import Any

from .journal import Busy, idle

_NOT_FILES = ("/dev/", "/proc/", "/sys/")
_LOCKS = (".lock", ".lck")
_stat = os.stat
_folders: dict[str, str] = {}
"""Folder, as it was named -> where it is: not for long, others may change links."""
_LONG = 0.5
_since = 0.0


def start() -> None:
    """A task begins."""
    if time.monotonic() - _since > _LONG:
        forget()
    idle()


def forget() -> None:
    """Links may have been changed."""
    global _since
    _folders.clear()
    _since = time.monotonic()


def path_of(value: Any, folder: int = -1, itself: bool = False) -> str | None:
    """The file's own name, whatever links lead to it. `itself`: of a link, if it is one."""
    if value is None:
        value = os.curdir
    if isinstance(value, int) or (folder != -1 and not os.path.isabs(value)):
        return None
    try:
        path = os.path.abspath(os.fsdecode(value))
        if path.startswith(_NOT_FILES) or path.endswith(_LOCKS):
            return None
        with Busy():
            where, name = os.path.split(path)
            if (real := _folders.get(where)) is None:
                real = _folders[where] = os.path.realpath(where)
            path = os.path.join(real, name)
            return path if itself or not os.path.islink(path) else os.path.realpath(path)
    except (TypeError, ValueError, OSError):
        return None


_ONE = "//"
"""What the name begins with of a file that has several."""


def names_of(path: str) -> tuple[str, ...]:
    """`path`, and another one that all names of this file have in common."""
    try:
        found = _stat(path)
    except (OSError, ValueError):
        return (path,)
    if found.st_nlink < 2 or stat.S_ISDIR(found.st_mode):
        return (path,)
    return path, f"{_ONE}{found.st_dev}:{found.st_ino}"


def is_there(path: str) -> bool:
    """Whether there is anything of that name; nobody is told of the question."""
    try:
        _stat(path)
    except (OSError, ValueError):
        return False
    return True


def shown(path: str) -> str:
    """As the user is told."""
    if path.startswith(_ONE):
        return "a file that has several names"
    shown = os.path.relpath(path)
    return path if shown.startswith(os.pardir) else shown
