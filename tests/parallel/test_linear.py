"""Linear algebra whose last digits depend on the number of threads: worker processes have fewer, and that is said."""

from __future__ import annotations

import os

import pytest

from paracell.run import linear

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
SETUP = (
    "import numpy as np, threadpoolctl, paracell\nX = np.random.default_rng(0).random((4, 1_000_001))\n"
    "def norms(i):\n    return float(X[i] @ X[i])\nplain = [norms(i) for i in range(4)]"
)
CELL = "%%parallel processes 2\nr = [norms(i) for i in range(4)]"


def said(ran):
    assert ran.reply["status"] == "ok", ran.reply
    texts = [one["data"]["text/plain"] for one in ran.of("display_data")]
    return [text for text in texts if text.startswith("Linear algebra: ")]


@pytest.mark.skipif(CORES < 2 or "OMP_NUM_THREADS" in os.environ, reason="BLAS has one thread everywhere")
def test_it_is_said_once_and_there_is_a_way_to_the_serial_cells_digits(fresh):
    assert said(fresh.run(SETUP)) == []
    (note,) = said(fresh.run(CELL))
    assert f"has {max(1, CORES // 2)} of the {CORES} threads" in note and "threadpool_limits(" in note
    assert said(fresh.run(CELL)) == []
    assert fresh.run("np.allclose(r, plain, rtol=1e-12)").result == "True"
    fresh.run(f"_limit = threadpoolctl.threadpool_limits({max(1, CORES // 2)})\nplain = [norms(i) for i in range(4)]")
    assert said(fresh.run(CELL)) == []
    assert fresh.run("r == plain").result == "True"


@pytest.mark.skipif(CORES < 2, reason="BLAS has one thread everywhere")
@pytest.mark.parametrize("backend", ["threads 2", "serial"])
def test_threads_have_the_notebooks_and_so_its_digits(fresh, backend):
    assert said(fresh.run(SETUP)) == []
    assert said(fresh.run(CELL.replace("processes 2", backend))) == []
    assert fresh.run("r == plain").result == "True"


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("x @ x", True),
        ("np.linalg.svd(x)", True),
        ("model.fit(x)", True),
        ("[y @ y for y in x]", True),
        ("helper(x)", True),
        ("Model().reckon(x)", True),
        ("x * 2 + np.sum(x)", False),
        ("score(x)", False),
        ("score(x) + model.score(x)", True),
    ],
)
def test_where_it_may_show(text, shows):
    names = {"__name__": "__main__"}
    source = (
        "class Model:\n    def reckon(self, x):\n        return x @ x\n"
        "def helper(x):\n    return x.dot(x)\ndef score(x):\n    return x + 1\n"
    )
    exec(f"{source}def compute(x):\n    return {text}", names)
    assert linear.shows(names["compute"]) == shows
