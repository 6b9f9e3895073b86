"""Cells whose functions, aliases and items hide what they change mean the same with and without their first line."""

import decimal
import os
import sys
import warnings

import pytest
from notebooks import notebooks
from oracle import compare

BACKENDS = ["serial 3", "threads 4", "processes 2"]


@pytest.fixture
def surroundings():
    """What cells of this table change in this process is put back, between the two runs as well."""
    environ, path, limit = dict(os.environ), list(sys.path), sys.getrecursionlimit()
    with decimal.localcontext(), warnings.catch_warnings():
        yield
    os.environ.clear()
    os.environ.update(environ)
    sys.path[:] = path
    sys.setrecursionlimit(limit)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("row", notebooks(), ids=lambda row: row.name)
def test_means_the_same(row, backend, opener_on, surroundings):
    if backend.split()[0] in row.without:
        pytest.skip("said in the row")
    compare(row.before, row.cell, opener_on(backend))
