"""A notebook in this process, and a warm worker in another one."""

import linecache
import os
import pickle
import subprocess
import sys
import types

import pytest

from paracell.run.job import Job, Task
from paracell.ship.kernel import Shipper

CHILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "child.py")


class Worker:
    """A child process with a Receiver; blobs are sent to it once, as the pool does."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.sent = set()
        self.shipper = Shipper()  # numbers are one kernel's, so one shipper a worker

    def ask(self, *message, reply=True):
        pickle.dump(message, self.process.stdin)
        self.process.stdin.flush()
        return pickle.load(self.process.stdout) if reply else None

    def define(self, shipment):
        self.sent -= set(shipment.dropped)
        for key in shipment.dropped:
            self.ask("forget", key, reply=False)
        new = [blob for blob in shipment.blobs if blob[0] not in self.sent]
        for key, payload, buffers in new:
            self.ask("define", key, bytes(payload), [bytes(b) for b in buffers], reply=False)
            self.sent.add(key)
        return [key for key, _, _ in new]

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
        assert self.process.returncode == 0


class Notebook:
    """Cells that run on a ``__main__`` of their own, and loops over them that run in `worker`."""

    def __init__(self, worker):
        self.module = types.ModuleType("__main__")
        self.ns = self.module.__dict__
        self.worker = worker
        self.shipper = worker.shipper
        self.cells = 0
        self.shipment = None
        self.new = []

    def run(self, source):
        self.cells += 1
        name = f"<cell {self.cells}>"
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        exec(compile(source, name, "exec"), self.ns)
        return self.ns

    def __getitem__(self, name):
        return self.ns[name]

    def job(self, source, whole=False):
        """A Job whose compute function is `source`, an expression of x (or of `items` for a whole task)."""
        text = (
            f"def compute(items):\n    return {source}\n" if whole else f"def compute(x, keep):\n    return {source}\n"
        )
        name = f"<cell loop {self.cells}>"
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        found = {}
        exec(compile(text, name, "exec"), self.ns, found)
        return Job(found["compute"], whole, name, 1, source, None)

    def result(self, source, items=(0,), whole=False, peek=False):
        """The TaskResult of running `source` for each item in the worker."""
        items = list(items)
        self.shipment = self.shipper.job(self.job(source, whole), self.ns, items if peek else ())
        self.new = self.worker.define(self.shipment)
        payload, buffers = self.shipment.task(Task(0, 0, items, True))
        answer = self.worker.ask("task", self.shipment.key, bytes(payload), [bytes(b) for b in buffers])
        if answer is None:
            return None  # it was cut off
        return self.shipment.result(answer[0], [memoryview(bytearray(b)) for b in answer[1]])

    def map(self, source, items=(0,), **options):
        """Values of `source` for each item; raises what the worker raised."""
        result = self.result(source, items, **options)
        if result.error is not None:
            raise result.error
        return result.values

    def get(self, source, **options):
        return self.map(source, **options)[0]


@pytest.fixture(scope="module")
def worker():
    made = Worker()
    yield made
    made.close()


@pytest.fixture
def nb(worker, monkeypatch):
    book = Notebook(worker)
    monkeypatch.setitem(sys.modules, "__main__", book.module)
    return book


@pytest.fixture
def fresh(monkeypatch):
    """A notebook whose worker has run nothing yet."""
    made = Worker()
    book = Notebook(made)
    monkeypatch.setitem(sys.modules, "__main__", book.module)
    yield book
    made.close()
