"""Threads without a GIL: each task has a function of its own to call, whose references no other thread counts."""

from __future__ import annotations

from typing import Any

import pytest
from oracle import compare

from paracell.backends import threads

CELLS = ["out = [f(x) for x in range(40)]", "out = []\nfor x in range(40):\n    y = f(x)\n    out.append(y)"]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("gil", [True, False])
def test_tasks_share_a_function_only_where_there_is_a_gil(
    opener_on: Any, monkeypatch: Any, gil: bool, cell: str
) -> None:
    called: list[Any] = []

    def run_task(job: Any, *args: Any) -> Any:
        called.append(job.compute)
        return run(job, *args)

    run = threads.run_task
    monkeypatch.setattr(threads, "run_task", run_task)
    monkeypatch.setattr(threads, "gil_enabled", lambda: gil)
    compare("def f(x):\n    return x * x", cell, opener_on("threads 2"))
    assert len(called) > 2 and len(set(called)) == (1 if gil else len(called))
