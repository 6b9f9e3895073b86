"""Cells from a grammar mean the same on every backend. `bench/random_cells.py` does it for as long as one likes."""

from grammar import BACKENDS, CELLS, PRELUDE
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oracle import Told, compare


@settings(
    max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=[Phase.generate]
)
@given(cell=CELLS, backend=st.sampled_from(BACKENDS))
def test_a_random_cell_means_the_same(cell, backend, opener_on):
    compare(PRELUDE, cell, opener_on(backend), Told())
