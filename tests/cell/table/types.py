"""Kinds of classes: slots, metaclasses, dataclasses, enums, descriptors."""

from tabled import cells

CELLS = cells(r"""
## weakref -> parallel trivial forbidden
import weakref
class W: pass
ws = [W() for _ in range(4)]
refs = [weakref.ref(w) for w in ws]
r = [rf() is w for rf, w in zip(refs, ws)]

## weak dict -> parallel parallel trivial
import weakref
class W:
    def __init__(self, v): self.v = v
ws = [W(i) for i in range(4)]
wd = weakref.WeakKeyDictionary()
for w in ws:
    wd[w] = f(w.v)
r = [wd[w] for w in ws]
del wd, w

## slots -> parallel parallel changes-argument
class S:
    __slots__ = ("a", "b")
    def __init__(self, a): self.a = a
    def work(self):
        self.b = f(self.a)
        return self.b
ss = [S(x) for x in xs]
for s in ss:
    s.b = f(s.a)
r = [s.work() for s in ss]

## metaclass -> parallel; processes: fell back; threads: may run it
class M(type):
    made = []
    def __call__(cls, *a):
        o = super().__call__(*a)
        M.made.append(o)
        return o
class C(metaclass=M):
    def __init__(self, x): self.x = x
r = [C(f(x)).x for x in xs]
q = len(M.made)

## init subclass -> parallel; processes: fell back; threads: calling it by name
reg = []
class B:
    def __init_subclass__(cls): reg.append(cls.__name__)
for x in xs:
    C = type("C%d" % x, (B,), {})
    out.append(f(x))

## new registry -> parallel; processes: fell back; threads: fell back
class C:
    inst = {}
    def __new__(cls, k):
        if k not in cls.inst:
            cls.inst[k] = super().__new__(cls)
        return cls.inst[k]
    def __init__(self, k): self.k = k
r = [C(x % 3) for x in xs]
q = len(C.inst)

## dataclass factory -> parallel parallel parallel
from dataclasses import dataclass, field
@dataclass
class D:
    x: int
    tags: list = field(default_factory=list)
    def add(self, t):
        self.tags.append(t)
        return self
ds = [D(x) for x in xs]
r = [D(f(x.x)).add(x.x) for x in ds]
for o in ds:
    o.tags.append(f(o.x))

## dataclass method mutates -> parallel parallel changes forbidden
from dataclasses import dataclass, field
@dataclass
class D:
    x: int
    tags: list = field(default_factory=list)
    def add(self, t):
        self.tags.append(t)
        return self
ds = [D(x) for x in xs]
for o in ds:
    o.add(f(o.x))
q = [o.add(f(o.x)) for o in ds]
z = [a is b for a, b in zip(q, ds)]

## enum -> parallel parallel trivial
import enum
class E(enum.Enum):
    A = 1
    B = 2
    def val(self): return f(self.value)
r = [e.val() for e in E]
q = [E(1 + x % 2) for x in xs]
z = [v is E.A or v is E.B for v in q]

## flag enum -> parallel; processes: fell back; threads: fell back
import enum
class F(enum.Flag):
    A = enum.auto()
    B = enum.auto()
r = [F.A | F(x % 4) for x in xs]

## namedtuple -> parallel parallel
from typing import NamedTuple
class N(NamedTuple):
    a: int
    b: str = "z"
r = [N(f(x)) for x in xs]
for a, b in r:
    out.append((f(a), b))

## generic -> parallel
from typing import Generic, TypeVar
T = TypeVar("T")
class Box(Generic[T]):
    def __init__(self, v: T): self.v = v
r = [Box[int](f(x)) for x in xs]

## descriptor -> parallel; processes: fell back; threads: calling it by name
class Desc:
    def __init__(self): self.n = 0
    def __get__(self, o, t=None):
        self.n += 1
        return self.n
class C:
    v = Desc()
c = C()
r = [c.v + f(x) for x in xs]

## descriptor set -> parallel
class Pos:
    def __set_name__(self, o, n): self.n = "_" + n
    def __get__(self, o, t=None): return getattr(o, self.n)
    def __set__(self, o, v):
        if v < 0: raise ValueError(v)
        setattr(o, self.n, v)
class C:
    v = Pos()
c = C()
for x in xs:
    c.v = f(x) if x != 5 else -1

## setattr hook -> parallel
class C:
    def __init__(self): object.__setattr__(self, "h", [])
    def __setattr__(self, n, v):
        self.h.append((n, v))
c = C()
for x in xs:
    c.z = f(x)

## total ordering -> parallel
import functools
@functools.total_ordering
class O:
    def __init__(self, v): self.v = v
    def __eq__(self, o): return self.v == o.v
    def __lt__(self, o): return self.v < o.v
bst = O(-1)
for x in xs:
    c = O(f(x) % 7)
    if c > bst:
        bst = c

## namedtuple with methods -> parallel parallel parallel
from typing import NamedTuple, Optional
class N(NamedTuple):
    a: int
    b: "Optional[N]" = None
    @property
    def twice(self): return self.a * 2
    def up(self): return self._replace(a=self.a + 1)
ns = [N(x) for x in xs]
r = [n.up() for n in ns]
q = [(n.twice, type(n) is N) for n in r]

## namedtuple with a new of its own -> parallel trivial
from collections import namedtuple
class Pt(namedtuple("Pt", "x y")):
    __slots__ = ()
    def __new__(cls, x): return super().__new__(cls, x, x * 2)
r = [Pt(f(x)) for x in xs]
q = [p.y for p in r]

## float with new -> parallel parallel
class Km(float):
    def __new__(cls, v, unit="m"):
        self = super().__new__(cls, v * 1000)
        self.unit = unit
        return self
r = [Km(x) for x in xs]
q = [(k + 1, k.unit, type(k) is Km) for k in r]

## str with new -> parallel parallel
class S(str):
    def __new__(cls, v): return super().__new__(cls, "<" + v + ">")
r = [S(str(x)) for x in xs]
q = [s.upper() for s in r]

## tuple with new -> parallel trivial
class V(tuple):
    def __new__(cls, *a): return super().__new__(cls, a)
r = [V(x, f(x)) for x in xs]
q = [v[1] for v in r]

## int with new -> parallel
class Even(int):
    def __new__(cls, v): return super().__new__(cls, v + v % 2)
    def __add__(self, o): return Even(int(self) + o)
r = [Even(f(x)) + 1 for x in xs]

## new counts -> parallel parallel; processes: fell back: Counted; threads: fell back
class Counted:
    n = 0
    def __new__(cls, *a):
        cls.n += 1
        return super().__new__(cls)
    def __init__(self, x): self.x = x
cs = [Counted(x) for x in xs]
r = [f(c.x) for c in cs]
q = Counted.n

## new counts the results -> parallel; processes: fell back: Counted; threads: fell back
class Counted:
    n = 0
    def __new__(cls, *a):
        cls.n += 1
        return super().__new__(cls)
    def __init__(self, x): self.x = x
r = [Counted(f(x)) for x in xs]
q = Counted.n

## singleton -> parallel identity
class One:
    _it = None
    def __new__(cls):
        if cls._it is None:
            cls._it = super().__new__(cls)
        return cls._it
a = One()
r = [(One(), f(x)) for x in xs]
q = all(o is a for o, _ in r)

## metaclass registry -> parallel
class Reg(type):
    known = {}
    def __new__(m, name, bases, ns):
        c = super().__new__(m, name, bases, ns)
        m.known[name] = c
        return c
class A(metaclass=Reg):
    def go(self, x): return f(x)
class B(A):
    def go(self, x): return f(x) + 1
r = [Reg.known["AB"[x % 2]]().go(x) for x in xs]
q = sorted(Reg.known)

## metaclass call singleton -> parallel; threads: may run it
class Single(type):
    made = {}
    def __call__(cls, *a):
        if cls not in Single.made:
            Single.made[cls] = super().__call__(*a)
        return Single.made[cls]
class Conf(metaclass=Single):
    def __init__(self): self.v = 3
Conf()
r = [Conf().v + f(x) for x in xs]
q = Conf() is Conf()

## init subclass registry -> parallel
class Plugin:
    known = {}
    def __init_subclass__(cls, **kw):
        super().__init_subclass__(**kw)
        Plugin.known[cls.__name__] = cls
class A(Plugin):
    def go(self, x): return f(x)
class B(Plugin):
    def go(self, x): return -f(x)
r = [[p().go(x) for p in Plugin.known.values()] for x in xs]

## slots with weakref -> parallel trivial
class Node:
    __slots__ = ("v", "left", "__weakref__")
    def __init__(self, v, left=None): self.v, self.left = v, left
r = [Node(f(x), Node(x)) for x in xs]
q = [n.left.v for n in r]

## frozen slots dataclass -> parallel parallel
from dataclasses import dataclass, field, replace
@dataclass(frozen=True, slots=True, order=True)
class D:
    a: int
    b: tuple = ()
r = [D(f(x), (x,)) for x in xs]
q = [replace(o, a=o.a + 1) for o in r]
m = max(r)

## keyword dataclass -> parallel parallel
from dataclasses import dataclass, field
@dataclass(kw_only=True)
class Base:
    n: int = 0
    log: list = field(default_factory=list, repr=False)
@dataclass(kw_only=True)
class Sub(Base):
    m: float = 1.5
    def __post_init__(self): self.log.append(self.n)
r = [Sub(n=f(x)) for x in xs]
q = [(o.log, o == Sub(n=o.n)) for o in r]

## typed dict -> parallel
from typing import TypedDict
class TD(TypedDict, total=False):
    a: int
    b: str
r = [TD(a=f(x)) for x in xs]

## isocalendar -> parallel trivial
import datetime
r = [datetime.date(2020, 1, 1 + x).isocalendar() for x in xs]
q = [c.week for c in r]

## enum auto -> parallel trivial
import enum
class Color(enum.IntEnum):
    RED = enum.auto()
    BLUE = enum.auto()
class Mode(str, enum.Enum):
    A = "a"
    B = "b"
r = [(Color(1 + x % 2), Mode("ab"[x % 2])) for x in xs]
q = [c is Color.RED or c is Color.BLUE for c, _ in r]

## enum with attributes -> parallel
import enum
class Planet(enum.Enum):
    EARTH = (1.0, 2.0)
    MARS = (3.0, 4.0)
    def __init__(self, m, r):
        self.m, self.r = m, r
    @property
    def g(self): return self.m / self.r
r = [(p, p.g * x) for p in Planet for x in xs[:2]]

## class from function -> parallel parallel
def build(k):
    class K:
        factor = k
        def __init__(self, x): self.x = x * self.factor
    return K
K = build(3)
r = [K(x) for x in xs]
q = [type(o) is K for o in r]

## instance of class made in iteration -> parallel parallel
def build(k):
    class K:
        factor = k
    return K()
r = [build(x) for x in xs]
q = [type(r[0]) is type(o) for o in r[1:]]
""")
