"""A worker that was forked from the kernel: takes away what a worker must not have, and serves.

What native code around the fork does is in ``src/pool/fork.rs``: the process has descriptors of its own and no sockets
of the kernel's, and no signal reaches it before it serves.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import io
import os
import signal
import site
import sys
import threading
import traceback
from collections.abc import Iterable
from typing import Any

from paracell import _native, worker, workershell  # noqa: F401
from paracell.run import capture, task, written  # noqa: F401 - what a worker imports is there when it is forked
from paracell.ship import worker as _receiver  # noqa: F401
from paracell.ship.held import Held


def prepare() -> None:
    """Before a fork: what every child would import by itself."""
    if any(name in sys.modules for name in worker.NATIVE_THREADS):
        worker.thread_pools()


def serve(fd: int, blobs: Iterable[tuple[bytes, bytes, list[memoryview]]], held: Held | None) -> None:
    """Serve the run for which this process was forked, and end. Never returns: the frames below are the kernel's."""
    code = 70
    try:
        gc.freeze()  # what the kernel has left is not looked at, and so its pages stay shared
        _streams()
        _signals()
        _hooks()
        callbacks = worker.Callbacks()
        callbacks.receiver.link.held = held
        callbacks.settings.loaded()
        for key, payload, buffers in reversed(list(blobs)):
            callbacks.define(key, payload, buffers)
        code = _native.serve_worker(fd, callbacks.define, callbacks.task, callbacks.forget)
    except BaseException:
        with contextlib.suppress(BaseException):
            traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(code)


def _streams() -> None:
    """The standard streams of a process of its own, in the place of the notebook's."""
    sys.stdin = sys.__stdin__ = open(0, closefd=False)  # type: ignore[misc]  # noqa: SIM115
    for number, name in ((1, "stdout"), (2, "stderr")):
        raw = open(number, "wb", closefd=False)  # noqa: SIM115
        stream = io.TextIOWrapper(raw, "utf-8", "backslashreplace", line_buffering=True)
        setattr(sys, f"__{name}__", stream)
    capture.reset_in_child(sys.__stdout__, sys.__stderr__)


def _signals() -> None:
    """The handlers of a new process."""
    with contextlib.suppress(ValueError):
        signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)) and number != signal.SIGINT:
            signal.signal(number, signal.SIG_DFL)


def _no_input(*_: Any, **__: Any) -> str:
    raise EOFError("EOF when reading a line")


def _hooks() -> None:
    """What the notebook and its shell have put into the interpreter."""
    sys.settrace(None)
    sys.setprofile(None)
    threading.settrace(None)  # type: ignore[arg-type]
    threading.setprofile(None)  # type: ignore[arg-type]
    sys.displayhook, sys.excepthook = sys.__displayhook__, sys.__excepthook__
    sys.unraisablehook, threading.excepthook = sys.__unraisablehook__, threading.__excepthook__
    builtins.input = _no_input
    if "getpass" in sys.modules:
        sys.modules["getpass"].getpass = _no_input  # type: ignore[attr-defined]
    builtins.__dict__.pop("get_ipython", None)
    site.setquit()
    if "faulthandler" in sys.modules:
        with contextlib.suppress(Exception):
            sys.modules["faulthandler"].enable(sys.__stderr__)
    if "asyncio" in sys.modules:
        sys.modules["asyncio"].events._set_running_loop(None)
        with contextlib.suppress(Exception):
            sys.modules["asyncio"].events._event_loop_policy = None
    if "matplotlib._pylab_helpers" in sys.modules:
        # They stand in the notebook; their windows are not this process's to close.
        sys.modules["matplotlib._pylab_helpers"].Gcf.figs.clear()
