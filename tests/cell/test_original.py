"""Items as they were before a failed try."""

from __future__ import annotations

import collections

import numpy as np
import pytest

from paracell.run.original import Original, Unknown


class Thing:
    def __init__(self):
        self.tags, self.n = ["a"], 0


def test_everything_is_put_back_into_the_same_objects():
    inner, thing, array = {"k": [1]}, Thing(), np.arange(3)
    item = [inner, (inner, thing), {3, 4}, bytearray(b"ab"), array]
    original = Original(item)
    for _ in range(2):  # a second retry finds the same first state
        inner["k"].append(2)
        inner["new"] = thing
        thing.tags.clear()
        thing.n = 9
        thing.other = 1
        item[2].add(5)
        item[3].append(0)
        array[:] = 7
        item.append("more")
        original.restore()
        assert len(item) == 5 and item[0] is inner is item[1][0] and item[4] is array
        assert inner == {"k": [1]} and vars(thing) == {"tags": ["a"], "n": 0}
        assert item[2] == {3, 4} and item[3] == b"ab" and array.tolist() == [0, 1, 2]


@pytest.mark.parametrize("item", [5, "text", (1, "a"), frozenset({1}), None])
def test_what_does_not_change_needs_nothing(item):
    Original(item).restore()


def test_what_cannot_be_put_back_is_said():
    item = collections.deque([1])
    original = Original(item)
    original.restore()
    item.append(2)
    with pytest.raises(Unknown, match="a deque, and that cannot be undone"):
        original.restore()


def test_what_cannot_be_copied_is_said():
    with pytest.raises(Unknown, match="a generator, cannot be copied"):
        Original(x for x in ()).restore()
