"""Whether two values are the same, for ``--check``."""

from __future__ import annotations

import copy
import datetime
import decimal
import threading

import numpy as np
import pandas as pd
import pytest

from paracell.run.same import same


class Plain:
    def __init__(self, **values):
        self.__dict__.update(values)


class Slots:
    __slots__ = ("a",)

    def __init__(self, a):
        self.a = a


class Cached:
    """Equal whatever it has cached."""

    def __init__(self, key, cache):
        self.key, self.cache = key, cache

    def __eq__(self, other):
        return self.key == other.key

    __hash__ = None


loop = [1, 2]
loop.append(loop)
NAN = float("nan")
frame = pd.DataFrame({"a": [1.0, NAN], "b": ["x", None]})


@pytest.mark.parametrize(
    "value",
    [
        1,
        NAN,
        complex(NAN, 1),
        "text",
        [1, [2.0, NAN]],
        {"a": {1, 2}, "b": (None, ...)},
        loop,
        Plain(x=NAN, y=[Plain(z=1)]),
        Slots([1]),
        np.array([1.0, NAN]),
        np.array([Plain(x=1), None], dtype=object),
        np.arange(6).reshape(2, 3).T,
        np.datetime64("2024-01-01"),
        frame,
        frame["a"],
        pd.Index(["a", "b"]),
        decimal.Decimal("1.10"),
        datetime.datetime(2024, 1, 1),
        ValueError("no", 1),
        len,
        Plain,
        np.random.default_rng(3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_copy_is_the_same(value):
    assert same(value, copy.deepcopy(value))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        (0.0, -0.0),
        ([1], (1,)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({1}, {2}),
        (Plain(x=1), Plain(x=2)),
        (Slots(1), Slots(2)),
        (np.array([1, 2]), np.array([1.0, 2.0])),
        (np.array([0.0, NAN]), np.array([-0.0, NAN])),
        (np.array([1, 2]), np.array([[1, 2]])),
        (frame, frame.rename(columns={"a": "c"})),
        (frame, frame.astype({"a": "float32"})),
        (frame["a"], frame["a"].rename("c")),
        (decimal.Decimal("1.1"), decimal.Decimal("1.10")),
        (ValueError("a"), ValueError("b")),
        (len, sum),
    ],
    ids=str,
)
def test_a_difference_is_seen(one, other):
    assert same(one, other) is False or (one == other and isinstance(one, decimal.Decimal))


def test_what_an_own_eq_says_is_no_difference_is_none():
    assert same(Cached(1, {}), Cached(1, {"seen": 1})) and not same(Cached(1, {}), Cached(2, {}))


def test_what_cannot_be_compared_is_said_so():
    with pytest.raises(TypeError, match="cannot be compared"):
        same([threading.Lock()], [threading.Lock()])
