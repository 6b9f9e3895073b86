"""What ``class`` and ``def`` statements, descriptors and protocols run without calling it by name."""

from tabled import cells

CELLS = cells(r"""
## descriptor that counts gets -> parallel
class D:
    n = 0
    def __get__(self, o, t):
        D.n += 1
        return D.n
class C:
    v = D()
c = C()
---
for x in xs:
    out.append((f(x), c.v))

## descriptor with state in compute -> parallel; processes: fell back; threads: may run it; serial: fell back
class D:
    def __init__(self): self.n = 0
    def __get__(self, o, t):
        self.n += 1
        return self.n
class C:
    v = D()
c = C()
def use(x): return f(x) + c.v
---
r = [use(x) for x in xs]

## class decorator that logs -> parallel
def deco(c):
    log.append(c.__name__)
    return c
---
for x in xs:
    t = f(x)
    @deco
    class C: pass
    out.append((t, len(log)))

## function decorator that logs -> parallel
def deco(c):
    log.append(c.__name__)
    return c
---
for x in xs:
    t = f(x)
    @deco
    def inner(): pass
    out.append((t, len(log)))

## function decorator that logs, in a function -> changes-global
def deco(c):
    log.append(c.__name__)
    return c
def make(x):
    @deco
    def inner(): return x
    return f(inner()) + len(log)
---
r = [make(x) for x in xs]

## metaclass that logs -> parallel
class M(type):
    def __new__(m, n, b, d):
        log.append(n)
        return super().__new__(m, n, b, d)
---
for x in xs:
    t = f(x)
    class C(metaclass=M): pass
    out.append((t, len(log)))

## metaclass that logs, of a base -> parallel
class M(type):
    def __init__(m, n, b, d):
        log.append(n)
class B(metaclass=M): pass
---
for x in xs:
    t = f(x)
    class C(B): pass
    out.append((t, len(log)))

## metaclass prepares -> parallel
class M(type):
    @classmethod
    def __prepare__(m, n, b):
        log.append(n)
        return {}
---
for x in xs:
    t = f(x)
    class C(metaclass=M): pass
    out.append((t, len(log)))

## set_name registers -> parallel
class D:
    def __set_name__(self, owner, name): log.append(name)
---
for x in xs:
    t = f(x)
    class C:
        v = D()
    out.append((t, len(log)))

## set_name of an object that is there -> parallel
class D:
    def __set_name__(self, owner, name): log.append(name)
dd = D()
---
for x in xs:
    t = f(x)
    class C:
        v = dd
    out.append((t, len(log)))

## set_name inherited -> parallel
class D0:
    def __set_name__(self, owner, name): log.append(name)
class D(D0): pass
---
for x in xs:
    t = f(x)
    class C:
        v = D()
    out.append((t, len(log)))

## init_subclass fills a list of its base -> parallel
class B:
    made = []
    def __init_subclass__(cls, **k): cls.made.append(cls.__name__)
---
for x in xs:
    t = f(x)
    class C(B): pass
    out.append((t, len(B.made)))

## init_subclass by type call -> parallel; processes: fell back; threads: may run it
class B:
    def __init_subclass__(cls, **k): log.append(cls.__name__)
def make(x):
    type("C%d" % x, (B,), {})
    return f(x)
---
for x in xs:
    out.append((make(x), len(log)))

## double star what logs -> parallel; told: why('alias')
class M:
    def keys(self):
        log.append(1)
        return ["a"]
    def __getitem__(self, k): return len(log)
m = M()
---
for x in xs:
    t = f(x)
    out.append((t, {**m}, len(log)))

## print to what logs -> parallel; told: why('alias')
class S:
    def write(self, t): log.append(t)
    def flush(self): pass
st = S()
---
for x in xs:
    t = f(x)
    print(t, file=st)
    out.append((t, len(log)))

## set_name registers in a function -> changes-global
class D:
    def __set_name__(self, owner, name): log.append(name)
def make(x):
    class C:
        v = D()
    return f(x) + len(log)
---
r = [make(x) for x in xs]

## mapping in call with state -> parallel; processes: fell back; threads: fell back
class M:
    n = 0
    def keys(self):
        M.n += 1
        return ["a%d" % i for i in range(M.n)]
    def __getitem__(self, k): return 1
m = M()
def many(**a): return f(len(a))
---
r = [many(**m) for x in xs]

## star in call with state -> parallel; processes: fell back; threads: may run it
class It:
    n = 0
    def __iter__(self):
        It.n += 1
        return iter(range(It.n))
it = It()
def many(*a): return f(len(a))
---
r = [many(*it, x) for x in xs]

## instancecheck with state in match -> parallel; processes: fell back; threads: may run it
class M(type):
    n = 0
    def __instancecheck__(cls, o):
        M.n += 1
        return M.n % 2 == 0
class C(metaclass=M): pass
def use(x):
    match x:
        case C(): return f(x)
        case _: return 0
---
r = [use(x) for x in xs]

## match in a function with side effects -> parallel; processes: fell back; threads: fell back
class Pt:
    __match_args__ = ("a",)
    def __init__(self, v): self.v = v
    @property
    def a(self):
        log.append(self.v)
        return self.v
pts = [Pt(x) for x in xs]
def use(p):
    match p:
        case Pt(3): return "three"
        case Pt(v): return f(v)
---
r = [use(p) for p in pts]

## dataclass default factory with state -> parallel; processes: fell back; threads: may run it
from dataclasses import dataclass, field
def fresh():
    log.append(1)
    return len(log)
@dataclass
class D:
    v: int
    n: int = field(default_factory=fresh)
---
r = [D(f(x)) for x in xs]

## enum missing in commit -> parallel; processes: fell back; threads: fell back
import enum
class E(enum.Enum):
    A = 1
    @classmethod
    def _missing_(cls, v):
        log.append(v)
        return cls.A
---
for x in xs:
    t = f(x)
    out.append((E(x), t, len(log)))

## namedtuple by make -> parallel; processes: fell back; threads: fell back
from collections import namedtuple
N = namedtuple("N", "a b")
---
for x in xs:
    t = f(x) + len(log)
    N._make([x, log]).b.append(t)

## decimal context read, changed in the body -> environment
import decimal
def use(x): return decimal.Decimal(x) / 7
---
for x in xs:
    out.append(use(x))
    decimal.getcontext().prec = 5 + x
decimal.getcontext().prec = 28

## exception group raised by an iteration -> parallel
def risky(x):
    if x == 5: raise ExceptionGroup("g", [ValueError(x), KeyError(x)])
    return f(x)
---
for x in xs:
    out.append(risky(x))

## abc registered on the way -> class-attribute
import abc
class A(abc.ABC): pass
class B: pass
def use(x):
    if x == 4: A.register(B)
    return isinstance(B(), A), f(x)
---
r = [use(x) for x in xs]

## abc registered in commit -> reads-stored
import abc
class A(abc.ABC): pass
class B: pass
def use(x): return isinstance(B(), A), f(x)
---
for x in xs:
    out.append(use(x))
    if x == 4: A.register(B)

## builtins patched while the loop runs -> reads-stored
import builtins
keep = abs
def use(x): return abs(x) + f(x)
---
for x in xs:
    out.append(use(-x))
    if x == 4: builtins.abs = lambda v: 0
builtins.abs = keep

## function attribute's list -> parallel; told: why('alias')
def h(v): return v
h.hist = log
---
for x in xs:
    t = f(x) + len(log)
    h.hist.append(t)

## class attribute's list -> parallel; told: why('alias')
class C:
    hist = log
---
for x in xs:
    t = f(x) + len(log)
    C.hist.append(t)

## module attribute's list -> parallel; told: why('alias')
import types
m = types.ModuleType("m")
m.log = log
---
for x in xs:
    t = f(x) + len(log)
    m.log.append(t)

## closure cell changed -> reads-stored
def mk():
    n = 1
    def get(): return n
    return get
get = mk()
def use(x): return get() + f(x)
---
for x in xs:
    out.append(use(x))
    get.__closure__[0].cell_contents = x

## function's dict changed -> reads-stored
def h(v): return v + h.n
h.n = 1
def use(x): return h(x) + f(x)
---
for x in xs:
    out.append(use(x))
    h.__dict__["n"] = x

## through the module of the notebook -> reads-changed
def use(x): return len(log) + f(x)
---
for x in xs:
    out.append(use(x))
    use.__globals__["log"].append(x)

## keyword defaults -> reads-stored
def h(v, *, k=[]): return v + len(k)
def use(x): return h(x) + f(x)
---
for x in xs:
    out.append(use(x))
    h.__kwdefaults__["k"].append(x)

## new object into which another function puts what is shared -> changes-argument
shared = []
class Config:
    known = {}
    def __init__(self, x):
        self.w = []
def put(c): c.w = shared
def use(x):
    c = Config(x)
    put(c)
    c.w.append(3)
    return len(c.w)
---
for x in xs:
    out.append(use(x))

## new object whose list is its own -> parallel
class Config:
    known = {}
    def __init__(self, x):
        self.w = []
def use(x):
    c = Config(x)
    c.w.append(3)
    return len(c.w)
---
for x in xs:
    out.append(use(x))
""")
