"""Objects that are new in an iteration, but hold what others hold, and functions that hold what they change."""

from tabled import cells

CELLS = cells(r"""
## reduce gives an item back -> parallel
import functools
for i in range(6):
    q = functools.reduce(lambda a, b: b, rows)
    q["y"] = f(i)
    out.append(f(len(rows[5])))

## nlargest holds items -> parallel
import heapq
for i in range(6):
    q = heapq.nlargest(1, rows, key=lambda r: r["x"])[0]
    q["y%d" % i] = f(i)
    out.append(f(len(rows[5])))

## getitem gives what a list holds -> parallel
import operator
for i in range(6):
    q = operator.getitem(rows, 0)
    q["y%d" % i] = f(i)
    out.append(f(len(rows[0])))

## cast gives its argument -> parallel
import typing
for i in range(6):
    q = typing.cast("dict", rows[0])
    q["y%d" % i] = f(i)
    out.append(f(len(rows[0])))

## views of memory that have been released -> parallel
views = [memoryview(b"ab"), memoryview(b"cd")]
views[0].release()
for v in views:
    out.append(f(v is None))

## memoryview of what the notebook holds -> reads-stored
b = bytearray(6)
for i in range(6):
    q = memoryview(b)
    q[i] = i + 1
    out.append(f(sum(b)))

## chain map over what the notebook holds -> parallel
import collections
base = {}
for i in range(6):
    q = collections.ChainMap(base, {1: 2})
    q[i] = f(i)
    out.append(f(len(base)))

## fromkeys shares its value -> parallel
for i in range(6):
    q = dict.fromkeys([1, 2], log)
    q[1].append(f(i))
    out.append(f(len(log)))

## nullcontext gives its argument -> reads-changed
import contextlib
for i in range(6):
    with contextlib.nullcontext(log) as q:
        q.append(f(i))
    out.append(f(len(log)))

## dataclass replaced shares its parts -> parallel
import dataclasses
@dataclasses.dataclass
class D:
    v: list
one = D([])
---
import dataclasses
for i in range(6):
    q = dataclasses.replace(one)
    q.v.append(f(i))
    out.append(f(len(one.v)))

## flipped view of an array -> parallel
import numpy as np
a = np.arange(6)
for i in range(6):
    q = np.flip(a)
    q[0] += f(i)
    out.append(f(int(a.sum())))

## part of an array by split -> parallel
import numpy as np
a = np.arange(6)
for i in range(6):
    q = np.split(a, 2)[0]
    q[0] += f(i)
    out.append(f(int(a.sum())))

## list doubled holds the same list -> parallel
for x in xs:
    w = [log] * 2
    w[0].append(f(x))
    out.append(f(len(log)))

## lists added hold the same list -> parallel
for x in xs:
    w = [] + [log]
    w[0].append(f(x))
    out.append(f(len(log)))

## dicts joined hold the same list -> parallel
for x in xs:
    w = {} | {"l": log}
    w["l"].append(f(x))
    out.append(f(len(log)))

## list added in place holds the same list -> parallel
for x in xs:
    w = []
    w += [log]
    w[0].append(f(x))
    out.append(f(len(log)))

## put into an own dict by key -> parallel
for x in xs:
    part = {}
    part["l"] = log
    part["l"].append(f(x))
    out.append(f(len(log)))

## put into an own list by append -> parallel
for x in xs:
    part = []
    part.append(log)
    part[0].append(f(x))
    out.append(f(len(log)))

## put into an own object -> parallel
for x in xs:
    q = P(x)
    q.seen = log
    q.seen.append(f(x))
    out.append(f(len(log)))

## put into an own object, changed by a method -> parallel
for x in xs:
    q = P(x)
    q.seen = log
    q.push(f(x))
    out.append(f(len(log)))

## put there by a function -> parallel
def put(v, w):
    v["w"] = w
for x in xs:
    a = {}
    put(a, log)
    a["w"].append(f(x))
    out.append(f(len(log)))

## put there by a method -> parallel; told: why('alias')
class R(P):
    def attach(self):
        self.seen = log
---
for x in xs:
    q = R(x)
    q.attach()
    q.seen.append(f(x))
    out.append(f(len(log)))

## one of own lists replaced by the notebook's -> parallel
for x in xs:
    part = [[] for _ in range(3)]
    part[1] = log
    for p in part:
        p.append(f(x))
    out.append(f(len(log)))

## exception holds a list of the notebook -> reads-changed
for x in xs:
    try:
        raise ValueError(log)
    except ValueError as e:
        e.args[0].append(f(x))
    out.append(f(len(log)))

## own object and its list -> parallel
for x in xs:
    q = P(x)
    q.seen.append(f(x))
    out.append(f(q.push(x)))

## class attribute changed through a new object -> parallel
class R:
    shared = []
    def __init__(self, x):
        self.x = x
---
for x in xs:
    q = R(x)
    q.shared.append(f(x))
    out.append(f(len(R.shared)))

## class attribute changed by a method -> parallel
class R:
    shared = []
    def note(self, v):
        self.shared.append(v)
        return len(self.shared)
---
for x in xs:
    q = R()
    out.append(q.note(f(x)) + f(len(R.shared)))

## class attribute given by a method -> parallel
class R:
    shared = {}
    def get(self):
        return self.shared
---
for x in xs:
    q = R().get()
    q[x] = f(x)
    out.append(f(len(R.shared)))

## class attribute that is a table -> parallel
class R:
    TABLE = {1: 2}
    def __init__(self, x):
        self.x = [x]
    def run(self):
        self.x.append(self.TABLE.get(1))
        return f(len(self.x))
---
for x in xs:
    q = R(x)
    out.append(q.run())

## new object holds a list of the notebook -> parallel
class R:
    def __init__(self, x):
        self.log = log
---
for x in xs:
    q = R(x)
    q.log.append(f(x))
    out.append(f(len(log)))

## new object holds a default -> parallel
class R:
    def __init__(self, x, held=[]):
        self.held = held
---
for x in xs:
    q = R(x)
    q.held.append(f(x))
    out.append(f(len(q.held)))

## new object holds what its base puts there -> parallel
class R(P):
    def __init__(self, x):
        super().__init__(x)
        self.seen.append(log)
---
for x in xs:
    q = R(x)
    q.seen[0].append(f(x))
    out.append(f(len(log)))

## one object of its class -> parallel
class R:
    one = None
    def __new__(cls):
        if cls.one is None:
            cls.one = super().__new__(cls)
            cls.one.n = 0
        return cls.one
R()
---
for x in xs:
    q = R()
    q.n += f(x)
    out.append(f(q.n))

## dataclass whose factory gives a list of the notebook -> parallel; told: why('alias')
import dataclasses
@dataclasses.dataclass
class D:
    x: int
    log: list = dataclasses.field(default_factory=lambda: log)
---
for x in xs:
    q = D(x)
    q.log.append(f(x))
    out.append(f(len(log)))

## dataclass with a list of its own -> parallel
import dataclasses
@dataclasses.dataclass
class D:
    x: int
    log: list = dataclasses.field(default_factory=list)
---
for x in xs:
    q = D(x)
    q.log.append(f(x))
    out.append(f(len(q.log)))

## named tuple with a default -> parallel; told: why('alias')
from collections import namedtuple
N = namedtuple("N", "a b", defaults=[log])
---
for x in xs:
    q = N(x)
    q.b.append(f(x))
    out.append(f(len(log)))

## enum member is not new -> parallel
from enum import Enum
class E(Enum):
    A = 1
    B = 2
E.A.seen = []
---
for x in xs:
    q = E(1)
    q.seen.append(f(x))
    out.append(f(len(E.A.seen)))

## class counted through an object -> class-attribute
class R:
    n = 0
    def __init__(self):
        type(self).n += 1
---
for x in xs:
    q = R()
    out.append(f(R.n))

## class counted through __class__ -> class-attribute
class R:
    n = 0
    def bump(self):
        self.__class__.n += 1
        return self
---
for x in xs:
    R().bump()
    out.append(f(R.n))

## class attribute assigned through type -> parallel
class R:
    n = 0
---
for x in xs:
    q = R()
    type(q).n += f(x)
    out.append(f(R.n))

## making a subclass changes a list -> changes-global
class R:
    def __init_subclass__(cls):
        log.append(1)
---
for x in xs:
    class S(R):
        pass
    out.append(f(len(log)))

## partial that holds what it changes -> parallel; told: why('alias')
import functools
def push(v, z):
    v.append(z)
    return len(v)
given = functools.partial(push, log)
---
for x in xs:
    out.append(given(f(x)) + f(len(log)))

## partial with a keyword that is changed -> parallel; told: why('alias')
import functools
def put(z, v=None):
    v.append(z)
    return z
given = functools.partial(put, v=log)
---
for x in xs:
    out.append(given(f(x)) + f(len(log)))

## partial that changes an own list -> parallel
import functools
def push(v, z):
    v.append(z)
    return len(v)
given = functools.partial(push, z=3)
---
for x in xs:
    part = [x]
    out.append(given(part) + f(len(part)))

## partial of a function that counts -> parallel
import functools
given = functools.partial(counts)
---
for x in xs:
    out.append(given(f(x)) + f(total))

## partial of a bound method -> parallel
import functools
given = functools.partial(log.append)
---
for x in xs:
    given(f(x))
    out.append(f(len(log)))

## append under a name of its own -> parallel
add = log.append
---
for x in xs:
    add(f(x))
    out.append(f(len(log)))

## append of a list that another holds -> parallel; told: why('alias')
cfg = {"l": [1, 2]}
add = cfg["l"].append
---
for x in xs:
    add(f(x))
    out.append(f(len(cfg["l"])))

## look-up under a name of its own -> parallel; told: why('alias')
look = d.get
---
for x in xs:
    d[x] = f(x)
    out.append(f(look(1, 0)))

## look-up inside a function -> parallel; told: why('alias')
def use(v):
    return look(v, 0)
look = d.get
---
for x in xs:
    d[x] = f(x)
    out.append(f(use(1)))

## append inside a function -> parallel
add = log.append
def use(v):
    add(v)
    return v
---
for x in xs:
    use(f(x))
    out.append(f(len(log)))

## append as an attribute -> parallel; told: why('alias')
class C:
    def __init__(self):
        self.add = log.append
c = C()
---
for x in xs:
    c.add(f(x))
    out.append(f(len(log)))

## builtins as items -> parallel
fns = [len, abs, len]
for fn in fns:
    out.append(f(len(fn.__name__)))

""")
