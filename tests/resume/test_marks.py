"""Marks: items that are others now are told from those that are the same, whatever kind they are of."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from paracell.run.marks import Marks

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")


class Thing:
    pass


SAME: dict[str, Callable[[], Any]] = {
    "number": lambda: 2,
    "text": lambda: "a text",
    "pair": lambda: (1, "b"),
    "row": lambda: [1.5, None, b"x"],
    "record": lambda: {"name": "a", "tags": ["b", ("c", 1)]},
    "set": lambda: {1, 2},
    "frozenset": lambda: frozenset({1}),
    "deep": lambda: [[[[[1]]]]],
    "date": lambda: datetime.date(2000, 1, 2),
    "array": lambda: np.arange(4.0),
    "frame": lambda: pd.DataFrame({"a": [1, 2]}),
    "object": Thing,
    "objects in a list": lambda: [Thing(), np.float64(2.0)],
}
OTHER: dict[str, list[Any]] = {
    "number": [1, True, 2.0, "a", None, (2,)],
    "text": ["another", b"a text"],
    "pair": [(1, "c"), (1, "b", 2), [1, "b"], (1,)],
    "row": [[1.5, None, b"y"], [1.5, None], (1.5, None, b"x")],
    "record": [{"name": "a", "tags": ["b", ("c", 2)]}, {"name": "a"}, {"tags": "a", "name": []}],
    "set": [{1}, frozenset({1, 2}), [1, 2]],
    "frozenset": [{1}, frozenset()],
    "deep": [[[[1]]], [[[[[1]], 2]]]],
    "date": [datetime.date(2000, 1, 3), datetime.datetime(2000, 1, 2)],
    "array": [np.arange(1.0, 5.0), np.arange(4), np.arange(4.0).reshape(2, 2)],
    "frame": [pd.DataFrame({"a": [1, 3]}), pd.DataFrame({"a": [1, 2, 3]})],
    "object": [1, [Thing()]],
    "objects in a list": [[Thing(), np.float64(3.0)], [Thing()]],
}


@pytest.mark.parametrize("kind", SAME)
def test_other_items_are_told_from_the_same(kind: str) -> None:
    marks = Marks(first=5)
    marks.add([SAME[kind](), 1])
    assert marks.difference([SAME[kind](), 1], 5) is None
    for other in OTHER[kind]:
        assert marks.difference([other, 1], 5) == 5, other
    assert marks.difference([SAME[kind](), 2], 5) == 6


def test_items_that_the_loop_changes_need_only_be_of_the_same_kind() -> None:
    marks = Marks(shallow=True)
    marks.add([[1], {"a": 1}, Thing(), {3}, (1, [2])])
    assert marks.difference([[2, 3], {}, Thing(), set(), (1, [])], 0) is None
    for number, other in enumerate([(1,), [], 5, frozenset({3}), [1, [2]]]):
        same: list[Any] = [[1], {"a": 1}, Thing(), {3}, (1, [2])]
        same[number] = other
        assert marks.difference(same, 0) == number
