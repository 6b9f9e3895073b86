"""Entry of a worker process: ``main``, its descriptor last in ``sys.argv``. Imports what unpickles and runs tasks."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from functools import partial
from typing import Any

from paracell import _native

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
NATIVE_THREADS = ("numpy", "scipy", "sklearn", "torch", "cv2", "numexpr", "faiss")


_DUPLICATES = "KMP_DUPLICATE_LIB_OK"


def thread_pools() -> Any:
    """The module threadpoolctl. It sets a variable of the environment when it is loaded, which is not ours to set."""
    unset = "threadpoolctl" not in sys.modules and _DUPLICATES not in os.environ
    import threadpoolctl

    if unset:
        os.environ.pop(_DUPLICATES, None)
    return threadpoolctl


class ThreadLimit:
    """Keeps BLAS and OpenMP libraries to this worker's share of the cores, so that N workers do not start N times as
    many threads as there are cores. A limit that the user has set stands."""

    def __init__(self) -> None:
        self.cores = len(os.sched_getaffinity(0))
        self.ours = [name for name in _THREADS if name not in os.environ]
        self.share = 0
        self.loaded: tuple[str, ...] = ()

    def apply(self, workers: int) -> None:
        """Before a task of a run on `workers` workers: cheap if nothing has changed since the last one."""
        share = max(1, self.cores // max(1, workers))
        loaded = tuple(name for name in NATIVE_THREADS if name in sys.modules)
        if share == self.share and loaded == self.loaded:
            return
        if share != self.share:
            for name in self.ours:
                os.environ[name] = str(share)
        self.share, self.loaded = share, loaded
        if loaded and "OMP_NUM_THREADS" in self.ours:
            found = thread_pools().ThreadpoolController()
            found.limit(limits=share)
            libraries = found.select(internal_api="openblas").lib_controllers
            # A limit starts its threads, here or anew after a fork, and for 0.1 s they wait for work without letting
            # the core go. They start again with the first work for several.
            ends = [getattr(library.dynlib, "blas_thread_shutdown_", None) for library in libraries]
            for end in ends:
                if end is not None:
                    end()
            if None in ends and len(os.listdir("/proc/self/task")) > threading.active_count():
                _native.rehearse_fork()  # what it does before a fork is the same


def say(kind: str, content: Any) -> bool:
    """An event of an iteration for which the notebook may be waiting. What needs the notebook's code to be read waits
    for the result."""
    if kind in ("log", "warning", "figures"):
        return False
    try:
        words = pickle.dumps((kind, content), 5)
    except Exception:
        return False
    _native.say(words)
    return True


class Callbacks:
    """What the native loop calls. The receiver, which unpickles, is imported at once: a worker is started for a job
    that is being packed meanwhile."""

    def __init__(self) -> None:
        self.limit = ThreadLimit()
        self.limit.apply(self.limit.cores)
        from paracell.run import capture, task, written
        from paracell.ship.worker import Receiver
        from paracell.workershell import Settings

        capture.hooks.remote = capture.alone = True
        written.take = _native.written
        self.settings = Settings()
        self.receiver = Receiver(partial(task.run_task, live=say), self.settings)

    def define(self, key: bytes, payload: Any, buffers: list[memoryview]) -> None:
        self.receiver.define(key, payload, buffers)

    def task(self, job: bytes, payload: Any, buffers: list[memoryview]) -> Any:
        self.limit.apply(_native.run_workers())
        return self.receiver.task(job, payload, buffers)

    def forget(self, key: bytes) -> None:
        self.receiver.forget(key)

    def idle(self) -> None:
        self.receiver.idle()


def main() -> int:
    """Serve on the descriptor that the pool appended to the command line; the exit code."""
    callbacks = Callbacks()
    return _native.serve_worker(int(sys.argv[-1]), callbacks.define, callbacks.task, callbacks.forget, callbacks.idle)
