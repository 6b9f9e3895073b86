"""Iterations that are committed many at a time leave what they leave one by one, and are one by one where it shows."""

import pickle
import sys

import pytest
from oracle import compare, in_two_parts, plainly

from paracell.run import bulk as bulk_module
from paracell.run.columns import Columns, Slots
from paracell.run.job import TaskResult
from paracell.run.runtime import Callbacks
from paracell.run.walk import Walk

PRELUDE = """
import math, sys
from collections import Counter, OrderedDict, deque
def f(x):
    return x * x + 1
def g(x):
    return x * 0.1
def odd(x):
    return x % 2 == 1
def big(x):
    return 10 ** 300 * 10 ** (x * 9)
def loud(x):
    if x == 11:
        print("eleven")
    return x
def bad(x):
    if x == 13:
        raise ValueError("bad", x)
    return x
def listed(x):
    return [x]
class Key:
    asked = []
    def __init__(self, value):
        self.value = value
    def __hash__(self):
        return hash(self.value)
    def __eq__(self, other):
        Key.asked.append((other, x))
        return other == self.value
class Held:
    def __init__(self, value):
        self.value = value
class Gone:
    seen = []
    def __del__(self):
        Gone.seen.append(x)
class Mine(list):
    def append(self, value):
        super().append((value, x))
class Numbers(int):
    def __add__(self, other):
        return Numbers(int(self) + other + 1)
xs = list(range(20))
ps = [Held(n) for n in range(20)]
out, d, seen, n, t, x, y, m = [], {}, set(), 0, 0.1, "before", None, 10 ** 400
"""

TOGETHER = {
    "append": "for x in xs:\n    out.append(f(x))",
    "append a name": "for x in xs:\n    y = f(x)\n    out.append(y)",
    "append an object": "for x in xs:\n    out.append(listed(x))",
    "append the item": "for x in ps:\n    y = f(x.value)\n    out.append((x, y, (y, x)))",
    "append under a test": "for x in xs:\n    y = f(x)\n    if odd(x):\n        out.append((x, y))",
    "append what no slot is in": "for x in xs:\n    y = f(x)\n    if odd(x):\n        out.append(x)",
    "append the first slot": "for x in xs:\n    y = f(x)\n    if odd(x):\n        out.append(y)",
    "append the later one": "for x in xs:\n    y, z = f(x), g(x)\n    if odd(x):\n        out.append(z)",
    "no test holds": "for x in xs:\n    y = f(x)\n    if odd(2 * x):\n        out.append(y)",
    "the loop's variable is bound again": "for x in xs:\n    x = f(x)\n    out.append(x)",
    "key": "for x in xs:\n    d[x] = f(x)",
    "keys come again": "for x in xs:\n    d[odd(x)] = g(x)",
    "key under a test": "for x in xs:\n    y = f(x)\n    if odd(x):\n        d[y] = x",
    "key of a string": "for x in 'a few letters, some of them twice':\n    d[x] = ord(x) * 2",
    "add": "for x in xs:\n    seen.add(f(x) % 7)",
    "sum": "for x in xs:\n    n += f(x)",
    "sum of large numbers": "for x in xs:\n    n += big(x)",
    "sum of floats": "for x in xs:\n    t += g(x)",
    "sum of floats from an integer": "for x in xs:\n    n += g(x)",
    "sum with infinities": "for x in xs:\n    t += math.inf if odd(x) else f(x) * -math.inf",
    "sum under a test": "for x in xs:\n    y = f(x)\n    if odd(x):\n        n += y",
    "sum of items": "for x in xs:\n    y = f(x)\n    if odd(x):\n        n += x",
    "else": "for x in xs:\n    out.append(f(x))\nelse:\n    y = x",
    "a generator's": "for x in (2 * one for one in xs):\n    out.append(f(x))",
    "an alias": "also = out\nfor x in xs:\n    out.append(f(x))\nsame = also is out",
}
APART = {
    "prints": "for x in xs:\n    out.append(loud(x))",
    "raises": "for x in xs:\n    out.append(bad(x))",
    "the iterator raises": "def it():\n    yield from xs\n    1 / 0\nfor x in it():\n    out.append(f(x))",
    "not the built-in list": "out = Mine()\nfor x in xs:\n    out.append(f(x))",
    "a deque": "out = deque(maxlen=3)\nfor x in xs:\n    out.append(f(x))",
    "another dict": "d = OrderedDict()\nfor x in xs:\n    d[x] = f(x)",
    "a counter": "d = Counter()\nfor x in xs:\n    d[x % 3] = f(x)",
    "keys that are asked": "d = {Key(n): n for n in range(0, 20, 3)}\nfor x in xs:\n    d[x] = f(x)",
    "values that go": "d = {n: Gone() for n in range(0, 20, 3)}\nfor x in xs:\n    d[x] = f(x)",
    "elements that are asked": "seen = {Key(n) for n in range(0, 20, 3)}\nfor x in xs:\n    seen.add(f(x) - 1)",
    "keys that cannot be": "for x in xs:\n    d[listed(x)[0] if x < 9 else [x]] = f(x)",
    "a number of one's own": "n = Numbers(3)\nfor x in xs:\n    n += f(x)",
    "a list is extended": "n = []\nfor x in xs:\n    n += listed(x)",
    "texts": "n = ''\nfor x in xs:\n    n += str(f(x))",
    "integers and floats": "for x in xs:\n    n += g(x) if odd(x) else f(x)",
    "too large for a float": "for x in xs:\n    m += g(x)",
    "floats and what is too large": "for x in xs:\n    t += g(x) if x < 12 else big(20)",
    "no such name": "del out\nfor x in xs:\n    out.append(f(x))",
    "not a number": "n = None\nfor x in xs:\n    n += f(x)",
}


