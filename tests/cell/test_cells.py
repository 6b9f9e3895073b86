"""Every cell of the table leaves the same with and without its first line."""

import builtins
import sys

import pytest
from cells import CELLS, PRELUDE
from oracle import compare

BACKENDS = ["serial 1", "serial 2", "serial 3", "serial 7", "threads 2", "threads 4", "processes 2"]


def kind(region):
    return region.refusal.code if region.refusal else "parallel"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("text", "expected"), [c[1:] for c in CELLS], ids=[c[0] for c in CELLS])
def test_means_the_same(text, expected, backend, opener_on):
    streams = sys.stdout, sys.stderr
    made = compare(PRELUDE, text, opener_on(backend))
    assert [kind(r) for r in made.regions] == expected
    assert (sys.stdout, sys.stderr) == streams
    assert not [n for n in vars(builtins) if n.startswith("__paracell_")]
