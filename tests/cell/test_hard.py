"""Cells that would be silently wrong if the split missed something."""

import pytest
from cells import PRELUDE
from hard import CASES
from oracle import compare


@pytest.mark.parametrize("backend", ["serial 1", "serial 3", "serial 7", "threads 2", "threads 4", "processes 2"])
@pytest.mark.parametrize("text", CASES, ids=[c.replace("\n", ";")[:60] for c in CASES])
def test_means_the_same(text, backend, opener_on):
    if backend.startswith("processes") and "fh.closed" in text:
        pytest.skip("a file that the commit part asks for cannot leave its worker: an error says so")
    compare(PRELUDE, text, opener_on(backend))
