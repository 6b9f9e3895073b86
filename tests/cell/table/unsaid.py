"""What a loop's body changes in methods that are not called by name, and workers read."""

from tabled import cells

CELLS = cells(r"""
## setter of a property that keeps a log -> parallel; told: 'log' is changed
class A:
    @property
    def v(self): return 1
    @v.setter
    def v(self, value): log.append(value)
a = A()
---
for x in xs:
    a.v = f(x + len(log))

## item assignment that keeps a log -> parallel; told: 'log' is changed
class A:
    def __setitem__(self, k, value): log.append(value)
a = A()
---
for x in xs:
    a[x] = f(x + len(log))

## addition in place that counts in a global -> parallel; told: 'k' is changed
class A:
    def __iadd__(self, value):
        global k
        k += 1
        return self
def reads_k(x): return f(x) + k
a = A()
---
for x in xs:
    a += reads_k(x)

## addition from the right that keeps a log -> parallel; told: 'log' is changed
class A:
    def __init__(self, v): self.v = v
    def __radd__(self, other):
        log.append(other)
        return other + self.v
def made(x): return A(f(x) + len(log))
---
for x in xs:
    total += made(x)

## missing key that keeps a log -> parallel; told: 'log' is changed
class D(dict):
    def __missing__(self, key):
        log.append(key)
        return 0
a = D()
---
for x in xs:
    a[x] += f(x + len(log))

## factory of a defaultdict that keeps a log -> parallel; told: 'log' is changed
def made():
    log.append(1)
    return 0
a = defaultdict(made)
---
for x in xs:
    a[x] += f(x + len(log))

## log that is read under another name -> parallel; told: is 'log', which the loop changes
other = [log]
class A:
    def __setitem__(self, k, value): log.append(value)
a = A()
---
for x in xs:
    a[x] = f(x + len(other[0]))

## log that workers do not read -> parallel
class A:
    def __setitem__(self, k, value): log.append(value)
a = A()
---
for x in xs:
    a[x] = f(x)

## item assignment into a list that is held -> parallel; told: is part of 'a'
class A:
    def __init__(self): self.log = [1]
    def __setitem__(self, k, value): self.log.append(value)
a = A()
ys = a.log
---
for x in xs:
    a[x] = f(x + len(ys))

## first of chained dicts, read by its own name -> parallel; told: is part of 'cm'
from collections import ChainMap
base = {"n": 1}
cm = ChainMap(base, {"m": 2})
---
for x in xs:
    cm["n"] = f(base["n"] + x) % 5

## setter that stores into a list that is held -> parallel; told: is part of 'a'
class A:
    def __init__(self): self.log = [1]
    @property
    def v(self): return 1
    @v.setter
    def v(self, value): self.log.append(value)
a = A()
ys = a.log
---
for x in xs:
    a.v = f(x + len(ys))

## attribute of an object that holds what is read -> parallel
class A:
    def __init__(self, held): self.held = held
a = A(xs)
---
for x in xs:
    a.v = f(x + len(xs))

## comprehension, whose values meet no operator -> parallel
class A:
    def __iadd__(self, value):
        log.append(value)
        return self
a = A()
---
r = [f(x + len(log)) for x in xs]

## context manager that sets and puts back what others read -> parallel; threads: iterations on threads may run it
mode = ["a"]
class M:
    def __enter__(self): mode[0] = "b"
    def __exit__(self, *e): mode[0] = "a"
m = [M()]
def inside(x):
    with m[0]:
        return f(x), mode[0]
---
r = [(inside(x), mode[0]) for x in xs]

## iterator in a list, which iterations take from -> parallel; threads: moves on when it is used; processes: fell back
its = [iter(range(100))]
def taken(x):
    for i in its[0]:
        return f(x) + i
---
r = [taken(x) for x in xs]

## handler of records that keeps a log -> parallel; told: 'log' is changed
import logging
class Keeps(logging.Handler):
    def emit(self, record): log.append(record.getMessage())
logger = logging.Logger("keeps")
logger.addHandler(Keeps())
---
for x in xs:
    logger.warning("%s", f(x + len(log)))
logger = logger.name

## object that an iteration makes, whose method keeps a log nobody reads -> parallel; threads: may run it; serial: log
class A:
    def __init__(self, v): self.v = v
    def __radd__(self, other):
        log.append(other)
        return other + self.v
def made(x): return A(f(x))
---
for x in xs:
    total += made(x)
""")
