"""Objects that methods and functions hand out: who changes those changes what the notebook calls otherwise."""

from tabled import cells

CELLS = cells(r"""
## iter hands out a list that the loop adds to -> parallel; told: why('alias')
class Bag:
    def __iter__(self): return iter(log)
bag = Bag()
---
for x in xs:
    out.append(f(x) + sum(bag))
    log.append(x)

## what iter hands out is changed -> parallel; told: why('alias')
class Bag:
    def __iter__(self): return iter([log])
bag = Bag()
---
for x in xs:
    t = f(x) + len(log)
    for l in bag: l.append(t)

## what enter hands out is changed -> parallel; told: why('alias')
class Cm:
    def __enter__(self): return log
    def __exit__(self, *a): pass
cm = Cm()
---
for x in xs:
    t = f(x) + len(log)
    with cm as l: l.append(t)

## what next hands out is changed -> parallel; told: why('alias')
class Nexts:
    def __iter__(self): return self
    def __next__(self): return log
it = Nexts()
---
for x in xs:
    t = f(x) + len(log)
    next(it).append(t)

## unpacked from what hands it out -> parallel; told: why('alias')
class Bag:
    def __iter__(self): return iter([log])
bag = Bag()
---
for x in xs:
    t = f(x) + len(log)
    l, = bag
    l.append(t)

## matched by a property -> parallel
class Bag:
    __match_args__ = ("l",)
    @property
    def l(self): return log
bag = Bag()
---
for x in xs:
    t = f(x) + len(log)
    match bag:
        case Bag(l):
            l.append(t)

## matched by a keyword -> parallel
class Bag:
    @property
    def l(self): return log
bag = Bag()
---
for x in xs:
    t = f(x) + len(log)
    match bag:
        case Bag(l=some):
            some.append(t)

## iter makes what hands it out -> parallel; told: why('alias')
class Nexts:
    def __next__(self): return log
class Bag:
    def __iter__(self): return Nexts()
bag = Bag()
---
for x in xs:
    t = f(x) + len(log)
    for l in bag:
        l.append(t)
        break

## descriptor hands out a list -> parallel; told: why('alias')
class D:
    def __get__(self, owner, kind): return log
class C:
    l = D()
c = C()
---
for x in xs:
    t = f(x) + len(log)
    c.l.append(t)

## new hands out a list -> parallel; told: why('alias')
class C:
    def __new__(cls): return log
---
for x in xs:
    t = f(x) + len(log)
    C().append(t)

## function in a dict hands out a list -> parallel; told: why('alias')
def get(): return log
def again(): return get()
fs = {"g": again}
---
for x in xs:
    t = f(x) + len(log)
    fs["g"]().append(t)

## generator function in a list hands out a list -> parallel; told: why('alias')
def each():
    yield log
fs = [each]
---
for x in xs:
    t = f(x) + len(log)
    for l in fs[0](): l.append(t)

## generator function hands out a list -> parallel
def each():
    yield log
---
for x in xs:
    t = f(x) + len(log)
    for l in each(): l.append(t)

## what iter() of a list gives is changed -> parallel; told: why('alias')
box = [log]
---
for x in xs:
    t = f(x) + len(log)
    for l in iter(box): l.append(t)

## what a chain gives is changed -> parallel; told: why('alias')
import itertools
box = [[log]]
---
for x in xs:
    t = f(x) + len(log)
    for l in itertools.chain.from_iterable(box): l.append(t)

## what a tee gives is changed -> parallel; told: why('alias')
import itertools
box = [log]
---
for x in xs:
    t = f(x) + len(log)
    for l in itertools.tee(box)[0]: l.append(t)

## what a sum of lists holds is changed -> parallel; told: why('alias')
box = [[log]]
---
for x in xs:
    t = f(x) + len(log)
    for l in sum(box, []): l.append(t)

## changed through a weak proxy -> parallel; told: acc
import weakref
pr = weakref.proxy(acc)
---
for x in xs:
    t = f(x) + len(acc.seen)
    pr.push(t)

## partial hands out a list -> parallel; processes: fell back; threads: fell back
import functools
def get(n): return log
p = functools.partial(get, 1)
---
for x in xs:
    t = f(x) + len(log)
    p().append(t)
    out.append(len(log))

## enter of a new object hands out a list -> parallel; processes: fell back; threads: fell back
class Cm:
    def __enter__(self): return log
    def __exit__(self, *a): pass
---
for x in xs:
    out.append(len(log))
    t = f(x) + len(log)
    with Cm() as l: l.append(t)

## iter of a class hands out a list -> parallel; processes: fell back; threads: fell back
class M(type):
    def __iter__(cls): return iter([log])
class C(metaclass=M): pass
---
for x in xs:
    out.append(len(log))
    t = f(x) + len(log)
    for l in C: l.append(t)

## found in the frame -> parallel; processes: fell back; threads: fell back
import sys
---
for x in xs:
    out.append(len(log))
    t = f(x) + len(log)
    sys._getframe().f_globals["log"].append(t)

## function that shows warnings keeps them -> parallel; told: fell back
import warnings
def show(*a, **k): log.append(1)
---
warnings.showwarning = show
for x in xs:
    t = f(x) + len(log)
    warnings.warn(f"x {t}")
    out.append(t)

## stream that keeps what is printed -> parallel; told: log
import contextlib
class Stream:
    def write(self, t): log.append(t)
    def flush(self): pass
st = Stream()
---
with contextlib.redirect_stdout(st):
    for x in xs:
        t = f(x) + len(log)
        print(t)
""")
