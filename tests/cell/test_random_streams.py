"""Each iteration draws from its own streams: the same numbers whoever runs it, other ones for other iterations."""

from __future__ import annotations

import importlib.util
import random
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from oracle import prepare

from paracell.backends.processes import Processes
from paracell.backends.serial import Serial
from paracell.backends.threads import Threads
from paracell.cell import plan
from paracell.run import streams as streams_module
from paracell.run.runtime import Callbacks, Runtime

SETUP = """
import random, functools
import numpy as np
from random import uniform
random.seed(1); np.random.seed(1)
rng, legacy, mt = np.random.default_rng(1), np.random.RandomState(3), random.Random(4)
def helper(i):
    return i + rng.normal()
class Model:
    def __init__(self, source):
        self.source = source
    def step(self):
        return self.source.random()
class Slotted:
    __slots__ = ("source",)
    def __init__(self, source):
        self.source = source
    def step(self):
        return self.source.random()
def closing(source):
    return lambda: source.random()
model, slotted, closed = Model(rng), Slotted(mt), closing(rng)
held = {"a": [rng]}
method, part = rng.normal, functools.partial(rng.normal, 1.0)
philox = np.random.Generator(np.random.Philox(5))
sfc = np.random.Generator(np.random.SFC64(5))
twister = np.random.Generator(np.random.MT19937(5))
dxsm = np.random.Generator(np.random.PCG64DXSM(5))
pcg = np.random.RandomState(np.random.PCG64(5))
"""

DRAWS = {
    "python": "random.random()",
    "python, by name": "uniform(0, 1) + random.random()",
    "python, gauss": "random.gauss(0, 1)",
    "numpy": "np.random.rand()",
    "numpy, normal": "np.random.normal()",
    "generator": "rng.normal()",
    "generator, 32 bits": "int(rng.integers(0, 100, dtype='uint32'))",
    "RandomState": "legacy.normal()",
    "Random": "mt.gauss(0, 1)",
    "function": "helper(i)",
    "object": "model.step() + rng.random()",
    "slots": "slotted.step() + mt.random()",
    "closure": "closed()",
    "container": "held['a'][0].random()",
    "bound method": "method() + part()",
    "philox": "philox.random()",
    "sfc64": "sfc.random()",
    "mt19937": "twister.random()",
    "pcg64dxsm": "dxsm.random()",
    "RandomState on another engine": "pcg.normal()",
    "all": "random.random() + np.random.rand() + rng.random() + legacy.rand() + mt.random()",
    "an import of its own": "__import__('random').random() + local()",
}
LOCAL = """
def local():
    import random
    from numpy.random import rand
    return random.random() + rand()
"""
STATE = "\nafter = [random.random(), float(np.random.rand()), rng.random(), legacy.rand(), mt.random()]\n"


class Heard(Callbacks):
    def __init__(self) -> None:
        self.labels: list[list[str]] = []
        self.reasons: list[str] = []

    def drew(self, region: Any, labels: list[str]) -> None:
        self.labels.append(labels)

    def serial(self, region: Any, reason: str) -> None:
        self.reasons.append(reason)


@pytest.fixture(scope="module")
def processes() -> Iterator[Callable[..., Any]]:
    """Opens runs on one pool of workers for whatever namespace."""
    made = Processes({})
    yield made
    made.shutdown()


def run(cell: str, opener: Any, namespace: dict[str, Any], workers: int = 2) -> Heard:
    heard = Heard()
    if isinstance(opener, Processes):
        opener._namespace = namespace
    made = plan(cell, "<cell>", namespace)
    assert all(region.parallel for region in made.regions), [str(r.refusal) for r in made.regions]
    with Runtime(made, namespace, lambda region, job: opener.open(job, workers), heard):
        exec(compile(made.tree, "<cell>", "exec", dont_inherit=True), namespace)
    return heard


def seen(cell: str, opener: Any, setup: str = SETUP + LOCAL, workers: int = 2) -> Any:
    namespace = prepare(setup)
    run(cell, opener, namespace, workers)
    return namespace["out"], namespace["after"]


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
@pytest.mark.parametrize("form", ["comprehension", "loop", "lazy"])
def test_the_draws_do_not_depend_on_who_runs_an_iteration(draw: str, form: str, processes: Any) -> None:
    cell = {
        "comprehension": f"out = [{draw} for i in range(30)]",
        "loop": f"out = []\nfor i in range(30):\n    y = {draw}\n    out.append(y)\nout.append(y)",
        "lazy": f"out = list({draw} for i in range(30) if i % 3)",
    }[form] + STATE
    if "__import__" in draw and form == "lazy":
        cell = cell.replace("__import__('random')", "random")
    want = seen(cell, Serial())
    assert len(set(want[0])) > 15
    for size in (1, 7):
        assert seen(cell, Serial(size, ahead=2)) == want
    assert seen(cell, processes) == want
    assert seen(cell, processes, workers=1) == want
    threads = Threads()
    try:
        assert seen(cell, threads) == want
    finally:
        threads.shutdown()


