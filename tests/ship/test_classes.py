"""Classes of the notebook: one object a version in the worker, the notebook's very class in results."""
# ruff: noqa: E501 (the cells are data)

import enum

import pytest

CELLS = {
    "plain": ("class A:\n    k = 3\n    def __init__(s, x): s.x = x\n    def m(s): return s.x + s.k", "A(x).m()"),
    "inherit": (
        "class A:\n    def m(s): return 'A'\nclass B(A):\n    def m(s): return super().m() + 'B'\n"
        "class C(B, dict):\n    def m(s): return super().m() + 'C'",
        "(C().m(), [c.__name__ for c in C.__mro__])",
    ),
    "property": (
        "class A:\n    @property\n    def p(s): return s._p\n    @p.setter\n    def p(s, v): s._p = v * 2\n"
        "    @staticmethod\n    def st(x): return x\n    @classmethod\n    def cl(c, x): return (c.__name__, x)",
        "[a := A(), setattr(a, 'p', x), a.p, A.st(x), a.cl(x)][1:]",
    ),
    "dataclass": (
        "from dataclasses import dataclass, field, asdict, replace\n@dataclass(order=True)\nclass P:\n    x: int\n"
        "    y: list = field(default_factory=list)\n    def norm(self) -> float: return self.x",
        "(asdict(P(x)), P(1) < P(2), repr(P(x)), replace(P(x), x=7).x)",
    ),
    "frozen_slots_dataclass": (
        "from dataclasses import dataclass\n@dataclass(frozen=True, slots=True)\nclass P:\n    x: int\n    y: int = 2\np = P(9)",
        "(hash(P(x)) == hash(P(x)), p.x, P(x) == P(x), hasattr(p, '__dict__'))",
    ),
    "namedtuple": (
        "from collections import namedtuple\nP = namedtuple('P', 'x y', defaults=[2])\np = P(1)",
        "(P(x)._asdict(), p.y, p._replace(x=x), P._fields)",
    ),
    "typed_namedtuple": (
        "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n    y: int = 3\n    def s(self): return self.x + self.y",
        "(P(x).s(), P._field_defaults)",
    ),
    "namedtuple_class_attribute": (
        "from collections import namedtuple\nclass P(namedtuple('P', 'x')):\n    __slots__ = ()\n    def d(s): return s.x * 2\n"
        "P.origin = P(0)",
        "(P(x).d(), P.origin, type(P.origin) is P)",
    ),
    "enum": ("from enum import Enum\nclass C(Enum):\n    R = 1\n    G = 2\n    RED = 1", "(C(1) is C.R, C['G'].value, C.RED.name)"),
    "int_enum": ("from enum import IntEnum\nclass C(IntEnum):\n    A = 1\n    B = 5", "(C.B + x, C(5).name, sorted(C))"),
    "str_enum": ("from enum import Enum\nclass C(str, Enum):\n    A = 'a'\n    B = 'b'", "(C.A == 'a', C.B.upper(), str.__str__(C.A))"),
    "flag": ("from enum import Flag, auto\nclass F(Flag):\n    A = auto()\n    B = auto()\n    AB = A | B", "(F.A | F.B is F.AB, (F.AB & F.B).name, ~F.A == F.B)"),
    "int_flag": ("from enum import IntFlag\nclass F(IntFlag):\n    R = 4\n    W = 2", "((F.R | F.W).value, bool(F.R & F.W))"),
    "enum_with_init": (
        "from enum import Enum\nclass Planet(Enum):\n    EARTH = (5.9, 6.3)\n    MARS = (0.6, 3.4)\n"
        "    def __init__(self, mass, radius):\n        self.mass = mass\n        self.radius = radius\n"
        "    @property\n    def g(self): return self.mass / self.radius",
        "(Planet.EARTH.g, Planet((0.6, 3.4)).name, Planet.MARS.mass)",
    ),
    "enum_with_new": (
        "from enum import Enum\nclass C(Enum):\n    A = (1, 'first')\n    B = (2, 'second')\n"
        "    def __new__(cls, v, label):\n        o = object.__new__(cls)\n        o._value_ = v\n        o.label = label\n        return o",
        "(C.A.label, C(2).label)",
    ),
    "enum_methods_missing": (
        "from enum import Enum\nclass C(Enum):\n    A = 1\n    @classmethod\n    def _missing_(cls, v): return cls.A\n"
        "    def __str__(self): return super().__str__() + '!'",
        "(C(99).name, str(C.A))",
    ),
    "enum_functional": ("from enum import Enum\nC = Enum('C', ['A', 'B'], module='__main__')", "[c.name for c in C]"),
    "abc": (
        "from abc import ABC, abstractmethod\nclass A(ABC):\n    @abstractmethod\n    def m(s): ...\n"
        "class B(A):\n    def m(s): return 1\nA.register(int)",
        "(B().m(), isinstance(3, A), A.__abstractmethods__)",
    ),
    "slots": (
        "class S:\n    __slots__ = ('a', '__b')\n    def __init__(s, a): s.a, s.__b = a, -a\n    def b(s): return s.__b\ns = S(4)",
        "(S(x).b(), s.a, s.b(), hasattr(s, '__dict__'))",
    ),
    "generic": (
        "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass Box(Generic[T]):\n    def __init__(s, v: T): s.v = v",
        "(Box[int](x).v, Box.__parameters__[0].__name__)",
    ),
    "protocol": (
        "from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass Q(Protocol):\n    def q(self): ...\n"
        "class A:\n    def q(self): return 1",
        "(isinstance(A(), Q), isinstance(3, Q))",
    ),
    "metaclass": (
        "made = []\nclass M(type):\n    def __new__(m, n, b, d, **k):\n        d['tag'] = n.lower()\n        return super().__new__(m, n, b, d)\n"
        "    def __init__(c, n, b, d, **k): super().__init__(n, b, d)\n    def __len__(c): return 7\n"
        "class A(metaclass=M, flag=1): pass",
        "(A.tag, len(A), type(A).__name__)",
    ),
    "init_subclass": (
        "class Base:\n    registry = []\n    def __init_subclass__(cls, key, **k):\n        super().__init_subclass__(**k)\n"
        "        Base.registry.append(key)\n        cls.key = key\nclass A(Base, key='a'): pass\nclass B(A, key='b'): pass",
        "(B.key, Base.registry, B.__mro__[1].__name__, B.__bases__ == (A,))",
    ),
    "descriptor_set_name": (
        "class D:\n    def __set_name__(s, o, n): s.n = '_' + n\n    def __get__(s, i, o): return getattr(i, s.n, 0)\n"
        "    def __set__(s, i, v): setattr(i, s.n, v + 1)\nclass A:\n    d = D()\n    def __init__(s, v): s.d = v",
        "A(x).d",
    ),
    "nested": ("class A:\n    class B:\n        class C:\n            v = 3\n    b = B()", "(A.B.C.v, type(A.b) is A.B, A.B.C.__qualname__)"),
    "self_reference": ("class A:\n    pass\nA.one = A()\nA.me = A\nA.one.back = A", "(A.one.back is A, A.me is A)"),
    "getattr_custom": (
        "class A:\n    def __init__(s): s.__dict__['d'] = {'k': 3}\n    def __getattr__(s, n):\n"
        "        try: return s.__dict__['d'][n]\n        except KeyError: raise AttributeError(n)\na = A()",
        "a.k + x",
    ),
    "getstate": (
        "import threading\nclass A:\n    def __init__(s, x): s.x = x; s.lock = threading.Lock()\n"
        "    def __getstate__(s): return s.x\n    def __setstate__(s, x): s.__init__(x)\na = A(3)",
        "a.x + x",
    ),
    "cached_property": ("import functools\nclass A:\n    @functools.cached_property\n    def p(s): return 5\na = A()", "a.p"),
    "total_ordering": ("import functools\n@functools.total_ordering\nclass A:\n    def __init__(s, x): s.x = x\n    def __eq__(s, o): return s.x == o.x\n    def __lt__(s, o): return s.x < o.x", "A(x) >= A(0)"),
    "method_uses_own_name": ("class A:\n    def make(self): return A()\n", "type(A().make()) is A"),
    "dict_subclass": ("class D(dict):\n    def __missing__(s, k): return k * 2\nd = D(a=1)", "(d['a'], d['zz'])"),
    "exception_class": ("class E(ValueError):\n    code = 7\ndef f():\n    try: raise E('x')\n    except E as e: return e.code", "f()"),
    "typeddict": ("from typing import TypedDict\nclass T(TypedDict):\n    a: int", "T(a=x)"),
    "userdict": ("from collections import UserDict\nclass U(UserDict):\n    def g(s): return len(s)\nu = U(a=1)", "u.g()"),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_class_means_the_same_in_a_worker(nb, name):
    cell, loop = CELLS[name]
    nb.run(cell)
    here = [eval(loop, nb.ns, {"x": x}) for x in (1, 2)]
    nb.run(cell)
    assert repr(nb.map(loop, [1, 2])) == repr(here)


@pytest.mark.parametrize(
    ("cell", "made"),
    [
        ("class P:\n    def __init__(s, x): s.x = x", "P(x)"),
        ("from dataclasses import dataclass\n@dataclass(frozen=True, slots=True)\nclass P:\n    x: int", "P(x)"),
        ("from collections import namedtuple\nP = namedtuple('P', 'x')", "P(x)"),
        ("class P(dict): pass", "P(x=x)"),
        ("class P:\n    __slots__ = 'x'\n    def __init__(s, x): s.x = x", "P(x)"),
        ("import functools\nclass P(functools.partial): pass", "P(max, x)"),
    ],
)
def test_results_are_instances_of_the_notebooks_class(nb, cell, made):
    nb.run(cell)
    for peek in (False, True):
        values = nb.map(made, [1, 2], peek=peek)
        assert all(type(value) is nb["P"] for value in values)
    items = [eval(made, nb.ns, {"x": 1})]
    assert type(nb.map("type(x)", items)[0]) is type and nb.map("type(x)", items)[0] is nb["P"]


def test_enum_members_are_the_notebooks_members(nb):
    nb.run(
        "import enum\nclass C(enum.Enum):\n    A = 1\n    B = [2]\nclass F(enum.Flag):\n    X = 1\n    Y = 2\nm = {C.A: C.B}"
    )
    a, b, m, f = nb.get("(C.A, m[C.A], m, F.X | F.Y)")
    assert a is nb["C"].A and b is nb["C"].B and m is nb["m"] and f is nb["F"].X | nb["F"].Y
    assert isinstance(f, enum.Flag)
    assert nb.map("x is C.B", [nb["C"].B]) == [True]


def test_class_in_items_and_in_the_job_are_one(nb):
    nb.run("class P:\n    def twice(self): return helper(self)\ndef helper(p): return k * 2\nk = 4\nps = [P(), P()]")
    # the job names neither P nor k; the items bring them
    assert nb.map("x.twice()", nb["ps"]) == [8, 8]
    assert nb.map("type(x) is P and isinstance(ps[0], P)", nb["ps"]) == [True, True]
    nb.run("k = 5")
    assert nb.map("x.twice()", nb["ps"]) == [10, 10]
    assert nb.map("x.twice()", nb["ps"], peek=True) == [10, 10]


def test_class_made_in_a_worker(nb):
    nb.run("def f(x):\n    class Local:\n        def m(self): return x\n    return Local()")
    one = nb.get("f(x)")
    assert one.m() == 0 and type(one).__qualname__ == "f.<locals>.Local"


def test_a_worker_never_changes_the_notebooks_class(nb):
    nb.run("class P:\n    count = 0\n    def hit(self): P.count += 1; P.extra = 1; return P.count")
    assert nb.get("P().hit()") == 1
    assert nb["P"].count == 0 and not hasattr(nb["P"], "extra")


def test_isinstance_holds_between_broadcast_and_made(nb):
    nb.run("class A: pass\nclass B(A): pass\nb = B()")
    assert nb.get("(isinstance(b, A), type(b) is B, type(b).__mro__[1] is A)") == (True, True, True)


def test_classes_that_travel_as_values(nb):
    nb.run("class A: pass\nclass B: pass\ntable = {'a': A, 'b': B}")
    assert nb.get("(table['a'] is A, table['b'])") == (True, nb["B"])


NEW = """
class Km(float):
    def __new__(cls, v): return super().__new__(cls, v * 1000)
class Pair(tuple):
    def __new__(cls, *a):
        made = super().__new__(cls, a)
        made.note = len(a)
        return made
class Counted:
    count = 0
    def __new__(cls, k):
        Counted.count += 1
        return super().__new__(cls)
    def __init__(self, k): self.k = k
class Slotted:
    __slots__ = ("k",)
    def __new__(cls, k):
        made = super().__new__(cls)
        made.k = k
        return made
"""


def test_new_is_not_run_again(nb):
    nb.run(NEW + "c = Counted(3)")
    km, pair, slotted = nb.get("Km(2), Pair(1, 2), Slotted(4)")
    assert km == 2000 and type(km) is nb["Km"]
    assert pair == (1, 2) and pair.note == 2 and type(pair) is nb["Pair"]
    assert slotted.k == 4
    assert nb.get("(c.k, Counted.count)") == (3, 1) and nb["Counted"].count == 1
    assert nb.map("x.k", [nb["c"]]) == [3] and nb["Counted"].count == 1
    assert nb.get("Counted(x)").k == 0 and nb["Counted"].count == 1


def test_named_tuples_of_annotations_that_are_text(nb):
    nb.run(
        "from __future__ import annotations\nfrom typing import NamedTuple\nclass N(NamedTuple):\n    a: int\n    b: str = 'z'"
    )
    assert nb.get("N(x)") == (0, "z") and type(nb.get("N(x)")) is nb["N"]


def test_what_an_object_has_computed_for_good_comes_back_if_it_can(nb):
    nb.run(
        "import functools, threading\nclass A:\n    def __init__(s, n): s.n = n\n"
        "    @functools.cached_property\n    def p(s): return s.n * 10\n"
        "    @functools.cached_property\n    def lock(s): return threading.Lock()\n"
        "a, many = A(1), [A(2), A(3)]\ndef f(x):\n    with many[1].lock:\n        return many[1].n"
    )
    result = nb.result("a.p + many[0].p + x", [1])
    kept = {value: (one, name) for one, name, value in result.kept}
    assert result.values == [31] and kept.keys() == {10, 20}
    assert kept[10] == (nb["a"], "p") and kept[20] == (nb["many"][0], "p")
    assert nb.result("a.p + x", [1]).kept == []
    result = nb.result("f(x)", [1])
    assert result.values == [3] and result.error is None and result.kept == []


def test_what_an_object_has_computed_for_an_earlier_task_is_no_other_list(nb):
    nb.run(
        "import functools\nclass A:\n    @functools.cached_property\n    def p(s): return [5]\n"
        "    @functools.cached_property\n    def q(s): return 5\na = A()"
    )
    assert [one.copied for one in (nb.result("a.p"), nb.result("a.p"))] == ["", "what A.p has computed"]
    assert [nb.result(source).copied for source in ("len(a.p)", "a.q", "a.q", "[a.p]")] == [
        "",
        "",
        "",
        "what A.p has computed",
    ]