@pytest.fixture
def committed(monkeypatch):
    """How many iterations each call has committed at a time."""
    counts = []
    most = bulk_module.Committer.most

    def noted(self, walk):
        most(self, walk)
        counts.append(walk.handed)

    monkeypatch.setattr(bulk_module.Committer, "most", noted)
    return counts


@pytest.mark.parametrize("backend", ["serial 50", "serial 7", "threads 2", "processes 2", "processes 2 after 1"])
@pytest.mark.parametrize("cell", TOGETHER.values(), ids=TOGETHER)
def test_at_a_time(cell, backend, opener_on, committed):
    compare(PRELUDE, cell, opener_on(backend))
    if backend == "serial 50":
        assert max(committed) >= 18  # the first iteration is a task of its own


@pytest.mark.parametrize("backend", ["serial 50", "serial 7", "threads 2", "processes 2"])
@pytest.mark.parametrize("cell", APART.values(), ids=APART)
def test_one_by_one(cell, backend, opener_on, committed):
    compare(PRELUDE, cell, opener_on(backend))
    if backend == "serial 50" and "it()" not in cell:
        assert not any(committed)


def test_who_follows_each_line_sees_each(opener_on, committed):
    lines = []

    def follow(frame, event, arg):
        if frame.f_code.co_filename == "<cell>":
            lines.append(frame.f_lineno)
        return follow

    sys.settrace(follow)
    try:
        in_two_parts(PRELUDE, TOGETHER["append"], opener_on("serial 50"), Callbacks())
    finally:
        sys.settrace(None)
    assert not any(committed) and lines.count(2) >= 20


@pytest.mark.parametrize("cell", ["append", "append a name", "append the item", "append under a test", "sum", "key"])
def test_an_interrupt_behind_them(cell, opener_on, monkeypatch):
    """The iterations that were committed are those that the names tell of."""
    pairs = Walk.pairs

    def interrupted(self):
        if self.handed:
            raise KeyboardInterrupt
        return pairs(self)

    monkeypatch.setattr(Walk, "pairs", interrupted)
    ended = []

    class Told(Callbacks):
        def ended(self, region, iterations, seconds, error):
            ended.append(iterations)

    _, got = in_two_parts(PRELUDE, TOGETHER[cell], opener_on("serial 50"), Told())
    assert got["error"][1] == "KeyboardInterrupt" and ended == [19]
    short = TOGETHER[cell].replace("xs", "xs[:19]").replace("ps:", "ps[:19]:")
    assert got["values"] == plainly(PRELUDE, short)["values"]


def test_values_of_a_task_that_has_come_in_parts():
    slots = Slots([(1, "a"), (2, "b")])
    columns = pickle.loads(pickle.dumps(Columns(slots.columns()), 5))
    assert [*columns] == slots and len(columns) == 2 and columns[1] == (2, "b")
    assert columns + slots == slots + columns == [*slots, *slots] == columns + columns
    first, rest = TaskResult(Columns([[1], [2]])), TaskResult([(3, 4)])
    assert first.followed_by(rest).values == [(1, 2), (3, 4)]
