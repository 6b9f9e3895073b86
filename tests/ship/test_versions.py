"""A warm worker sees every change of the notebook at once, and is sent only what changed."""
# ruff: noqa: E501 (the cells are data)

import gc
import importlib
import os
import sys
import weakref

import numpy as np
import pytest

from paracell.run.job import Task


def kinds(new):
    return "".join(sorted(chr(key[0]) for key in new))


def test_an_unchanged_job_sends_nothing(nb):
    nb.run(
        "import numpy as np\nbig = np.arange(10000.)\ncfg = {'a': [1, 2]}\ndef f(x): return big[x] + cfg['a'][0]\nclass P: pass"
    )
    assert nb.get("(f(x), P)")[0] == 1.0
    assert kinds(nb.new) == "JV"
    for _ in range(3):
        nb.get("(f(x), P)")
        assert nb.new == []


def test_a_changed_array_is_sent_alone(nb):
    nb.run("import numpy as np\na = np.zeros(10000)\nb = np.ones(10000)\ndef f(x): return a[x] + b[x]")
    assert nb.get("f(x)") == 1.0
    assert kinds(nb.new) == "JVV"
    nb["a"][0] = 41
    assert nb.get("f(x)") == 42.0
    assert kinds(nb.new) == "JV"
    nb["a"][0] = 0
    assert nb.get("f(x)") == 1.0, "and back again"
    nb.ns["a"] = nb["a"].copy()
    assert nb.get("f(x)") == 1.0
    assert kinds(nb.new) == "", "equal content is no change"


def test_redefinition_sequence(nb):
    for number in range(5):
        nb.run(f"def g(x): return x + {number}\ndef f(x): return g(x)")
        assert nb.get("f(x)") == number
        nb.run(f"def g(x): return x - {number}")
        assert nb.get("f(x)") == -number


def test_class_redefinition_sequence(nb):
    for number in range(4):
        nb.run(f"class P:\n    def v(self): return {number}\np = P()")
        assert nb.get("(p.v(), P().v(), type(p) is P)") == (number, number, True)
        assert type(nb.get("P()")) is nb["P"]
    old = nb["p"]
    nb.run("class P:\n    def v(self): return 'new'\n")
    assert nb.get("(p.v(), P().v(), type(p) is P)") == (3, "new", False), "old instances keep the old class"
    assert nb.get("p") is old


def test_changes_in_place_of_functions_and_classes(nb):
    nb.run(
        "class P:\n    k = 1\n    def v(self): return self.k\np = P()\ndef f(x, y=[1]): return (x, y, f.tag)\nf.tag = 'a'"
    )
    assert nb.get("(p.v(), f(x))") == (1, (0, [1], "a"))
    nb.run("P.k = 2")
    assert nb.get("(p.v(), f(x))") == (2, (0, [1], "a"))
    nb.run("P.v = lambda self: 'patched'\nf.tag = 'b'")
    assert nb.get("(p.v(), f(x))") == ("patched", (0, [1], "b"))
    nb["f"].__defaults__[0].append(2)
    assert nb.get("f(x)") == (0, [1, 2], "b")
    nb.run("f.__code__ = (lambda x, y: ('code', f.tag)).__code__")
    assert nb.get("f(x)") == ("code", "b")
    nb.run("P.extra = 5")
    assert nb.get("P.extra") == 5
    nb.run("del P.extra")
    with pytest.raises(AttributeError):
        nb.get("P.extra")


def test_closure_cells_are_seen_to_change(nb):
    nb.run(
        "def make():\n    n = 0\n    def inc():\n        nonlocal n\n        n += 1\n        return n\n    def get(): return n\n"
        "    return inc, get\ninc, get = make()"
    )
    assert nb.get("get()") == 0
    nb["inc"]()
    assert nb.get("get()") == 1


def test_a_change_deep_in_a_container_is_seen(nb):
    nb.run("deep = {'a': [{'b': (1, [2])}]}")
    assert nb.get("deep['a'][0]['b'][1][0]") == 2
    nb["deep"]["a"][0]["b"][1][0] = 3
    assert nb.get("deep['a'][0]['b'][1][0]") == 3


