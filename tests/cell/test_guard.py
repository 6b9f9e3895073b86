"""What threads change behind the loop's back is noticed and put back."""

import array
import collections
import decimal
import functools
import itertools
import os
import sys
import threading
import types
import warnings

import numpy as np
import pandas as pd
import pytest
from oracle import prepare

from paracell.cell import plan
from paracell.run import around, pictures
from paracell.run.guard import Album, guard_of
from paracell.run.job import Job, Task, TaskResult
from paracell.run.runtime import function


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a = 1


def slots(one):
    return pictures.OfSlots(one, [Slotted.a, Slotted.b])


def closure():
    value = 1

    def get():
        return value

    return get.__closure__[0]


DONE = TaskResult([], seconds=0.1)
NAN = float("nan")
KINDS = [
    (pictures.OfList, [1, NAN], lambda v: v.append(3), list),
    (pictures.OfList, [1, 2], lambda v: v.reverse(), list),
    (pictures.OfDict, {"a": 1, "b": 2}, lambda v: v.update(a=v.pop("a")), lambda v: list(v.items())),
    (pictures.OfDict, collections.OrderedDict(a=1, b=2), lambda v: v.move_to_end("a"), lambda v: list(v.items())),
    (pictures.OfDict, collections.defaultdict(list, a=[1]), lambda v: v["new"], lambda v: list(v.items())),
    (pictures.OfSet, {1, 2}, lambda v: (v.discard(1), v.add(3)), sorted),
    (pictures.OfDeque, collections.deque([1, 2], 3), lambda v: v.rotate(), list),
    (pictures.OfBytes, bytearray(b"abc"), lambda v: v.append(1), bytes),
    (pictures.OfBytes, array.array("d", [1, 2]), lambda v: v.append(1), list),
    (pictures.OfMemory, np.arange(6.0).reshape(2, 3), lambda v: v.sort(axis=0) or np.negative(v, v), np.ndarray.tolist),
    (pictures.OfMemory, np.asfortranarray([[1, 2], [3, 4]]), lambda v: v.fill(7), np.ndarray.tolist),
    (pictures.OfMemory, np.arange(8)[::2], lambda v: v.fill(7), np.ndarray.tolist),
    (pictures.OfMemory, np.array([1, "a", None], object), lambda v: v.fill(7), np.ndarray.tolist),
    (slots, Slotted(), lambda v: (setattr(v, "b", 2), delattr(v, "a")), lambda v: (hasattr(v, "a"), hasattr(v, "b"))),
    (pictures.OfCell, closure(), lambda v: setattr(v, "cell_contents", 2), lambda v: v.cell_contents),
    (pictures.OfClass, type("C", (), {"n": 1}), lambda v: (setattr(v, "m", 2), delattr(v, "n")),
     lambda v: (hasattr(v, "n"), hasattr(v, "m"))),
    (lambda v: pictures.OfNames(v, ["a", "b"]), {"a": 1}, lambda v: v.update(a=2, b=3), dict),
    (pictures.OfTable, pd.DataFrame({"a": [1.0], "b": ["x"]}), lambda v: (v.insert(0, "c", 3), v.pop("b")),
     lambda v: (list(v), v.to_dict())),
    (lambda v: around.OfEnvironment(), None, lambda v: os.environ.update(PARACELL_GUARD="1"),
     lambda v: dict(os.environ)),
    (lambda v: around.OfPath(), None, lambda v: sys.path.append("nowhere"), lambda v: list(sys.path)),
    (lambda v: around.OfLimit(), None, lambda v: sys.setrecursionlimit(5432), lambda v: sys.getrecursionlimit()),
    (lambda v: around.OfDirectory(), None, lambda v: os.chdir("/"), lambda v: os.getcwd()),
    (lambda v: around.OfFilters(), None, lambda v: warnings.simplefilter("error"), lambda v: list(warnings.filters)),
    (around.OfDecimal, decimal.Context(), lambda v: setattr(v, "prec", 3), repr),
]  # fmt: skip


@pytest.mark.parametrize(("take", "shown", "change", "content"), KINDS)
def test_a_change_is_noticed_and_put_back(take, shown, change, content):
    before = content(shown)
    picture = take(shown)
    assert picture.same()
    change(shown)
    assert content(shown) != before
    assert not picture.same()
    picture.undo()
    assert content(shown) == before
    assert picture.same()


def test_memory_that_is_too_large_to_be_copied_is_only_noticed(monkeypatch):
    monkeypatch.setattr(pictures, "COPIED", 8)
    shown = np.arange(4.0)
    picture = pictures.OfMemory(shown)
    assert picture.same()
    shown[1] = 9
    assert not picture.same()
    picture.undo()
    assert shown[1] == 9


