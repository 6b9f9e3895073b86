"""A loop that only prepares what is computed later is told how workers would compute it."""

from __future__ import annotations

import pytest

from paracell import cell

LISTS = {
    "out.extend(f(y) for y in x)": ("[f(y) for y in x]", "out.extend([f(y) for y in x])"),
    "out += map(f, x)": ("list(map(f, x))", "out += list(map(f, x))"),
    "d.update((y, f(y)) for y in x if y)": ("[(y, f(y)) for y in x if y]", "d.update([(y, f(y)) for y in x if y])"),
}


def _region(statement):
    namespace = {"out": [], "d": {}, "f": abs, "xs": [[1, 2]]}
    (region,) = cell.plan(f"for x in xs:\n    {statement}", "<cell>", namespace).regions
    return region


@pytest.mark.parametrize("statement", LISTS)
def test_a_list_would_be_computed(statement):
    made, mended = LISTS[statement]
    refusal = _region(statement).refusal
    assert refusal.code == "trivial" and refusal.message().endswith(f"workers would compute a list, `{made}`.")
    assert _region(mended).parallel


@pytest.mark.parametrize("statement", ["out.extend(y for y in x)", "out.append(x)"])
def test_where_there_is_nothing_to_compute_nothing_is_advised(statement):
    refusal = _region(statement).refusal
    assert refusal.code == "trivial" and refusal.message().endswith("moves values about; workers could not help.")
