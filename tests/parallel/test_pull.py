"""Items are pulled as a ``for`` statement pulls them, whichever way is the faster one."""

import numpy as np
import pandas as pd
import pytest

from paracell.run.pull import Puller
from paracell.run.weight import weight


class Plain:
    """An iterator that has no ``__iter__``."""

    def __init__(self, iterator):
        self.iterator = iterator

    def __next__(self):
        return next(self.iterator)


def failing(count):
    yield from range(count)
    raise ValueError("no more")


def taken(iterator, count):
    """Each task's items and whether they are the last ones, and what the iterator raised."""
    puller, tasks = Puller(iterator, False), []
    while True:
        items, final = puller.take(count)
        if not items:
            return tasks, type(puller.error), puller.done
        tasks.append((items, final))
        puller.committed(items)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("total", [0, 1, 6, 7, 8])
def test_a_fast_iterator_gives_what_a_slow_one_gives(total, count):
    expected = taken(Plain(iter(range(total))), count)
    assert [item for items, _ in expected[0] for item in items] == list(range(total))
    assert [final for _, final in expected[0]] == [False] * (len(expected[0]) - 1) + [True] * bool(total)
    for iterator in (iter(range(total)), iter(list(range(total))), (x for x in range(total)), map(int, range(total))):
        assert taken(iterator, count) == expected


@pytest.mark.parametrize("count", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("total", [0, 1, 6, 7, 8])
def test_what_came_before_an_exception_is_kept(total, count):
    expected = taken(Plain(failing(total)), count)
    assert expected[1:] == (ValueError, True)
    assert [item for items, _ in expected[0] for item in items] == list(range(total))
    assert not any(final for _, final in expected[0])
    assert taken(failing(total), count) == expected
    assert taken(map(int, failing(total)), count) == expected


def test_no_more_is_pulled_than_tells_whether_there_is_more():
    pulled = []
    puller = Puller((pulled.append(x) or x for x in range(10)), False)
    assert puller.take(3) == ([0, 1, 2], False) and pulled == [0, 1, 2, 3]
    assert puller.take(1) == ([3], False) and pulled == [0, 1, 2, 3, 4]


def test_fewer_are_taken_than_were_read_ahead():
    puller = Puller(iter(range(10)), True)
    puller._ahead = [100, 101, 102]
    assert puller.take(1) == ([100], False)
    assert puller.take(2) == ([101, 102], False)
    assert puller.take(2) == ([0, 1], False)


def test_items_that_hold_much_are_read_ahead_no_further_than_their_bytes_allow(kernel):
    """What is read is seen by where the file stands when an iteration is committed."""
    setup = """
import os, tempfile
from functools import partial
N = 16_000_000
fd = os.open(tempfile.mktemp(), os.O_RDWR | os.O_CREAT)
os.truncate(fd, 60 * N)
def ahead():
    return os.lseek(fd, 0, os.SEEK_CUR) // N - len(stood)
"""
    loop = """
os.lseek(fd, 0, os.SEEK_SET)
stood, total = [], 0
for block in iter(partial(os.read, fd, N), b""):
    total += block.count(b"x") + len(block)
    stood.append(ahead())
len(stood), total == 60 * N, max(stood) <= 20
"""
    assert kernel.run(setup).reply["status"] == "ok"
    for backend in ("threads 2", "processes 2"):
        assert kernel.run(f"%%parallel {backend}{loop}").result == "(60, True, True)"
        assert kernel.run("paracell.last_run().regions[0].ran").result == repr(backend.split()[0])
    assert kernel.run("os.close(fd)").reply["status"] == "ok"


WEIGHTS = [
    ([1, 2.0, None], 0),
    (["ab", "abcd"], 8),
    ([bytes(100)] * 3, 300),
    ([np.zeros(100)] * 2, 1600),
    ([(1, np.zeros(100))], 2 * 864),
    ([[1.0] * 1000], 64_000),
    ([pd.DataFrame({"a": range(100), "b": "x"})], 1600),
    ([object()], 64),
]


@pytest.mark.parametrize(("items", "least"), WEIGHTS)
def test_what_items_weigh_is_told_without_looking_far(items, least):
    assert least == 0 if not weight(items) else weight(items) >= least
