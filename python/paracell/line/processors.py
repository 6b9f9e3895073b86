"""How many workers a backend gets where the user does not say."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path

THREADS_ON_A_GIL_BUILD = 32


def default_workers(backend: str) -> int:
    """Workers for `backend`: the usable processors; more for threads that share a GIL, which overlap waiting."""
    if backend == "serial":
        return 1
    if backend == "threads" and gil_enabled():
        return THREADS_ON_A_GIL_BUILD
    return usable_processors()


def gil_enabled() -> bool:
    """Whether threads of this Python share a GIL."""
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())


def usable_processors() -> int:
    """Processors that this process may use: its affinity, and its cgroup's CPU quota rounded up; at least 1."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    quota = _cgroup_quota()
    return max(1, min(count, math.ceil(quota)) if quota else count)


def _cgroup_quota() -> float | None:
    """CPUs that the cgroup (v2, then v1) grants, or None where it sets no limit."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError):
        pass
    try:
        quota_us = int(Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").read_text())
        period_us = int(Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us").read_text())
        return quota_us / period_us if quota_us > 0 and period_us > 0 else None
    except (OSError, ValueError):
        return None
