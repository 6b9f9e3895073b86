"""What `auto` chooses where the choice does not hang on how fast this machine is."""

import pytest
from test_cells_in_a_kernel import notes, ok

REGION = "import paracell; r = paracell.last_run().regions[-1]; (r.ran, r.items, r.reason)"


@pytest.fixture(autouse=True)
def warm(kernel):
    """Workers are there: how long they take to start is not what is tested."""
    ok(kernel.run("import paracell"))
    ok(kernel.run("%%parallel processes 2\nwarm = [pow(x, 2) for x in range(8)]"))
    ok(kernel.run("def spin(n):\n    total = 0\n    for i in range(n):\n        total += i % 7\n    return total"))


def ran(kernel):
    *where, reason = eval(ok(kernel.run(REGION)).result)
    print(*where, reason)  # to be read where a test fails
    return tuple(where)


def test_a_few_short_iterations_stay_here(kernel):
    ok(kernel.run("def f(x):\n    return x + 1"))
    ran_cell = ok(
        kernel.run("%%parallel\nout = [f(x) for x in range(10)]\nd = {}\nfor x in range(5):\n    d[x] = f(x)")
    )
    assert not notes(ran_cell)
    assert ran(kernel) == ("serial", 5)
    assert ok(kernel.run("out == list(range(1, 11)) and d == {x: x + 1 for x in range(5)}")).result == "True"


def test_waiting_goes_to_threads(kernel):
    ok(kernel.run("import time\ndef wait(x):\n    time.sleep(0.01)\n    return x"))
    ok(kernel.run("%%parallel\nout = []\nfor x in range(64):\n    out.append(wait(x))"))
    assert ran(kernel) == ("threads", 64)
    ok(kernel.run("%%parallel\nout2 = {wait(x): -x for x in range(64)}"))
    assert ran(kernel) == ("threads", 64)
    assert ok(kernel.run("out == list(range(64)) and list(out2) == out")).result == "True"


def test_python_code_that_takes_long_goes_to_processes(kernel):
    ok(kernel.run("%%parallel auto 2\nout = [spin(400_000 + x) for x in range(200)]"))
    assert ran(kernel) == ("processes", 200)
    reason = ok(kernel.run("r.reason")).result
    assert "an item" in reason and "GIL" in reason


@pytest.mark.parametrize("loop", ["out = [make(x) for x in xs]", "out = []\nfor x in xs:\n    out.append(make(x))"])
def test_what_is_slower_elsewhere_goes_on_here(kernel, loop):
    """Nobody could know how long it takes to bring its results back."""
    ok(
        kernel.run(
            "class Dear:\n    def __init__(self, x):\n        self.x = x + spin(20_000) * 0\n"
            "    def __setstate__(self, state):\n        self.__dict__.update(state, back=spin(200_000))\n"
            "def make(x):\n    return Dear(x)\nxs = range(800)"
        )
    )
    ok(kernel.run(f"%%parallel auto 2\n{loop}"))
    assert ran(kernel) == ("processes", 800)
    assert "here from iteration " in ok(kernel.run("r.reason")).result
    assert ok(kernel.run("[one.x for one in out] == [*xs]")).result == "True"
    assert int(ok(kernel.run("sum('back' in vars(one) for one in out)")).result) < 700


def test_it_says_in_one_line_what_it_chose_and_why(kernel):
    cell = "%%parallel auto {}\nout = [spin(400_000 + x) for x in range(200)]"
    last = ok(kernel.run(cell.format(2))).of("update_display_data")[-1]["data"]["text/plain"]
    assert "\n" not in last and "200 items on 2 processes in" in last and "an item, Python code holds the GIL)" in last
    (here,) = notes(ok(kernel.run(cell.format(1))))
    assert here.startswith("Line 2 ran here: ") and "an item" in here and "\n" not in here
    ok(kernel.run("%parallel on\n"))
    try:
        assert notes(ok(kernel.run("out = [spin(400_000 + x) for x in range(30)]"))) == []
    finally:
        ok(kernel.run("%parallel off"))


def test_a_map_over_several_iterables_is_weighed_like_any_other(kernel):
    ok(kernel.run("def added(x, y):\n    return spin(400_000 + x) + y"))
    ok(kernel.run("%%parallel auto 2\nout = list(map(added, range(200), range(100, 400)))"))
    assert ran(kernel) == ("processes", 200)
    assert ok(kernel.run("out == [added(x, y) for x, y in zip(range(200), range(100, 400))]")).result == "True"


