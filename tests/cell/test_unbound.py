"""A name that cannot be had as the serial loop leaves it is not bound, and said."""

import pytest
from oracle import Told, in_two_parts

CELL = "for x in range(6):\n    ys = (v > 2 for v in range(x + 4))\n    out.append(any(ys))"


@pytest.mark.parametrize("backend", ["serial 2", "threads 2", "processes 2"])
def test_a_generator_that_has_not_come_to_its_end(backend, opener_on):
    told = Told()
    made, left = in_two_parts("out = []", CELL, opener_on(backend), told)
    assert made.regions[0].refusal is None and left["error"] is None
    assert told.names == ["ys"] and left["names"] == ["__name__", "out", "x"]