def test_two_cells_taking_turns(nb):
    nb.run("k = 1\nlarge = list(range(5000))\ndef f(x): return k + large[1]\ndef g(x): return k - large[1]")
    for k in range(5):
        nb.ns["k"] = k
        assert (nb.get("f(x)"), nb.get("g(x)")) == (k + 1, k - 1)
    nb.ns["k"] = 0
    assert (nb.get("f(x)"), nb.get("g(x)")) == (1, -1)


def test_two_runs_whose_tasks_take_turns(nb):
    nb.run("k = 1\nlarge = list(range(9000))")
    first = nb.shipper.job(nb.job("(x, k, large[0])"), nb.ns)
    nb.worker.define(first)
    nb.run("k = 2\nlarge = list(range(1, 9001))")
    second = nb.shipper.job(nb.job("(x, k, large[0])"), nb.ns)
    nb.worker.define(second)
    for n in range(3):
        for shipment, k in ((first, 1), (second, 2)):
            payload, buffers = shipment.task(Task(n, n, [n], False))
            answer = nb.worker.ask("task", shipment.key, payload, buffers)
            assert shipment.result(*answer).values == [(n, k, k - 1)]
    assert first.key not in second.dropped
    nb.shipment = None
    key = first.key
    del first, shipment
    nb.run("k = 3")
    third = nb.shipper.job(nb.job("k"), nb.ns)
    assert key in third.dropped


def test_superseded_blobs_are_dropped(nb):
    nb.run("import numpy as np\na = np.zeros(10000)")
    nb.get("a[x]")
    dropped = 0
    for number in range(5):
        nb["a"][0] = number + 1
        nb.get("a[x]")
        dropped += sum(key[:1] == b"V" for key in nb.shipment.dropped)
    assert dropped >= 4
    held = nb.worker.ask("call", "len(receiver._values)")
    assert held <= 3
    nb.run("del a\nb = 1")
    nb.get("b")
    nb.run("b = 2")
    nb.get("b")
    assert (
        nb.worker.ask(
            "call", "max((v.value.nbytes for v in receiver._values.values() if hasattr(v.value, 'nbytes')), default=0)"
        )
        == 0
    )


def test_the_shipper_does_not_keep_the_notebooks_objects_alive(nb):
    nb.run("class Big: pass\ndef old(x): return b\nb = Big()")
    refs = [weakref.ref(nb[name]) for name in ("Big", "old", "b")]
    nb.get("(old(x), Big)")
    nb.run("del Big, old, b\nk = 1")
    nb.get("k")
    nb.get("k + x")
    gc.collect()
    assert [ref() for ref in refs] == [None, None, None]


@pytest.fixture
def helper(tmp_path, monkeypatch, request):
    """A module beside the notebook, importable by sys.path alone."""
    name = "helper_" + request.node.name[:20].replace("[", "_")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(text):
        (tmp_path / f"{name}.py").write_text(text)
        importlib.invalidate_caches()
        return name

    yield write
    sys.modules.pop(name, None)


def test_module_beside_the_notebook(nb, helper):
    name = helper("limit = 3\ndef f(x): return x + limit\nclass C:\n    def v(self): return limit\n")
    nb.run(f"import {name} as h\nfrom {name} import f, C\nc = C()")
    assert nb.get("(h.f(x), f(x), c.v(), type(c) is C)") == (3, 3, 3, True)
    assert type(nb.get("C()")) is nb["C"]


def test_module_reloaded(nb, helper):
    name = helper("def f(x): return 'one'\nclass C: tag = 'one'\n")
    nb.run(f"import {name} as h, importlib\nfrom {name} import f")
    assert nb.get("(h.f(x), f(x), h.C.tag)") == ("one", "one", "one")
    helper("def f(x): return 'second'\nclass C: tag = 'second'\n")
    nb.run("importlib.reload(h)")
    assert nb.get("(h.f(x), f(x), h.C.tag)") == ("second", "one", "second"), "f is still the old function"
    nb.run(f"from {name} import f")
    assert nb.get("(h.f(x), f(x))") == ("second", "second")


def test_module_attribute_assigned(nb, helper):
    name = helper("limit = 3\nconf = {'a': 1}\ndef g(x): return x\ndef f(x): return g(x) + limit + conf['a']\n")
    nb.run(f"import {name} as h\nfrom {name} import conf, f")
    assert nb.get("f(x)") == 4
    nb.run("h.limit = 10")
    assert nb.get("f(x)") == 11
    nb.run("conf['a'] = 100")
    assert nb.get("(f(x), conf is h.conf)")[0] == 110
    nb.run("keep = h.g\nh.g = lambda x: x + 1000")
    assert nb.get("f(x)") == 1110
    nb.run("h.g = keep")
    assert nb.get("f(x)") == 110