def test_large_arrays_for_little_work_are_not_shipped(kernel):
    ok(kernel.run("import numpy as np\nxs = [np.full(500_000, float(i)) for i in range(20)]"))
    ok(kernel.run("%%parallel\nout = [a + 1.0 for a in xs]"))
    assert ran(kernel)[0] != "processes"


def test_what_does_not_travel_makes_the_rest_run_here(kernel):
    """Items that do not pickle, values that do not, and a global that does not: no error, and the same result."""
    ok(kernel.run("import threading\ndef key(x):\n    spin(300_000)\n    return threading.Lock() if x == 150 else x"))
    cell = ok(kernel.run("%%parallel auto 2\nout = []\nfor x in range(200):\n    out.append(key(x))\n    print(x)"))
    assert ran(kernel) == ("processes", 200) and "lock" in notes(cell)[0].lower()
    assert cell.text() == "".join(f"{x}\n" for x in range(200))
    assert (
        ok(kernel.run("[type(v).__name__ for v in out[149:152]], len(out)")).result == "(['int', 'lock', 'int'], 200)"
    )
    ok(kernel.run("mixed = [threading.Lock() if x % 40 == 39 else x for x in range(60)]"))
    ok(kernel.run("%%parallel auto 2\nout = [spin(300_000) and isinstance(x, int) for x in mixed]"))
    assert ok(kernel.run("out == [isinstance(x, int) for x in mixed]")).result == "True"
    ok(kernel.run("lock = threading.Lock()\ndef held(x):\n    spin(300_000)\n    return lock.locked(), x"))
    ok(kernel.run("%%parallel auto 2\nout = [held(x) for x in range(150)]"))
    assert ran(kernel) == ("processes", 150)
    assert ok(kernel.run("paracell.last_run().regions[0].start")).result == "'fork'"
    assert ok(kernel.run("out == [(False, x) for x in range(150)]")).result == "True"


@pytest.mark.parametrize("loop", ["out = [spin(300_000 + x) for x in table.xs]", "out = list(map(long, table.xs))"])
def test_what_only_the_notebook_goes_over_need_not_be_imported_by_workers(kernel, loop):
    """As in ``[f(x) for x in frame.column]``: workers have no use for pandas."""
    ok(
        kernel.run(
            "import sys, types\nfor name in ['vast', *(f'vast.part{i}' for i in range(8000))]:\n"
            "    sys.modules[name] = types.ModuleType(name)\n"
            "class Table:\n    xs = [*range(200)]\nTable.__module__ = 'vast'\ntable = Table()\n"
            "def long(x):\n    return spin(300_000 + x)"
        )
    )
    ok(kernel.run(f"%%parallel auto 2\n{loop}"))
    assert ran(kernel) == ("processes", 200)
    ok(
        kernel.run(
            "out = None\nfor name in [*sys.modules]:\n    if name.startswith('vast'):\n        del sys.modules[name]"
        )
    )


def test_random_numbers_do_not_depend_on_the_choice(kernel):
    ok(kernel.run("import random\ndef draw(x):\n    spin(200_000)\n    return random.random()"))
    for how in ("auto 2", "processes 2", "serial"):
        ok(kernel.run(f"random.seed(3)\nhow = {how!r}"))
        ok(kernel.run(f"%%parallel {how}\ndrawn = [draw(x) for x in range(40)]"))
        assert ran(kernel)[1] == 40
        ok(kernel.run("seen = globals().setdefault('seen', [])\nseen.append(drawn)"))
    assert ok(kernel.run("seen[0] == seen[1] == seen[2]")).result == "True"
    ok(kernel.run("random.seed(3)\nfew = []"))
    ok(kernel.run("%%parallel\nfor x in range(5):\n    few.append(random.random())"))
    assert ran(kernel) == ("serial", 5)


def test_later_iterations_that_take_long_are_noticed(kernel):
    ok(kernel.run("%%parallel auto 2\nout = [spin(10 if x < 500 else 400_000) for x in range(560)]"))
    assert ran(kernel) == ("processes", 560)


def test_later_items_of_a_generator_too(kernel):
    ok(
        kernel.run(
            "%%parallel auto 2\nn = 0\nfor x in (i for i in range(9500)):\n    n += spin(1 if x < 9000 else 100_000)"
        )
    )
    assert ran(kernel)[0] == "processes"
