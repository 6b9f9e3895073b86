"""A worker that finds changed what it had been sent: its task is not committed, and the loop goes on serially."""

import pytest
from oracle import compare, in_two_parts, plainly

from paracell.run.runtime import Callbacks

# What changes is hidden from the plan: not even the function that looks the method up has a name.
PRELUDE = """
from collections import deque
def f(x):
    return x * x
def hide(x):
    if x >= first:
        ways["get"](held, "app" + "end")(x)
    return len(held)
xs = list(range(40))
out, held, first, ways = [], deque(), 0, {"get": getattr}
"""


class Fell(Callbacks):
    def __init__(self):
        self.told = []

    def fell_back(self, region, names, iteration, late, copied):
        self.told.append((names, iteration, late))


@pytest.mark.parametrize("first", [0, 17, 39])
@pytest.mark.parametrize(
    "cell",
    [
        "for x in xs:\n    out.append((f(x), hide(x)))",
        "for x in xs:\n    y = hide(x)\n    out.append(f(x) + y)\nelse:\n    z = 1",
        "for x in xs:\n    y = hide(x)\n    if x == 25:\n        break\n    out.append(f(x) + y)\nelse:\n    z = 1",
        "for x in xs:\n    y = hide(x)\n    if y == 20:\n        continue\n    out.append(f(1 // (x - 30)))",
        "for x in iter(xs):\n    v = f(x)\n    if x < 10:\n        w = v\n    hide(x)",
        "r = [hide(x) for x in xs]",
        "r = {x: hide(x) for x in xs if x % 2}",
        "r = sum(hide(x) * y for x in xs for y in (1, 2))",
        "r = list(map(hide, xs))",
        "r = list(filter(lambda x: hide(x) % 2, xs))",
        "r = any(hide(x) == 20 for x in xs)",
        "r = [hide(1 // (x - 30)) for x in xs]",
    ],
)
def test_the_rest_runs_as_it_stands(cell, first, opener_on):
    compare(PRELUDE + f"first = {first}\n", cell, opener_on("processes 2"))


def test_says_from_where_on(opener_on):
    calls = Fell()
    cell = "for x in xs:\n    out.append((f(x), hide(x)))"
    _, got = in_two_parts(PRELUDE + "first = 17\n", cell, opener_on("processes 2"), calls)
    assert got["values"] == plainly(PRELUDE + "first = 17\n", cell)["values"]
    ((names, iteration, late),) = calls.told
    assert names == ("held",) and iteration <= 17 and not late
