"""``x += 1`` on a parameter changes nothing where x is a number, and an array in place: decided by the objects."""

from __future__ import annotations

import pytest
from oracle import compare

HELPERS = """
import numpy as np
def f(p):
    x, y = p
    x += 1
    return x * y
def g(n):
    n -= 0.5
    return n * 2
def down(n):
    def inner(m):
        m += 1
        return m
    return inner(n)
"""
NUMBERS = [
    "points = [(1, 2), (3, 4.5)]\nout = []\nfor p in points:\n    out.append(f(p))",
    "out = [f(p) for p in [(1, 2), (3, 4)]]",
    "out = {}\nfor n in range(9):\n    out[n] = g(n)",
    "out = [g(n) for _, n in enumerate([1, 2, 3])]",
    "out = [down(n) for n in range(5)]",
]
OBJECTS = [
    "items = [np.arange(3.0) for _ in range(4)]\nout = [float(g(a).sum()) for a in items]",
    "items = [(np.arange(3.0), 2)] * 3\nout = []\nfor p in items:\n    out.append(f(p).tolist())",
    "out = [float(g(np.ones(2) * n).sum()) for n in range(5)]",
    "base = np.ones(3)\nmore = [float(g(base).sum()) for n in range(3)]",
]


@pytest.mark.parametrize("backend", ["serial 1", "threads 2", "processes 2"])
@pytest.mark.parametrize("cell", NUMBERS + OBJECTS)
def test_means_the_same(cell, backend, opener_on):
    compare(HELPERS, cell, opener_on(backend))


@pytest.mark.parametrize("cell", NUMBERS)
def test_numbers_run_in_parallel(cell, opener_on):
    ran = []
    opener = opener_on("threads 2")
    compare(HELPERS, cell, lambda region, job: ran.append(region) or opener(region, job))
    assert ran
