"""Two thousand executes of every kind, mixed: the kernel is then as it was. bench/soak.py goes on for longer."""

from __future__ import annotations

from collections.abc import Iterator

import IPython
import pytest
from soaking import PARALLEL, Soak

EXECUTES = 2_000


@pytest.fixture
def soak(jupyter_home: object) -> Iterator[Soak]:
    made = Soak(seed=7, history=False)
    yield made
    made.close()


TABLES = {
    "len(__import__('linecache').cache)": 2_500,
    "len(get_ipython().compile._filename_map)": 2_500,
    "sum(map(len, get_ipython().compile._codes.values()))": 10_000,
    "sum(map(len, get_ipython().history_manager.outputs.values())) if hasattr(get_ipython().history_manager, 'outputs')"
    " else 0": 200,
    "len(get_ipython().user_ns['Out'])": 1_100,
    "len(get_ipython().kernel.comm_manager.comms)": 0,
    "len(get_ipython().kernel.subshells)": 0,
}
"""What could grow with each cell, and how large it may be."""


def test_nothing_grows_with_the_number_of_executes(soak: Soak) -> None:
    soak.warm_up()
    before = soak.held()
    soak.run(EXECUTES)
    after = soak.settled(before)
    assert after.executes >= before.executes + EXECUTES
    assert after.counts() == before.counts()
    assert after.memory < before.memory + (48 << 20)
    assert {table: size for table, bound in TABLES.items() if (size := soak.value(table)) > bound} == {}


def test_what_is_known_of_a_cells_code_does_not_outlive_it(soak: Soak) -> None:
    soak.warm_up()
    soak.execute(PARALLEL * 5)
    before = soak.held()
    soak.execute(PARALLEL * 30)
    after = soak.settled(before)
    # IPython 8 keeps one or two of each cell.
    assert after.objects - before.objects < (30 if IPython.version_info >= (9,) else 60)
