"""Every cell of the table leaves the same with and without its first line."""

import builtins
import sys

import pytest
from oracle import compare
from tabled import PRELUDE, every_row

BACKENDS = ["serial 1", "serial 2", "serial 3", "serial 7", "threads 2", "threads 4", "processes 2"]
BACKENDS += ["here after 1", "serial 1 after 1", "serial 3 after 2", "threads 2 after 5", "processes 2 after 1"]


def kind(region):
    return region.refusal.code if region.refusal else "parallel"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("row", every_row(), ids=lambda row: row.name)
def test_means_the_same(row, backend, opener_on):
    if backend.startswith("processes") and row.name == "file closed by with":
        pytest.skip("a file that the commit part asks for cannot leave its worker: an error says so")
    streams = sys.stdout, sys.stderr
    made = compare(PRELUDE, row.text, opener_on(backend))
    assert [kind(r) for r in made.regions] == row.kinds
    assert (sys.stdout, sys.stderr) == streams
    assert not [n for n in vars(builtins) if n.startswith("__paracell_")]
