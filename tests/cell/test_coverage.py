"""The loops of notebooks and the standard library's functions run in parallel, and give what they give serially."""

import pytest
from covered import EXPECTED, files, library, notebooks, run

NAMES = [loop.name for loop in notebooks("")]


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    with files(tmp_path_factory.mktemp("coverage")) as places:
        yield {loop.name: loop for loop in notebooks(places)}


@pytest.mark.parametrize("backend", ["serial 3", "threads 2", "processes 2"])
@pytest.mark.parametrize("name", NAMES)
def test_notebooks(name, backend, cells, opener_on):
    found = run(cells[name], opener_on(backend))
    if backend.startswith("threads"):
        # A library that catches warnings in two threads at a time leaves other filters than it has found: the loop goes
        # on serially then, and says so.
        found = [said for said in found if said != "fell back: warnings.filters"]
    assert found == ([EXPECTED[name]] if name in EXPECTED else [])


@pytest.mark.parametrize("loop", library(), ids=lambda loop: loop.name)
def test_library(loop, opener_on):
    found = run(loop, opener_on("serial 3"))
    assert found == ([EXPECTED[loop.name]] if loop.name in EXPECTED else [])


def test_library_on_threads(opener_on):
    for loop in library()[::3]:
        found = run(loop, opener_on("threads 2"))
        assert found == ([EXPECTED[loop.name]] if loop.name in EXPECTED else []), loop.name


ELSEWHERE = (
    "datetime.date(2024, 1, x).isocalendar()",
    "zoneinfo.ZoneInfo('UTC').utcoffset(datetime.datetime(2024, 1, x))",
)
"""Their values do not stay the same when they are pickled: one becomes a tuple, one is no longer shared."""


def test_library_in_processes(opener_on):
    for loop in library()[::3]:
        if loop.name not in ELSEWHERE:
            run(loop, opener_on("processes 2"))