def test_what_an_import_adds_is_no_change(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    picture = around.OfPath()
    monkeypatch.setitem(sys.modules, "paracell_test_imported", types.ModuleType("imported"))
    sys.path.append("nowhere")
    assert picture.same()
    sys.path.remove("nowhere")
    assert not picture.same()


def guard(before, cell, commits=False, **options):
    namespace = prepare(before)
    (region,) = plan(cell, "<cell>", namespace).regions
    job = Job(function(region, "<cell>", namespace), not commits, "<cell>", 1, "", None, options=options)
    return guard_of(job), namespace


MOVING = [
    ("it", "itertools.count", "c = [itertools.count()]\ndef f(x): return c and x"),
    ("it", "itertools.count", "class C:\n    ids = itertools.count()\n    def __init__(self): self.i = next(C.ids)\n"
     "cs = [C]\ndef f(x): return cs[0]() and x"),
    ("tl", "_thread._local", "d = dict(tl=threading.local())\ndef f(x): return d and x"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "text"), MOVING)
def test_what_moves_on_is_found(name, kind, text):
    made, _ = guard("import itertools, threading\n" + text, "r = [f(x) for x in range(3)]")
    ((_, value),) = made.moving()
    assert f"{type(value).__module__}.{type(value).__qualname__}" == kind


ACTING = [
    ("V.__add__", "class V:\n    def __add__(self, x): log.append(x)\nv = V()\ndef f(x): return v + x"),
    ("V.__add__", "class V:\n    def __add__(self, x): self.n = x\nv = V()\ndef f(x): return v + x"),
    ("V.__exit__", "class V:\n    def __exit__(self, *a): log.pop()\ndef f(x):\n    with V(): return x"),
    ("put", "def put(x): log.append(x)\nfs = dict(p=put)\ndef f(x): return fs['p'](x)"),
    ("put", "import functools\ndef put(x): log.append(x)\np = [functools.partial(put, 1)]\ndef f(x): return p[0]()"),
    ("V.put", "import operator\nclass V:\n    def put(self, x): self.n = x\nv = V()\n"
     "p = operator.methodcaller('put', 1)\ndef f(x): return p(v)"),
    ("V.put", "import operator\nclass V:\n    def put(self, x): self.n = x\nv = V()\n"
     "def f(x): return operator.methodcaller('put', x)(v)"),
    ("M.__call__", "class M(type):\n    def __call__(cls): log.append(1)\nclass C(metaclass=M): pass\n"
     "def f(x): return C()"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), ACTING)
def test_code_that_runs_unseen_and_changes_something_is_found(name, text):
    made, _ = guard("log = []\n" + text, "r = [f(x) for x in range(3)]")
    function, does = made.acting()
    assert function == name
    assert "changes" in does or "stores" in does


PURE = [
    "def g(a, b): return [a, b]\nimport functools\np = functools.partial(g, 1)\ndef f(x): return p(x)",
    "fs = {'a': lambda x: x + 1, 'b': abs}\ndef f(x): return fs['a'](x)",
    "def fill(v, x):\n    v.append(x)\n    return v\nfs = [fill]\ndef f(x): return fs[0]([], x)",
    "from dataclasses import dataclass\n@dataclass\nclass V:\n    x: int\n"
    "    def __add__(self, o): return V(self.x + o)\nv = V(1)\ndef f(x): return v + x",
    "class V:\n    def __init__(self, x): self.x = x\n    def push(self, v): self.x = v\nv = V(1)\n"
    "def f(x): return v.x + x",
    "class V:\n    def __enter__(self): self.n = 1\n    def __exit__(self, *a): self.n = 2\n"
    "def f(x):\n    with V(): return x",
    "class V:\n    def __setitem__(self, k, v): self.k = v\nv = V()\ndef f(x): return v and x",
    "import functools\ndef twice(g):\n    @functools.wraps(g)\n    def inner(x): return 2 * g(x)\n    return inner\n"
    "@twice\ndef f(x):\n    out = []\n    out.append(x)\n    return len(out)",
    "import operator\nup = operator.methodcaller('upper')\ndef f(x): return up(str(x))",
]


@pytest.mark.parametrize("text", PURE)
def test_ordinary_code_runs_on_threads(text):
    made, _ = guard(text, "r = [f(x) for x in range(3)]")
    assert made.acting() is None
    assert made.moving() == []


def test_what_only_a_constructor_moves_on_stays_where_nothing_is_constructed():
    text = "import itertools\nclass C:\n    ids = itertools.count()\n    def __init__(self): self.i = next(C.ids)\n"
    made, _ = guard(text + "    def double(self): return self.i * 2\nc = C()", "r = [c.double() + x for x in range(3)]")
    assert made.moving() == []


def test_a_change_is_called_by_its_name_and_put_back():
    made, namespace = guard("log = []\nfs = dict(f=log.append)", "r = [fs['f'](x) for x in range(3)]")
    made.submitted(0, Task(0, 0, [1], False))
    namespace["log"].append(1)
    assert made.finished(0, DONE, True) == (("log",), False)
    made.restore()
    assert namespace["log"] == []


def test_items_are_put_back_and_what_they_share_is_watched():
    text = "class R:\n    n = 0\nrows = [R(), R()]"
    made, namespace = guard(text, "r = [abs(row) for row in rows]")
    for number, row in enumerate(namespace["rows"]):
        made.submitted(number, Task(number, number, [row], False))
        row.x = 1
    namespace["R"].n = 7
    assert made.finished(0, DONE, True) == (("R", "items"), False)
    made.restore()
    assert namespace["R"].n == 0
    assert not any(vars(row) for row in namespace["rows"])


def test_what_is_pictured_while_tasks_run_is_put_back_as_it_was_before_them():
    made, namespace = guard("class T:\n    n = 0\nt = T()\nt.n = 1", "out = [g() for g in [lambda: t]]")
    t = namespace["t"]
    made.submitted(0, Task(0, 0, [t], False))
    t.n = 2
    exec("def second(): return t", namespace)
    made.submitted(1, Task(1, 1, [namespace["second"]], False))  # leads to the global t
    t.n = 4
    assert made.finished(0, DONE, True)[0]
    made.restore()
    assert t.n == 1


def test_what_the_loops_own_body_may_have_changed_is_not_put_back():
    made, namespace = guard("log = []\nfs = [log.append]", "r = [fs[0](x) for x in range(3)]", blind=True)
    made.finished(0, DONE, True)
    namespace["log"].append(1)
    made.committed()
    names, late = made.finished(1, DONE, True)
    assert (names, late) == (("log",), True)
    made.restore()
    assert namespace["log"] == [1]


def test_what_changes_right_behind_a_look_is_the_loops_own_doing():
    made, namespace = guard("log = []\nfs = [log.append]", "r = [fs[0](x) for x in range(3)]", commits=True)
    made.finished(0, DONE, True)
    namespace["log"].append(1)
    made.committed()
    assert made.finished(1, DONE, True) == (("log",), True)
    made.restore()
    assert namespace["log"] == [1]


def test_where_nothing_runs_between_two_tasks_a_change_is_the_iterations_doing():
    made, namespace = guard("log = []\nfs = [log.append]", "r = [fs[0](x) for x in range(3)]")
    made.finished(0, DONE, True)
    namespace["log"].append(1)
    made.committed()
    assert made.finished(1, DONE, True) == (("log",), False)
    made.restore()
    assert namespace["log"] == []


def test_what_goes_on_changing_is_the_iterations_doing():
    made, namespace = guard("log = []\nfs = [log.append]", "r = [fs[0](x) for x in range(3)]", commits=True)
    made.finished(0, DONE, True)
    namespace["log"].append(1)
    made.committed()
    namespace["log"].append(2)
    made.restore()
    assert namespace["log"] == []


def test_what_changed_since_a_look_long_ago_is_put_back():
    made, namespace = guard("log = []\nfs = [log.append]", "r = [fs[0](x) for x in range(3)]", commits=True)
    made._album._fresh = 0  # there was no time for any of them
    namespace["log"].append(1)
    made.committed()
    assert made.suspect == ("log",)
    made.restore()
    assert namespace["log"] == []


def test_memo_tables_are_no_change_and_are_emptied_when_a_task_is_taken_back():
    text = "import functools\n@functools.cache\ndef f(x): return x"
    made, namespace = guard(text, "r = [f(x) for x in range(3)]")
    namespace["f"](1)
    assert made.finished(0, DONE, True) == ((), False)
    made.restore()
    assert namespace["f"].cache_info().currsize == 0


def test_what_takes_long_to_compare_waits_and_that_is_told():
    cheap, dear = [1], list(range(100_000))
    album = Album()
    album.add([pictures.OfList(dear), pictures.OfList(cheap)])
    assert album.look(0.0) == ([], False, 0.0)
    dear.append(1)
    assert album.look(0.0) == ([], False, 0.0)
    changed, late, spent = album.look(1.0)
    assert ([one.shown for one in changed], late) == ([dear], True)
    assert spent > 1e-3


def test_a_library_object_is_its_own_affair_but_not_what_it_holds_of_the_notebooks():
    text = "from http.cookiejar import CookieJar, DefaultCookiePolicy\nlog = []\n"
    text += "class P(DefaultCookiePolicy):\n    def set_ok(self, c, r): log.append(c)\njar = CookieJar(P())"
    made, namespace = guard(text, "r = [abs(x) for x in range(3) if jar.make_cookies]")
    namespace["jar"]._cookies["a"] = 1
    assert made.finished(0, DONE, True) == ((), False)
    namespace["log"].append(1)
    assert made.finished(0, DONE, True)[0] == ("log",)


def test_cached_properties_are_no_change():
    text = "import functools\nclass C:\n    @functools.cached_property\n    def v(self): return 3\nc = C()"
    made, namespace = guard(text, "r = [c.v + x for x in range(3)]")
    assert namespace["c"].v == 3
    assert made.finished(0, DONE, True) == ((), False)


_ = functools, itertools, threading  # what the cells here import is imported before pictures are taken
