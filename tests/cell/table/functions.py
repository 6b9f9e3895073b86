"""Functions and classes of the notebook, and what they change."""

from tabled import cells

CELLS = cells(r"""
## logs in loop -> changes
for x in xs:
    out.append(logs(x))

## logs beside -> parallel
for x in xs:
    out.append(f(x))
    logs(x)

## def in cell -> parallel
def local(v):
    return f(v) + 1
for x in xs:
    out.append(local(x))

## def in cell logs -> changes
def local(v):
    log.append(v)
    return v
for x in xs:
    out.append(local(x))

## class in cell -> parallel
class Q:
    def __init__(self, v):
        self.v = v
    def get(self):
        return f(self.v)
for x in xs:
    out.append(Q(x).get())

## nested function change -> parallel
for x in xs:
    m = P(f(x))
    m.push(x)
    out.append(m)

## closure over loop name -> parallel parallel
for i in range(5):
    v = f(i)
    def h():
        return v
    out.append(h)
r = [h() for h in out]

## lambda over temporary -> parallel parallel
for x in xs:
    v = f(x)
    out.append(lambda: v)
r = [h() for h in out]

## function changes its argument -> parallel
def step(v):
    v.append(1)
    return len(v)
for x in xs:
    out.append(step(g(x)))

## function changes a temporary -> parallel
def step(v):
    v.append(1)
    return len(v)
for x in xs:
    w = g(x)
    n = step(w)
    out.append((n, w))

## function changes a broadcast -> parallel
def step(v):
    v.append(1)
    return len(v)
big = [0]
for x in xs:
    out.append(f(x) + step(big))

## key reads carried -> parallel
for x in xs:
    vals = sorted(g(x), key=lambda t: f(t) + total)
    total += len(vals)

## function counts in a dict -> parallel
st = {"n": 0}
def bump():
    st["n"] += 1
    return st["n"]
for x in xs:
    out.append(f(x) + bump())

## function counts in a closure -> parallel; told: what it calls was bound
def outer():
    n = 0
    def inner():
        nonlocal n
        n += 1
        return n
    return inner
h = outer()
for x in xs:
    out.append((f(x), h()))

## annotations of a function that the loop defines -> parallel
for x in xs:
    def g(y: int) -> "str":
        return f(y)
    notes = g(x), g.__annotations__["y"], g.__annotations__["return"]
    out.append(notes)

## annotations that the cell wants as text -> parallel
from __future__ import annotations
for x in xs:
    def g(y: int) -> str:
        return f(y)
    notes = g(x), g.__annotations__["y"]
    out.append(notes)

## function that is called what a lazy one of the library is called -> parallel
def walk(v):
    return f(v) * 3
---
for x in xs:
    out.append(walk(x))

## decorator's own function that keeps a log -> changes-global
import functools
def counted(function):
    @functools.wraps(function)
    def inner(*given):
        log.append(1)
        return function(*given)
    return inner
fun = counted(f)
---
for x in xs:
    out.append(fun(x))

## a dictionary's method that a class of the notebook has as well -> parallel
class Session:
    calls = 0
    def get(self, url, other=None):
        self.calls += 1
        return url
pages = {x: f"page {x}" for x in xs}
def fetch(x):
    return pages.get(x, "")
---
for x in pages:
    out.append(fetch(x).upper())

## a method that a class of the notebook has as well, of a dictionary of the notebook's -> changes
class Session(dict):
    calls = 0
    def get(self, url, other=None):
        self.calls += 1
        return url + 1
pages = Session()
def fetch(x):
    return pages.get(x, "")
---
for x in xs:
    out.append(fetch(x) + pages.calls)
r = pages.calls

## a method of a literal that a class of the notebook has as well -> parallel
class Path:
    def join(self, parts):
        log.append(parts)
        return self
def name(x):
    return "-".join([str(x), str(f(x))])
---
for x in xs:
    out.append(name(x))
""")
