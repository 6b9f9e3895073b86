"""A loop that only prepares what is computed later is told how workers would compute it."""

from __future__ import annotations

import pytest

from paracell import cell

MAPS = {
    "out.append(map(f, x))": "out.append(list(map(f, x)))",
    "d.setdefault(x[0], map(f, x))": "d.setdefault(x[0], list(map(f, x)))",
}
GENERATORS = {
    "out.append(f(y) for y in x)": "out.append([f(y) for y in x])",
    "out.append(f(y) for y in range(x[0]))": "out.append([f(y) for y in range(x[0])])",
    "d.setdefault(x[0], (f(y) for y in x if y))": "d.setdefault(x[0], [f(y) for y in x if y])",
}
USED_UP = ["out.extend(map(f, x))", "out += map(f, x)", "out.extend(f(y) for y in x)", "d.update((y, f(y)) for y in x)"]


def _region(statement):
    namespace = {"out": [], "d": {}, "f": abs, "xs": [[1, 2]]}
    (region,) = cell.plan(f"for x in xs:\n    {statement}", "<cell>", namespace).regions
    return region


@pytest.mark.parametrize("statement", MAPS)
def test_a_list_would_be_computed(statement):
    refusal = _region(statement).refusal
    assert refusal.code == "trivial"
    assert refusal.message().endswith("workers would compute a list, `list(map(f, x))`.")
    assert _region(MAPS[statement]).parallel


@pytest.mark.parametrize("statement", GENERATORS)
def test_the_edit_makes_a_list_of_a_generator(statement):
    refusal = _region(statement).refusal
    assert refusal.code == "keeps-function" and f"+     {GENERATORS[statement]}" in refusal.message()
    assert _region(GENERATORS[statement]).parallel


@pytest.mark.parametrize("statement", ["out.extend(y for y in x)", "out.append(x)"])
def test_where_there_is_nothing_to_compute_nothing_is_advised(statement):
    refusal = _region(statement).refusal
    assert refusal.code == "trivial" and refusal.message().endswith("moves values about; workers could not help.")


@pytest.mark.parametrize("statement", USED_UP)
def test_what_is_used_up_at_once_is_computed(statement):
    assert _region(statement).parallel
