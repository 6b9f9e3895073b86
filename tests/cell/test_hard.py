"""Cells that would be silently wrong if the split missed something."""

import pytest
from cells import PRELUDE
from hard import CASES
from oracle import compare

from paracell.backends.serial import Serial


@pytest.mark.parametrize("size", [1, 3, 7])
@pytest.mark.parametrize("text", CASES, ids=[c.replace("\n", ";")[:60] for c in CASES])
def test_means_the_same(text, size):
    compare(PRELUDE, text, lambda region, job: Serial(size, 3).open(job))
