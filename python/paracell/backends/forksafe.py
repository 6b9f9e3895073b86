"""Whether this process may be forked now: a child has one thread, and the locks that other threads held stay taken in
it for ever. So it may only where every other thread is known, and waits in a place where it holds nothing.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from importlib import _bootstrap  # type: ignore[attr-defined]
from types import FrameType

from paracell import _native

_OURS = "paracell"
"""Threads of this name (the kernel's, the pool's) hold nothing that a worker uses, as long as they wait."""
_BACKGROUND = "paracell-background"
_SHELLS = ("IPython", "ipykernel")
"""Packages whose own threads hold only what is for history, sockets and streams, which no worker has."""
_AROUND = ("threading", "decorator")
"""Modules whose functions a thread of a shell's runs before the shell's own (IPython 8 decorates them)."""
_NATIVE = ("ZMQbg", "jemalloc_bg_thd", _OURS)
"""Beginnings of the names of native threads that only serve sockets, which no worker has, or whose library takes its
own locks around every fork."""
_WAITS = frozenset({"wait", "select", "poll", "follow"})
"""Functions in which a thread of ours waits for work."""
_GPUS = ("/dev/nvidia", "/dev/kfd", "libcuda.so")
_OF_PROCESS = ("mpi4py.MPI",)
"""Modules that tie this process to others."""


_BUSY = "another thread is at work"
_PATIENCE = 0.2
"""Seconds that threads of ours get until they wait for work again."""


def reason() -> str | None:
    """Why this process must not be forked now, in a few words; None: it may be."""
    end = time.monotonic() + _PATIENCE
    others = threading.Event()
    while (found := _reason()) == _BUSY and time.monotonic() < end:
        others.wait(0.001)  # which nobody sets: they have the interpreter meanwhile
    return found


def _reason() -> str | None:
    if sys.platform != "linux":
        return "only on Linux is a fork of Python safe"
    if threading.current_thread() is not threading.main_thread():
        return "the cell does not run on the main thread"
    if sys.gettrace() is not None:
        return "a debugger or tracer watches this process"
    for name in _OF_PROCESS:
        if name in sys.modules:
            return f"{name} is loaded"
    return _of_interpreters() or _of_python_threads() or _of_imports() or _of_native_threads() or _of_devices()


def _of_interpreters() -> str | None:
    """What the threads of other interpreters do cannot be seen from here."""
    try:
        import _interpreters  # type: ignore[import-not-found]  # from Python 3.13 on
    except ImportError:
        return None
    return "there are subinterpreters" if len(_interpreters.list_all()) > 1 else None


def _of_python_threads() -> str | None:
    frames = sys._current_frames()
    del frames[threading.get_ident()]
    for thread in threading.enumerate():
        frame = frames.get(thread.ident or 0)
        if frame is not None and _is_shells(frame):
            del frames[thread.ident]  # type: ignore[arg-type]
        elif thread.name.startswith(_BACKGROUND):
            return "a cell runs in the background"
        elif not (thread is threading.main_thread() or _is_native(thread) or thread.name.startswith(_OURS)):
            return f"the thread {thread.name!r} runs"
    return None if all(map(_waits, frames.values())) else _BUSY


def _is_native(thread: threading.Thread) -> bool:
    """Whether it was started by native code, and is judged by what the system knows of it."""
    return isinstance(thread, threading._DummyThread)


def _is_shells(frame: FrameType) -> bool:
    """Whether a thread was started by the notebook's shell, and does not run the notebook's code."""
    names = _modules(frame)
    begins = next((name for name in reversed(names) if name not in _AROUND), "")
    return begins.partition(".")[0] in _SHELLS and "__main__" not in names


def _waits(frame: FrameType) -> bool:
    """Whether a thread of ours only waits for work: not inside of code that the notebook has called."""
    return frame.f_code.co_name in _WAITS and "__main__" not in _modules(frame)


def _modules(frame: FrameType | None) -> list[str]:
    """Of the functions on a thread's stack, the innermost first."""
    names = []
    while frame is not None:
        names.append(str(frame.f_globals.get("__name__")))
        frame = frame.f_back
    return names


def _of_imports() -> str | None:
    for name, ref in list(_bootstrap._module_locks.items()):  # type: ignore[attr-defined]
        lock = ref()
        if getattr(lock, "owner", None) is not None:
            return f"{name} is being imported"
    return None


def _of_native_threads() -> str | None:
    if not _foreign():
        return None
    # Some libraries (OpenBLAS) end their threads before every fork: those are safe. Which they are, a fork tells.
    _native.rehearse_fork()
    names = _foreign()
    return f"native threads run ({', '.join(sorted(names))})" if names else None


def _foreign() -> set[str]:
    """Names of native threads that nobody knows."""
    known = {str(thread.native_id) for thread in threading.enumerate() if not _is_native(thread)}
    found = set()
    for tid in os.listdir("/proc/self/task"):
        if tid in known:
            continue
        try:
            with open(f"/proc/self/task/{tid}/comm", encoding="utf-8", errors="replace") as file:
                name = file.read().strip()
        except OSError:
            continue  # it has ended
        if not name.startswith(_NATIVE):
            found.add(name)
    return found


def _of_devices() -> str | None:
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        maps = file.read()
    return "a GPU is in use" if any(name in maps for name in _GPUS) else None
