"""Kinds of classes: slots, metaclasses, dataclasses, enums, descriptors."""

from tabled import cells

CELLS = cells(r"""
## weakref -> parallel parallel forbidden; error: cannot be sent back
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

## slots -> parallel parallel parallel; told: S.work()
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

## metaclass -> parallel; processes: fell back; open: threads
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

## init subclass -> parallel; processes: fell back; open: threads race
reg = []
class B:
    def __init_subclass__(cls): reg.append(cls.__name__)
for x in xs:
    C = type("C%d" % x, (B,), {})
    out.append(f(x))

## new registry -> parallel; open: processes
class C:
    inst = {}
    def __new__(cls, k):
        if k not in cls.inst:
            cls.inst[k] = super().__new__(cls)
        return cls.inst[k]
    def __init__(self, k): self.k = k
r = [C(x % 3) for x in xs]
q = len(C.inst)

## dataclass factory -> parallel changes parallel
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

## flag enum -> parallel; processes: fell back
import enum
class F(enum.Flag):
    A = enum.auto()
    B = enum.auto()
r = [F.A | F(x % 4) for x in xs]

## namedtuple -> parallel parallel; open: processes; processes: `N: type` cannot be sent
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

## descriptor -> parallel; open: threads; processes: fell back; open: threads race
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
""")
