"""Loops that are planned when it is known that they are worth it: what is put off, and what is not."""

import ast
import random
import sys
import weakref
from contextlib import nullcontext
from types import FunctionType

import pytest
from oracle import prepare, readable
from tabled import PRELUDE

from paracell.backends.serial import Serial
from paracell.cell import plan_later
from paracell.cell.place import Place, empty
from paracell.run.draws import find, mentioned
from paracell.run.runtime import Callbacks, Runtime
from paracell.run.trial import Choice

CELL = "xs = range(9)\nout = []\nfor x in xs:\n    out.append(divmod(x, 2))\nelse:\n    out.append('end')\n"


INSIDE = sys.version_info < (3, 11)
"""Whether loops that are a part of another statement are planned at once."""


def late(text, namespace):
    return plan_later(ast.parse(text), text, namespace)


def settled(text):
    return [region.later is None for region in late(text, prepare(PRELUDE)).regions]


@pytest.mark.parametrize(
    ("text", "planned"),
    [
        ("for x in xs:\n    out.append(f(x))", [False]),
        ("y = [f(x) for x in xs]\nz = {f(x): 1 for x in xs} or {f(x) for x in xs}", [False] * 3),
        ("y = sum(f(x) for x in xs) + sum(map(f, xs))", [False] * 2),
        ("if xs:\n    y = [f(x) for x in xs]", [False]),
        ("for x in [f(x) for x in xs]:\n    out.append(f(x))", [False] * 2),
        ("for x in xs:\n    out.append(f(x))\nelse:\n    y = [f(x) for x in xs]", [False] * 2),
        ("if xs:\n    for x in xs:\n        out.append(f(x))", [INSIDE]),
        ("with open(p) as fh:\n    for x in fh:\n        out.append(f(x))", [INSIDE]),
        (
            "try:\n    for x in xs:\n        out.append(f(x))\nexcept E:\n    y = [f(x) for x in xs]",
            [INSIDE] * 2,
        ),
        ("for y in map(f, xs):\n    out.append(f(y))", [False] * 2),
        ("for y in (f(x) for x in xs):\n    out.append(f(y))", [False] * 2),
        # What these would give next cannot be told from where they stand: which of the two is to run elsewhere must be
        # known before they begin.
        ("for y in enumerate(map(f, xs)):\n    out.append(f(y))", [True]),
        ("for y in map(f, xs, xs):\n    out.append(f(y))", [True]),
        ("for y in filter(f, xs):\n    out.append(f(y))", [True]),
        ("for y in (f(x) for x in xs if x):\n    out.append(f(y))", [True]),
        ("for y in (f(x) for x in xs for _ in xs):\n    out.append(f(y))", [True]),
        ("for y in map(f, xs):\n    out.append(f(y))\nelse:\n    out.append(0)", [True]),
        ("if xs:\n    for y in map(f, xs):\n        out.append(f(y))", [True]),
        # What is kept must be what it is in the cell.
        ("y = (f(x) for x in xs)", [True]),
        ("map = len\ny = list(map(f, xs))", [True]),
    ],
)
def test_what_is_put_off(text, planned):
    assert settled(text) == planned


class Second:
    """All iterations but the first run elsewhere."""

    def look(self, items, seconds, item):
        return Choice("", 1, "told so")


def run(made, namespace):
    with Runtime(made, namespace, lambda region, job: Serial(3, 3).open(job), Callbacks(), lambda *_: Second()):
        exec(compile(made.tree, "<cell>", "exec", dont_inherit=True), namespace)


def test_a_cell_that_is_compiled_as_a_whole_means_the_same():
    namespace = {"__name__": "__main__"}
    made = late(CELL, namespace)
    run(made, namespace)
    assert namespace["out"] == [*(divmod(x, 2) for x in range(9)), "end"]
    assert made.regions[0].parallel


class Here:
    """All iterations run here."""

    def look(self, items, seconds, item):
        return 0.0


