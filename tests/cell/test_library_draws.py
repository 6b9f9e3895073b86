"""Library code that draws from global state under ``auto``: the serial cell's numbers, whenever the loop moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from oracle import Fixed, prepare

from paracell.backends.processes import Processes
from paracell.backends.serial import Serial
from paracell.cell import plan
from paracell.run.runtime import Callbacks, Runtime

SETUP = """
from sklearn.utils import resample
import numpy as np
np.random.seed(1)
deck = list(range(20))
def late(i):
    return resample(deck) if i >= 12 else []
def never(i):
    return resample(deck, random_state=i)
"""
pytest.importorskip("sklearn")
CELLS = {
    "comprehension": "out = [{draw} for i in range(20)]",
    "loop": "out = []\nfor i in range(20):\n    out.append({draw})",
    "lazy": "out = list({draw} for i in range(20))",
}
AFTER = "\nafter = float(np.random.rand())"


class Heard(Callbacks):
    def __init__(self) -> None:
        self.here: list[tuple[list[str], int]] = []
        self.started_at: list[int] = []

    def draws_here(self, region: Any, labels: list[str], iteration: int) -> None:
        self.here.append((labels, iteration))

    def started(self, region: Any, job: Any, run: Any) -> None:
        self.started_at.append(job.total)


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    made = Processes({})
    yield made
    made.shutdown()


def runs(cell: str, backend: Any, tried: int) -> tuple[dict[str, Any], Heard]:
    """The namespace after the cell whose first `tried` iterations run here, and what was heard."""
    namespace = prepare(SETUP)
    if isinstance(backend, Processes):
        backend._namespace = namespace
    made, heard = plan(cell, "<cell>", namespace), Heard()
    assert made.regions[0].parallel
    with Runtime(made, namespace, lambda _, job: backend.open(job, 2), heard, lambda *_: Fixed(tried, False)):
        exec(compile(made.tree, "<cell>", "exec", dont_inherit=True), namespace)
    return namespace, heard


def serially(cell: str) -> tuple[list[list[int]], float]:
    namespace = prepare(SETUP)
    exec(cell, namespace)
    return namespace["out"], namespace["after"]


@pytest.mark.parametrize("form", CELLS)
@pytest.mark.parametrize("tried", [1, 5])
@pytest.mark.parametrize("where", ["serial", "processes"])
def test_draws_in_what_ran_here(form: str, tried: int, where: str, processes: Processes) -> None:
    cell = CELLS[form].format(draw="resample(deck)") + AFTER
    made, heard = runs(cell, processes if where == "processes" else Serial(3), tried)
    assert (made["out"], made["after"]) == serially(cell)
    assert heard.here == [(["numpy.random"], tried)] and not heard.started_at


@pytest.mark.parametrize("form", CELLS)
@pytest.mark.parametrize("where", ["serial", "processes"])
def test_draws_that_begin_when_it_has_moved(form: str, where: str, processes: Processes) -> None:
    cell = CELLS[form].format(draw="late(i)") + AFTER
    made, heard = runs(cell, processes if where == "processes" else Serial(3), 4)
    assert (made["out"], made["after"]) == serially(cell)
    ((labels, iteration),) = heard.here
    assert labels == ["numpy.random"] and 4 <= iteration <= 12 and heard.started_at == [16]


def test_no_draws_and_it_stays_where_it_went(processes: Processes) -> None:
    cell = CELLS["loop"].format(draw="never(i)") + AFTER
    made, heard = runs(cell, processes, 4)
    assert (made["out"], made["after"]) == serially(cell)
    assert not heard.here and heard.started_at == [16]
    assert made["after"] == np.random.RandomState(1).rand()
