"""Memo tables."""

from tabled import cells

CELLS = cells(r"""
## cache -> parallel
import functools
@functools.lru_cache(maxsize=None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
r = [fib(x) for x in xs]

## cache with print -> parallel; open: threads
import functools
@functools.cache
def slow(x):
    print("computing", x)
    return f(x)
r = [slow(x) for x in xs]

## cache with print loop -> parallel; open: threads
import functools
@functools.cache
def slow(x):
    print("computing", x)
    return f(x)
for x in xs:
    out.append(slow(x))

## cache identity -> parallel; open: processes
import functools
@functools.cache
def made(x): return [x]
r = [made(x % 2) for x in xs]
q = r[0] is r[1]

## cached property -> parallel trivial forbidden
import functools
class C:
    def __init__(self, x): self.x = x
    @functools.cached_property
    def big(self):
        return f(self.x)
cs = [C(x) for x in xs]
r = [c.big for c in cs]
q = ["big" in vars(c) for c in cs]
""")
