"""Shorthands for the pool's tests."""

import os
import pickle
import sys
from pathlib import Path

from paracell import _native

SCRIPT = str(Path(__file__).with_name("worker_script.py"))


def descriptors():
    return sorted(os.listdir("/proc/self/fd"))


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Pool:
    """Shorthands over _native.ProcessPool."""

    def __init__(self, *arguments):
        self.native = _native.ProcessPool([sys.executable, SCRIPT, *arguments])
        self.native.put(b"job", b"", [])
        self.seen = set()

    def open(self, workers=2, needs=(), total=None):
        return self.native.open(workers, b"job", list(needs), total)

    def submit(self, run, *call, items=1, buffers=()):
        return run.submit(pickle.dumps(call), list(buffers), items)

    def next(self, run):
        outcome = run.next()
        assert outcome.status == "done", (outcome.signal, outcome.exit_code)
        return pickle.loads(outcome.payload, buffers=outcome.buffers)

    def call(self, *call, workers=1, needs=(), buffers=()):
        run = self.open(workers, needs)
        try:
            self.submit(run, *call, buffers=buffers)
            return self.next(run)
        finally:
            run.close()

    def map(self, name, values, workers=2):
        """All results of name(value), submitted as the pool wants it."""
        run = self.open(workers, total=len(values))
        out, todo, pending = [], iter(values), 0
        more = True
        while more or pending:
            while more and run.wanted():
                value = next(todo, self)
                more = value is not self
                if more:
                    self.submit(run, name, value)
                    pending += 1
            if pending:
                out.append(self.next(run))
                pending -= 1
        run.close()
        return out
