"""Results that are functions, methods, classes and exceptions, and what those hold."""

from tabled import cells

CELLS = cells(r"""
## results: sentinel class attribute -> parallel identity
class Opt:
    NONE = object()
    def __init__(self, v): self.v = v
def get(o): return o.v if o.v is not Opt.NONE else f(1)
opts = [Opt(Opt.NONE if x % 2 else x) for x in xs]
r = [get(o) for o in opts]

## results: bound method of item -> parallel parallel parallel; processes: fell back: items; threads: fell back
objs = [P(x) for x in xs]
def meth(o):
    f(o.x)
    return o.push
r = [meth(o) for o in objs]
for m in r: m(5)

## results: bound method of global -> parallel parallel; processes: fell back: items; threads: fell back
p = P(4)
def meth(x): return (f(x), p.push)
r = [meth(x) for x in xs]
for _, m in r: m(1)

## results: bound method of fresh -> parallel parallel parallel; processes: fell back: items; threads: fell back
def meth(x): return P(f(x)).push
r = [meth(x) for x in xs]
q = [m(1) for m in r]
q = [m(1) for m in r]

## results: builtin method of item -> trivial parallel parallel; processes: fell back: items; threads: fell back
lists = [[x] for x in xs]
def meth(l):
    f(l[0])
    return l.append
r = [meth(l) for l in lists]
for m in r: m(7)

## results: builtin method of fresh -> parallel parallel trivial; processes: fell back: items; threads: fell back
def meth(x): return [f(x)].append
r = [meth(x) for x in xs]
for m in r: m(7)
q = [m.__self__ for m in r]

## results: classes as results -> parallel trivial
def cls(x): return (P if x % 2 else dict, f(x))
r = [cls(x) for x in xs]
q = [c is P or c is dict for c, _ in r]

## results: functions as results -> parallel identity
def fn(x): return (f if x % 2 else odd, len, f(x))
r = [fn(x) for x in xs]
q = [a is f or a is odd for a, _, _ in r]

## results: closures -> parallel parallel
def adder(n):
    n = f(n)
    def add(v): return v + n
    return add
r = [adder(x) for x in xs]
q = [a(1) for a in r]

## results: closures that share -> parallel parallel parallel; processes: fell back: pair; threads: fell back
def pair(n):
    got = [f(n)]
    def put(v): got.append(v)
    def get(): return got
    return put, get
r = [pair(x) for x in xs]
for put, get in r: put(1)
q = [get() for put, get in r]

## results: closures nonlocal -> closure-state parallel parallel; processes: fell back: counter; threads: fell back
def counter(n):
    n = f(n)
    def up():
        nonlocal n
        n += 1
        return n
    def see(): return n
    return up, see
r = [counter(x) for x in xs]
for up, see in r: up()
q = [see() for up, see in r]

## results: lambda default -> keeps-function parallel
r = [(lambda v, x=x: v + x + f(0)) for x in xs]
q = [l(1) for l in r]

## results: partials -> changes-global parallel; processes: fell back: acc2; threads: fell back
from functools import partial
acc2 = []
def rec(a, b, c): acc2.append(a + b + c)
def mk(x): return partial(rec, f(x), c=1)
r = [mk(x) for x in xs]
for m in r: m(2)

## results: partial of item -> trivial parallel parallel
from functools import partial
objs = [[x] for x in xs]
def mk(o): return partial(sorted, o, key=abs), f(o[0])
r = [mk(o) for o in objs]
objs[0].append(-7)
q = [m[0]() for m in r]

## results: exceptions as results -> parallel changes-argument
class Bad(Exception):
    def __init__(self, code, why=None):
        super().__init__(code)
        self.code, self.why = code, why
def safe(x):
    try:
        if x % 2: raise Bad(x, why={"v": [x]})
        return f(x)
    except Bad as e:
        return e
r = [safe(x) for x in xs]
q = [e.why["v"] for e in r if isinstance(e, Bad)]

## results: exception with item -> trivial parallel trivial
objs = [[x] for x in xs]
def safe(o):
    try:
        raise ValueError(o)
    except ValueError as e:
        return e
r = [safe(o) for o in objs]
for e in r: e.args[0].append(1)

## results: exception groups -> parallel parallel; from: 3.11
def safe(x):
    e = ExceptionGroup("g", [ValueError(f(x)), KeyError(x)])
    e.add_note("n")
    return e
r = [safe(x) for x in xs]
q = [len(e.exceptions) for e in r]

## results: singleton function attribute -> parallel trivial
def calc(x): return calc.table, f(x)
calc.table = {"a": [1]}
r = [calc(x) for x in xs]
for t, _ in r: t["a"].append(1)

## results: class attribute list -> parallel trivial
class K:
    shared = []
    def __init__(self, x): self.x = f(x)
r = [K(x) for x in xs]
for o in r: o.shared.append(o.x)
q = K.shared

## results: class attribute returned -> parallel trivial
class K:
    table = {"a": [1]}
    @classmethod
    def get(cls, x): return cls.table["a"], f(x)
r = [K.get(x) for x in xs]
for v, _ in r: v.append(1)

## results: raised with item -> trivial parallel
objs = [[x] for x in xs]
class Err(Exception):
    def __init__(self, o, **k):
        super().__init__(o)
        self.o, self.k = o, k
def chk(o):
    if o[0] == 4: raise Err(o, deep={"o": [o]})
    return f(o[0])
try:
    r = [chk(o) for o in objs]
except Err as e:
    e.o.append(1)
    e.k["deep"]["o"][0].append(2)
    q = e.args[0] is e.o
""")
