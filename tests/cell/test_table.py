"""Every cell of the table leaves the same with and without its first line."""

import builtins
import sys

import pytest
from oracle import Told, compare, in_two_parts
from tabled import PRELUDE, every_row

from paracell.line.available import missing
from paracell.run import hashseed

FEW = ["serial 3", "threads 2", "processes 2", "processes 2 after 1", "serial 2 after 1, planned late"]
MANY = ["serial 1", "serial 2", "serial 7", "threads 4", "here after 1", "serial 1 after 1", "serial 3 after 2"]
MANY += ["threads 2 after 5", "processes 2 after 2, planned late", "here after 2, planned late"]


if missing("interpreters") is None:
    FEW += ["interpreters 2", "interpreters 2 after 1"]


def is_kind(region, kind):
    """Whether the region is "parallel", or refused for the reason or for one of the family that is called `kind`."""
    return kind in ((region.refusal.code, region.refusal.family) if region.refusal else ("parallel",))


def parameters():
    """Every row on each way of running; the ways beyond the few share the table between them."""
    for number, row in enumerate(every_row()):
        for backend in [*FEW, MANY[number % len(MANY)], MANY[(number + 3) % len(MANY)]]:
            salted = "seed" in row.options and hashseed.salted() and "processes" in backend
            marks = [pytest.mark.xfail(reason="worker processes hash strings differently")] if salted else []
            yield pytest.param(row, backend, id=f"{row.name}-{backend}", marks=marks)


@pytest.mark.parametrize(("row", "backend"), parameters())
def test_means_the_same(row, backend, opener_on):
    streams = sys.stdout, sys.stderr
    told = Told()
    if "error" in row.options and backend.startswith(("processes", "interpreters")):
        made, got = in_two_parts(PRELUDE, row.text, opener_on(backend), told)
        if got["error"] is not None or "after 2" not in backend:  # else it may be over before anything is sent
            assert got["error"][1] == "ShipError" and row.options["error"] in got["error"][2]
    else:
        made = compare(PRELUDE, row.text, opener_on(backend), told)
    kinds = [region.refusal.code if region.refusal else "parallel" for region in made.regions]
    assert len(kinds) == len(row.kinds) and all(map(is_kind, made.regions, row.kinds)), kinds
    said(row, backend, [*told.reasons, *told.names, *told.changed])
    assert (sys.stdout, sys.stderr) == streams
    assert not [n for n in vars(builtins) if n.startswith("__paracell_")]


def said(row, backend, found):
    """What is said beyond the plan's refusals is what the table says; a loop that is over early may not come to it."""
    expected, name = row.options.get("told"), backend.split()[0]
    if expected is None and name == "serial":  # which notices what it comes upon, and nothing has to come of it
        others = [row.options[one] for one in ("serial", "threads", "processes") if one in row.options]
        assert all(any(other.lower() in text.lower() for other in others) for text in found), found
        return
    if expected is None:
        expected = row.options.get(name, row.options.get("processes") if name == "interpreters" else None)
    if backend.startswith("interpreters") and (unable := [t for t in found if "cannot be loaded in a subint" in t]):
        assert all(text.startswith("numpy ") for text in unable) and len(unable) == len(found)
        return
    if found or "after" not in backend:
        assert bool(found) == bool(expected), found
        # Where it is planned late, what the cell has bound is known, and the reason may be another one.
        assert not found or "late" in backend or any(expected.lower() in text.lower() for text in found), found
