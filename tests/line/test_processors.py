"""How many workers there are where the line does not say: what affinity and the cgroup's quota leave."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from paracell.line import processors

V2, QUOTA, PERIOD = (f"/sys/fs/cgroup/{name}" for name in ("cpu.max", "cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"))
CASES = [
    ({}, 8),
    ({V2: "max 100000"}, 8),
    ({V2: "200000 100000"}, 2),
    ({V2: "150000 100000"}, 2),
    ({V2: "20000 100000"}, 1),
    ({V2: "9900000 100000"}, 8),
    ({V2: "nonsense"}, 8),
    ({QUOTA: "300000", PERIOD: "100000"}, 3),
    ({QUOTA: "-1", PERIOD: "100000"}, 8),
]


@pytest.fixture
def eight(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)


@pytest.mark.parametrize(("files", "count"), CASES)
def test_affinity_and_quota(files, count, eight, monkeypatch):
    def read(self, *args, **kwargs):
        if str(self) not in files:
            raise FileNotFoundError(str(self))
        return files[str(self)]

    monkeypatch.setattr(Path, "read_text", read)
    assert processors.usable_processors() == count
    assert processors.default_workers("processes") == count


def test_threads_that_share_a_gil_are_more_and_serial_is_one(eight, monkeypatch):
    monkeypatch.setattr(processors, "gil_enabled", lambda: True)
    assert (processors.default_workers("threads"), processors.default_workers("serial")) == (32, 1)
    monkeypatch.setattr(processors, "gil_enabled", lambda: False)
    assert processors.default_workers("threads") == processors.usable_processors()
