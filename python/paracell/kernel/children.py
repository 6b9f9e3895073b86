"""End the kernel's child processes at shutdown: politely, then not, and never for longer than a moment."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time

PATIENCE = 0.5
"""Seconds that children have to obey SIGTERM."""


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found += [int(word) for word in file.read().split()]
    return found


def descendants() -> list[int]:
    """Children, their children and so on, in this process's group: what left the group (a daemon) was meant to stay."""
    group, found, todo = os.getpgrp(), [], _children(os.getpid())
    while todo:
        pid = todo.pop()
        todo += _children(pid)
        with contextlib.suppress(OSError):
            if os.getpgid(pid) == group:
                found.append(pid)
    return found


def _trackers() -> set[int]:
    """Resource trackers end by themselves when their pipe closes, after cleaning up; killed, they would leak."""
    names = ("multiprocessing.resource_tracker", "joblib.externals.loky.backend.resource_tracker")
    trackers = [getattr(sys.modules.get(name), "_resource_tracker", None) for name in names]
    pids = [getattr(tracker, "_pid", None) for tracker in trackers]
    return {pid for pid in pids if pid is not None}


def _wait(pids: list[int], seconds: float) -> list[int]:
    """Those of `pids` that are still alive after at most `seconds`."""
    end = time.monotonic() + seconds
    alive = []
    for pid in pids:
        try:
            fd = os.pidfd_open(pid)
        except OSError:
            continue
        try:
            waiting = select.poll()
            waiting.register(fd, select.POLLIN)
            if not waiting.poll(max(0.0, end - time.monotonic()) * 1000):
                alive.append(pid)
        finally:
            os.close(fd)
    return alive


def end() -> None:
    """SIGTERM, and SIGKILL for what is left after PATIENCE."""
    if not hasattr(os, "pidfd_open") or not os.path.isdir("/proc/self/task"):
        return
    pids = [pid for pid in descendants() if pid not in _trackers()]
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGTERM)
    for pid in _wait(pids, PATIENCE):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def exit_with_parent() -> None:
    """End when the process that started the kernel (JPY_PARENT_PID) dies: a thread waits on its pidfd, using no CPU."""
    import threading

    parent = int(os.environ.get("JPY_PARENT_PID") or 0)
    if parent <= 1 or not hasattr(os, "pidfd_open"):
        return
    try:
        fd = os.pidfd_open(parent)
    except ProcessLookupError:
        # Dead before we looked if we were given to init; else its number means nothing in our pid namespace.
        if os.getppid() == 1 and os.getpid() != 1:
            os._exit(1)
        return
    except OSError:
        return
    if os.getppid() != parent:  # started through a wrapper or in a container: that process is not ours to follow
        os.close(fd)
        return

    def follow() -> None:
        waiting = select.poll()
        waiting.register(fd, select.POLLIN)
        waiting.poll()
        end()
        os._exit(1)

    thread = threading.Thread(target=follow, name="paracell-parent", daemon=True)
    # Debuggers leave it alone.
    thread.pydev_do_not_trace = thread.is_pydev_daemon_thread = True  # type: ignore[attr-defined]
    thread.start()