def test_other_state_other_numbers() -> None:
    cell = "out = [rng.random() for i in range(9)]" + STATE
    other = SETUP.replace("default_rng(1)", "default_rng(2)")
    assert set(seen(cell, Serial())[0]).isdisjoint(seen(cell, Serial(), other)[0])


def test_without_a_seed_runs_differ() -> None:
    setup = "import numpy as np, random\nrng = np.random.default_rng()"
    cell = "out = [rng.random() for i in range(9)]\nafter = 0"
    assert seen(cell, Serial(), setup) != seen(cell, Serial(), setup)


def test_regions_in_a_row_differ() -> None:
    namespace = prepare(SETUP)
    cell = (
        "a = [random.random() + rng.random() for i in range(9)]\nb = [random.random() + rng.random() for i in range(9)]"
    )
    run(cell, Serial(), namespace)
    first = namespace["a"], namespace["b"]
    run(cell, Serial(), namespace)
    assert len({*first[0], *first[1], *namespace["a"], *namespace["b"]}) == 36


def test_seeding_again_gives_the_same_numbers_again() -> None:
    namespace = prepare(SETUP)
    cell = "random.seed(7)\nnp.random.seed(8)\nout = [random.random() + np.random.rand() for i in range(9)]"
    run(cell, Serial(), namespace)
    first = namespace["out"]
    run(cell, Serial(), namespace)
    assert namespace["out"] == first


def test_the_notebooks_sources_move_on_by_one_draw() -> None:
    namespace = prepare(SETUP)
    run("out = [rng.random() + np.random.rand() for i in range(9)]", Serial(), namespace)
    again = np.random.default_rng(1)
    again.random()
    assert namespace["rng"].random() == again.random()
    legacy = np.random.RandomState(1)
    legacy._bit_generator.random_raw()
    assert np.random.rand() == legacy.rand()


def test_what_does_not_draw_leaves_the_state_alone() -> None:
    namespace = prepare(SETUP)
    before = (
        random.getstate(),
        np.random.get_state()[1].tobytes(),
        np.random.get_state()[2],
        repr(namespace["rng"].bit_generator.state),
    )
    cell = "out = [np.sqrt(i) + np.random.default_rng(i).normal() + random.Random(i).random() for i in range(9)]"
    heard = run(cell, Serial(), namespace)
    assert not heard.labels
    serial = [np.sqrt(i) + np.random.default_rng(i).normal() + random.Random(i).random() for i in range(9)]
    assert namespace["out"] == serial
    after = (
        random.getstate(),
        np.random.get_state()[1].tobytes(),
        np.random.get_state()[2],
        repr(namespace["rng"].bit_generator.state),
    )
    assert after == before


def test_generators_among_the_items_are_those_of_the_serial_cell(processes: Any) -> None:
    setup = SETUP + "gens = rng.spawn(6)\ndef draw(g):\n    return g.random()"
    cell = (
        "out = [draw(g) for g in gens] + [draw(g) for x, g in zip('abcdef', gens)]\nafter = [g.random() for g in gens]"
    )
    namespace = prepare(setup)
    exec(cell, namespace)
    want = namespace["out"], namespace["after"]
    threads = Threads()
    try:
        for opener in (Serial(2), processes, threads):
            assert seen(cell, opener, setup) == want
    finally:
        threads.shutdown()


def test_one_generator_in_all_items_is_not_drawn_from_at_the_same_time(processes: Any) -> None:
    setup = SETUP + "from itertools import repeat\ndef draw(g):\n    return g.random()"
    cell = "out = [draw(g) for i, g in zip(range(6), repeat(rng))]\nafter = rng.random()"
    namespace = prepare(setup)
    exec(cell, namespace)
    assert seen(cell, Serial(2), setup) == (namespace["out"], namespace["after"])
    with pytest.raises(streams_module.SharedGenerator, match="iterations 0 and 1 draw from one"):
        seen(cell, processes, setup)


def test_a_local_generator_is_not_the_global_one_of_that_name() -> None:
    setup = (
        SETUP
        + """
def own(i):
    rng = np.random.default_rng(i)
    return [rng.random() for _ in range(3)], (lambda: rng.random())()
"""
    )
    namespace = prepare(setup)
    heard = run("out = [own(i) for i in range(5)]\nafter = rng.random()", Serial(), namespace)
    assert not heard.labels
    assert namespace["after"] == np.random.default_rng(1).random()


def test_the_last_value_of_a_name_is_that_iterations_draw(processes: Any) -> None:
    cell = """
out = []
for i in range(30):
    y = rng.random()
    if i % 7 == 3:
        z = helper(i)
        out.append(z)
after = z
"""
    want = seen(cell, Serial())
    assert want[1] == want[0][-1]
    assert seen(cell, processes) == want


def test_the_commit_part_draws_from_the_notebooks_own_state(processes: Any) -> None:
    cell = """
out = []
order = list(range(10))
for i in range(20):
    y = helper(i)
    rng.shuffle(order)
    out.append((y, tuple(order)))
after = rng.random()
"""
    want = seen(cell, Serial())
    assert seen(cell, Serial(3)) == want
    assert seen(cell, processes) == want
    again, order, orders = np.random.default_rng(1), list(range(10)), []
    again.bit_generator.random_raw()
    for _ in range(20):
        again.shuffle(order)
        orders.append(tuple(order))
    assert [o for _, o in want[0]] == orders