def test_library_module_attribute_assigned(nb):
    import json.encoder as encoder

    nb.run("import json.encoder as e")
    before = encoder.FLOAT_REPR if hasattr(encoder, "FLOAT_REPR") else None
    nb.get("e.INFINITY")
    keep = encoder.INFINITY
    try:
        encoder.INFINITY = 7.0
        assert nb.get("e.INFINITY") == 7.0
    finally:
        encoder.INFINITY = keep
    assert nb.get("e.INFINITY") == keep and before is None


def test_environment(nb, tmp_path, monkeypatch):
    nb.run(
        "import os, warnings, sys, numpy as np, decimal\ndef warn(x):\n    warnings.warn('w', FutureWarning)\n    return 'no error'"
    )
    monkeypatch.setenv("PARA_TEST", "1")
    assert nb.get("os.environ.get('PARA_TEST')") == "1"
    monkeypatch.delenv("PARA_TEST")
    assert nb.get("os.environ.get('PARA_TEST')") is None
    monkeypatch.chdir(tmp_path)
    assert os.path.realpath(nb.get("os.getcwd()")) == os.path.realpath(tmp_path)
    monkeypatch.syspath_prepend("/nowhere/at/all")
    assert nb.get("sys.path[0]") == "/nowhere/at/all"
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)
        with pytest.raises(FutureWarning):
            nb.get("warn(x)")
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        nb.get("np.float64(1) / np.float64(0) if True else 0")
    import decimal

    with decimal.localcontext() as context:
        context.prec = 5
        assert str(nb.get("decimal.Decimal(1) / 3")) == "0.33333"


def test_thread_limits_of_a_worker_are_kept(nb, monkeypatch):
    nb.run("import os")
    assert nb.worker.ask("call", "__import__('os').environ.setdefault('OMP_NUM_THREADS', '1')") == os.environ.get(
        "OMP_NUM_THREADS", "1"
    )
    assert nb.get("os.environ['OMP_NUM_THREADS']") == os.environ.get("OMP_NUM_THREADS", "1")


def test_what_the_workers_run_changed_is_reported_and_undone(nb):
    nb.run(
        "import functools\nlog = []\ncount = 0\nclass P:\n    n = 0\ndef f(x):\n    global count\n    log.append(x)\n"
        "    count += 1\n    P.n += 1\n    return len(log)"
    )
    assert nb.map("f(x)", [1, 2]) == [1, 2]
    assert nb.shipment.changed == {"log", "count", "P"}
    assert (nb["log"], nb["count"], nb["P"].n) == ([], 0, 0)
    nb.shipper.invalidate(nb.shipment.changed)
    assert nb.map("(f(x), count, P.n)", [1]) == [(1, 1, 1)], "the next cell starts from what the notebook has"


def test_memo_tables_are_no_difference(nb):
    nb.run(
        "import functools\n@functools.cache\ndef fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)\n"
        "class A:\n    @functools.cached_property\n    def p(self): return 5\na = A()\nbig = {'a': a}\n"
        "def f(x): return fib(x) + big['a'].p"
    )
    assert nb.get("f(x)") == 5
    assert nb.shipment.changed == set()
    assert nb.worker.ask("check") == []


def test_changed_arrays_and_frames_are_reported(nb):
    nb.run(
        "import numpy as np, pandas as pd\na = np.zeros(20000)\nb = np.zeros(20000)\ndf = pd.DataFrame({'x': [1, 2]})\n"
        "def f(x):\n    a[77] = 1\n    df.loc[0, 'x'] = 5\n    return b[0]"
    )
    assert nb.get("f(x)") == 0
    assert nb.shipment.changed == {"a", "df"}


def test_items_bring_their_own_functions_to_a_job_that_the_worker_already_holds(nb):
    for number in range(3):
        nb.run(f"def make(n):\n    def h(): return n + {number}\n    return h\nhs = [make(n) for n in range(2)]")
        for item, h in enumerate(nb["hs"]):
            assert nb.map("x()", [h]) == [item + number]
