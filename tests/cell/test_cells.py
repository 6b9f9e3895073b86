"""Every cell of the table leaves the same with and without its first line."""

import builtins
import sys

import pytest
from cells import CELLS, PRELUDE
from oracle import compare

from paracell.backends.serial import Serial


def kind(region):
    return region.refusal.code if region.refusal else "parallel"


@pytest.fixture(params=[1, 2, 3, 7])
def opener(request):
    return lambda region, job: Serial(request.param, 3).open(job)


@pytest.mark.parametrize(("text", "expected"), [c[1:] for c in CELLS], ids=[c[0] for c in CELLS])
def test_means_the_same(text, expected, opener):
    streams = sys.stdout, sys.stderr
    made = compare(PRELUDE, text, opener)
    assert [kind(r) for r in made.regions] == expected
    assert (sys.stdout, sys.stderr) == streams
    assert not [n for n in vars(builtins) if n.startswith("__paracell_")]