def test_a_seed_inside_the_body_means_what_it_says(processes: Any) -> None:
    cell = "out = []\nfor i in range(9):\n    np.random.seed(i)\n    out.append(np.random.rand())\nafter = 0"
    want = [float(np.random.RandomState(i).rand()) for i in range(9)]
    assert seen(cell, Serial())[0] == want
    assert seen(cell, processes)[0] == want


def test_a_seed_in_the_cell_itself_counts(processes: Any) -> None:
    cell = "g = np.random.default_rng(9)\nout = [g.random() for i in range(9)]\nafter = g.random()"
    want = seen(cell, Serial())
    assert seen(cell, processes) == want
    assert len(set(want[0])) == 9


def test_a_failing_lazy_task_hands_out_the_same_draws_before_it_fails() -> None:
    cell = """
out = []
try:
    out.extend(rng.random() / (i - 20) for i in range(30))
except ZeroDivisionError:
    pass
after = rng.random()
"""
    assert seen(cell, Serial(64)) == seen(cell, Serial(1))
    assert len(seen(cell, Serial(64))[0]) == 20


def test_spawned_generators_are_those_of_the_serial_cell(processes: Any) -> None:
    cell = "out = [g.random() for g in rng.spawn(5)]\nafter = rng.random()"
    want = [g.random() for g in np.random.default_rng(1).spawn(5)], np.random.default_rng(1).random()
    assert seen(cell, Serial()) == want
    assert seen(cell, processes) == want
    inside = "out = []\nfor i in range(5):\n    child = rng.spawn(1)[0]\n    out.append(child.random())\n"
    assert not plan(inside, "<cell>", prepare(SETUP)).regions[0].parallel


@pytest.mark.parametrize("draw", ["random.random()", "np.random.rand()", "rng.random()", "legacy.random_sample()"])
def test_the_streams_of_neighbours_are_unrelated(draw: str) -> None:
    namespace = prepare(SETUP)
    run(f"out = [{draw} for i in range(100000)]", Serial(5000), namespace)
    values = namespace["out"]
    assert len(set(values)) > 99_990
    assert abs(statistics.fmean(values) - 0.5) < 0.005  # five standard errors
    assert abs(float(np.corrcoef(values[:-1], values[1:])[0, 1])) < 0.02
    inside = prepare(SETUP)
    run("out = [[" + draw + " for _ in range(1000)] for i in range(20)]", Serial(), inside)
    flat = [v for row in inside["out"] for v in row]
    assert len(set(flat)) == 20_000
    table = np.corrcoef(np.array(inside["out"]))
    assert np.abs(table - np.eye(20)).max() < 0.17


LIBRARIES = {
    "scipy": ("import scipy.stats", "scipy.stats.norm.rvs()"),
    "sklearn": ("from sklearn.utils import resample", "tuple(resample(list(range(20))))"),
    "networkx": ("import networkx as nx", "tuple(nx.gnp_random_graph(9, 0.5).edges)"),
    "pandas": ("import pandas as pd\nframe = pd.DataFrame({'a': range(50)})", "tuple(frame.sample(5)['a'])"),
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_library_code_that_draws_from_global_state(library: str, processes: Any) -> None:
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    setup, draw = LIBRARIES[library]
    cell = f"out = [{draw} for i in range(20)]" + STATE
    want = seen(cell, Serial(), SETUP + setup)
    assert len(set(want[0])) > 15
    assert seen(cell, Serial(3), SETUP + setup) == want
    assert seen(cell, processes, SETUP + setup) == want
    namespace = prepare(SETUP + setup)
    heard = run(f"out = [{draw} for i in range(20)]\nagain = [{draw} for i in range(20)]", Serial(), namespace)
    assert namespace["out"] != namespace["again"]
    assert heard.labels[0] == (["random"] if library == "networkx" else ["numpy.random"])


def test_library_code_that_does_not_draw_changes_nothing() -> None:
    if importlib.util.find_spec("sklearn") is None:
        pytest.skip("sklearn is not installed")
    namespace = prepare(SETUP + "from sklearn.utils import resample")
    heard = run(
        "out = [tuple(resample(list(range(20)), random_state=i)) for i in range(20)]\nafter = np.random.rand()",
        Serial(),
        namespace,
    )
    assert not heard.labels
    assert namespace["after"] == np.random.RandomState(1).rand()


def test_threads_notice_that_library_code_drew_from_shared_state() -> None:
    namespace = prepare(SETUP)
    stream = streams_module.Stream((("module", "numpy.random.mtrand", ("attr", "_rand")),), "numpy.random", b"k", False)
    watch = streams_module.SharedWatch([stream], namespace)
    assert watch.drawn() == []
    np.random.rand()
    assert watch.drawn() == ["numpy.random"]
