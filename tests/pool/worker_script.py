"""A worker for the pool's tests: jobs and tasks are pickled (function name, arguments) of this very file."""

import contextlib
import os
import pickle
import signal
import sys
import time

from paracell import _native
from paracell.worker import ThreadLimit

DEFINED = {}
IDLE = []
LIMIT = ThreadLimit()


def define(key, payload, buffers):
    if bytes(payload) == b"die":
        os.kill(os.getpid(), signal.SIGKILL)
    if bytes(payload) == b"raise":
        raise ValueError("define raises")
    if bytes(payload).startswith(b"when idle tell "):
        tell_when_idle(os.fsdecode(bytes(payload).removeprefix(b"when idle tell ")))
    DEFINED[key] = (payload, buffers)


def forget(key):
    del DEFINED[key]


def idle():
    while IDLE:
        with open(IDLE.pop(), "w") as told:
            told.write("idle")


def tell_when_idle(path):
    IDLE.append(path)


def task(job, payload, buffers):
    LIMIT.apply(_native.run_workers())
    name, *arguments = pickle.loads(payload)
    result = globals()[name](*arguments, *([buffers] if buffers else []))
    out = []
    reply = pickle.dumps(result, protocol=5, buffer_callback=out.append)
    return reply, out


def echo(value):
    return value


def pid():
    return os.getpid()


def pid_of(_):
    return os.getpid()


def spin(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def nap(seconds):
    time.sleep(seconds)


def deaf():
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            time.sleep(60)


def items(count, then=None):
    for _ in range(count):
        _native.item_done()
    if then is not None:
        globals()[then]()
    return count


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def segfault():
    import ctypes

    ctypes.string_at(0)


def exits():
    os._exit(3)


def items_then_nap(seconds):
    _native.item_done()
    time.sleep(seconds)


def imports_then_nap(folder):
    sys.path.insert(0, folder)
    _native.item_done()
    import slow_to_import  # noqa: F401

    time.sleep(60)


def imported():
    return vars(sys.modules["slow_to_import"])["whole"]


def items_then_deaf():
    _native.item_done()
    deaf()


def nap_blob(seconds, key):
    time.sleep(seconds)
    return blob(key)


def echo_unpicklable():
    return lambda: None


def dies_once(marker, buffers):
    first = not os.path.exists(marker)
    value = bytes(buffers[0][:1]), len(buffers[0])
    buffers[0][:] = bytes(len(buffers[0]))
    if first:
        with open(marker, "w"):
            killed()
    return value


def raises():
    raise ValueError("out of a callback")


def closes():
    os.closerange(3, 4096)
    time.sleep(60)


def doubled(buffers):
    for buffer in buffers:
        view = memoryview(buffer).cast("B")
        view[0] = 7
    return [pickle.PickleBuffer(buffer) for buffer in buffers]


def grown(size, fill):
    return pickle.PickleBuffer(bytearray([fill]) * size)


def held():
    return sorted(DEFINED)


def blob(key, write=False):
    _, buffers = DEFINED[key]
    if write:
        for buffer in buffers:
            buffer[0] = 99
    return [bytes(memoryview(buffer)[:3]) for buffer in buffers]


def blas():
    import numpy
    import threadpoolctl

    numpy.ones((2, 2)) @ numpy.ones((2, 2))
    return [pool["num_threads"] for pool in threadpoolctl.threadpool_info()]


if __name__ == "__main__":
    if "--dies" in sys.argv:
        os._exit(5)
    sys.exit(_native.serve_worker(int(sys.argv[-1]), define, task, forget, idle))