@pytest.mark.parametrize("draws", ["", "random.random()"])
@pytest.mark.parametrize("last", ["pass", "break"])
def test_a_loop_that_has_come_to_its_end_keeps_nothing(draws, last):
    cell = f"for x in [Thing(), Thing()]:\n    seen = ref(x)\n    {draws}\n    if seen() is None:\n        {last}\n"
    cell += "x = None\ngone = seen() is None"
    namespace = {"__name__": "__main__", "Thing": type("Thing", (), {}), "ref": weakref.ref, "random": random}
    made = late(cell, namespace)
    with Runtime(made, namespace, lambda region, job: None, Callbacks(), lambda *_: Here()):
        for statement in made.tree.body:
            exec(compile(ast.Module([statement], []), "<cell>", "exec"), namespace)
    assert namespace["gone"] and made.regions[0].parallel == bool(draws)


def test_what_stands_behind_a_loop_is_made_when_it_is_looked_at_or_filled():
    loop, place = late("for x in xs:\n    y = f(x)", {}).tree.body
    assert isinstance(loop, ast.For) and type(place) is Place and "body" not in vars(place)
    code = empty([place], "<cell>")
    assert code is not None and (code.co_filename, code.co_names) == ("<cell>", ())
    assert "body" not in vars(place) and empty([loop], "<cell>") is None and empty([loop, place], "<cell>") is None
    assert "completed" in ast.unparse(place) and empty([place], "<cell>") is not None
    assert not hasattr(place, "nothing")
    place.fill([ast.Pass(lineno=1, col_offset=0)])
    assert empty([place], "<cell>") is None and "completed" not in ast.unparse(place)
    compile(ast.Module([place], []), "<cell>", "exec")


class Told(Callbacks):
    def __init__(self):
        self.ran, self.here = [], []

    def started(self, region, job, run):
        self.ran.append(region.kind)

    def tried(self, region, trial):
        self.here.append((region.kind, trial.items))


@pytest.mark.parametrize("over", ["map(half, xs)", "(half(x) for x in xs)"])
@pytest.mark.parametrize("xs", ["range(20)", "list(range(20))", "iter(range(20))", "(x for x in range(20))", "[3]"])
@pytest.mark.parametrize(
    ("body", "elsewhere"),
    [
        ("out.append(divmod(y, 2))", "for"),
        ("n = divmod(n + y, 7)[1]", "over"),  # which ties the iterations together
        ("half = abs\n    n = divmod(n + y, 7)[1]", ""),
        ("n = divmod(n + y, 7)[1]\n    if n == 5:\n        break", "over"),
    ],
)
def test_a_loop_or_what_it_goes_over_runs_elsewhere(over, xs, body, elsewhere):
    cell = f"n, out = 0, []\nfor y in {over.replace('xs', xs)}:\n    {body}"
    readable(cell)
    seen = []
    for planned in (False, True):
        namespace, told = prepare("def half(x):\n    return x // 2"), Told()
        if planned:
            made = late(cell, namespace)
            assert [region.later is None for region in made.regions] == [False, False]
            with Runtime(made, namespace, lambda region, job: Serial(3, 3).open(job), told, lambda *_: Second()):
                exec(compile(made.tree, "<cell>", "exec", dont_inherit=True), namespace)
        else:
            exec(compile(cell, "<cell>", "exec", dont_inherit=True), namespace)
        seen.append([namespace[name] for name in ("n", "out", "y")])
    assert seen[0] == seen[1]
    inner = "map" if over.startswith("map") else "genexp"
    expected = {"for": ["for"], "over": [inner], "": []}[elsewhere] if xs != "[3]" else []
    assert told.ran == expected
    assert made.regions[1].left_out == (elsewhere != "over" and xs != "[3]")
    if expected == [inner]:
        assert told.here[0] == (inner, 3)  # two before it was known, and one that was timed


def places(error):
    """The cell's frames in the traceback of `error`, and their lines."""
    trace, found = error.__traceback__, []
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == "<cell>":
            found.append((code.co_name, trace.tb_lineno))
        trace = trace.tb_next
    return found


INNER = "for x in range(5):\n    y = half(x)\n    out.append(y)\nelse:\n    out.append('else')"
AROUND = ["if out == []:", "with nullcontext() as n:", "try:", "if out:\n    pass\nelse:", "match 1:\n  case 1:"]


def half(x, at=9):
    return x // (x - at)


@pytest.mark.parametrize("bad", [9, 3, 0])
@pytest.mark.parametrize("around", AROUND)
def test_a_loop_inside_a_statement_leaves_what_the_serial_one_leaves(around, bad):
    cell = f"{around}\n" + "\n".join("      " + line for line in INNER.split("\n"))
    cell += "\nfinally:\n    out.append('finally')" if around == "try:" else ""
    inside = "\n".join("  " + line for line in cell.split("\n"))
    cell = f"try:\n{inside}\nexcept ZeroDivisionError as e:\n  seen = places(e)"
    left = []
    for planned in (False, True):
        namespace = {"__name__": "__main__", "out": [], "places": places, "nullcontext": nullcontext}
        namespace["half"] = lambda x: half(x, bad)
        if planned:
            made = late(cell, namespace)
            run(made, namespace)
            assert made.regions[0].parallel or bad == 0
        else:
            exec(compile(cell, "<cell>", "exec", dont_inherit=True), namespace)
        left.append({name: namespace.get(name) for name in ("out", "x", "y", "seen")})
    assert left[0] == left[1]


def test_planning_that_fails_makes_the_loop_serial(monkeypatch):
    made = late(CELL, {})
    (region,) = made.regions

    def fails(namespace):
        raise LookupError("no such thing")

    region.later = fails
    region.settle({})
    assert not region.parallel and "Planning it failed (LookupError: no such thing)" in region.refusal.message()


@pytest.mark.parametrize(
    ("setup", "text", "drawn"),
    [
        ("", "y = x + 1", False),
        ("import random", "y = random.random()", True),
        ("from random import random as r", "y = r()", True),
        ("", "import random\ny = random.random()", True),
        ("import numpy as np", "y = np.random.rand()", True),
        ("import numpy as np", "y = np.sqrt(x)", False),
        ("import numpy as np\nrows = [{'a': np.random.default_rng(1)}]", "y = rows[0]['a'].random()", True),
        ("import random\ndef f():\n    return random.random()", "y = f()", True),
        ("import random\nheld = [[1, 2], [3, random.Random(1)]]", "y = held[x]", True),
        ("import random\nclass P:\n    def go(self):\n        return random.random()\np = P()", "y = p.go()", True),
        ("import functools, random\nf = functools.partial(random.gauss, 0)", "y = f(1)", True),
        ("import random\ndef f(x, r=random.Random(2)):\n    return r.random()", "y = [f(x) for x in (1, 2)]", True),
        ("rows = [{'a': 1}] * 5000", "y = rows[x]", False),
        ("import random\nrows = [(1,)] * 900 + [(random.Random(1),)]", "y = rows[x]", True),
        ("import random\nrows = [1, 'a', (1,)] * 300 + [{'a': random.Random(1)}]", "y = rows[x]", True),
        ("import random\ny = [random.Random(1)]", "y = x + 1", False),
        ("import random\ny = [random.Random(1)]", "z = [*y, x]", True),
        ("import random\ny = [random.Random(1)]", "n = [y[0].random() for _ in (1, 2)]", True),
    ],
)
def test_sources_are_seen_from_the_names_in_the_code(setup, text, drawn):
    namespace = {"__name__": "__main__", "x": 1}
    exec(setup, namespace)
    code = compile(text, "<cell>", "exec")
    seen = mentioned(code, namespace)
    assert (seen is None or bool(seen)) == drawn
    body = "\n    ".join(text.splitlines())
    exec(f"def compute():\n    {body}", namespace)
    compute = namespace.pop("compute")
    assert isinstance(compute, FunctionType) and bool(find(compute)) == drawn
