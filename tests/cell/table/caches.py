"""Memo tables."""

from tabled import cells

CELLS = cells(r"""
## cache -> parallel
import functools
@functools.lru_cache(maxsize=None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
r = [fib(x) for x in xs]

## cache with print -> cached-output
import functools
@functools.cache
def slow(x):
    print("computing", x)
    return f(x)
r = [slow(x) for x in xs]

## cache with print loop -> cached-output
import functools
@functools.cache
def slow(x):
    print("computing", x)
    return f(x)
for x in xs:
    out.append(slow(x))

## cache identity -> parallel; processes: fell back
import functools
@functools.cache
def made(x): return [x]
r = [made(x % 2) for x in xs]
q = r[0] is r[1]

## cached property -> parallel parallel forbidden
import functools
class C:
    def __init__(self, x): self.x = x
    @functools.cached_property
    def big(self):
        return f(self.x)
cs = [C(x) for x in xs]
r = [c.big for c in cs]
q = ["big" in vars(c) for c in cs]

## cache of values -> parallel
import functools
@functools.cache
def made(x): return x + 1, "a"
r = [made(x % 2) for x in xs]

## cache with print in a function -> cached-output cached-output
import functools
@functools.lru_cache(maxsize=3)
def slow(x):
    loud(x)
    return f(x)
---
r = [slow(x) for x in xs]
for x in xs:
    out.append(slow(x))

## cache log -> cached-output
import functools, logging
@functools.cache
def slow(x):
    logging.getLogger("here").warning("slow %s", x)
    return f(x)
---
r = [slow(x) for x in xs]

## cache silent -> parallel parallel
import functools
@functools.cache
def slow(x): return f(x)
for x in xs:
    print(slow(x))
r = [slow(x) for x in xs]

## cached method print -> parallel; told: functools cache around it
import functools
class C:
    @functools.cache
    def get(self, x):
        print("get", x)
        return f(x)
c = C()
r = [c.get(x) for x in xs]

## cached function that only a container holds -> parallel
import functools
def plus(v):
    return f(v) + 1
do = {"a": functools.cache(plus), "b": [functools.lru_cache(maxsize=2)(plus)]}
---
for x in xs:
    out.append((do["a"](x), do["b"][0](x)))

## cached function that prints, in a dict -> parallel; processes: prints at line 4; threads: prints at line 4
import functools
@functools.cache
def slow(x):
    print("computing", x)
    return f(x)
do = {"a": slow}
---
for x in xs:
    out.append(do["a"](x))

## cached function that prints, in a default -> parallel; processes: loud() prints; threads: loud() prints
import functools
@functools.cache
def slow(x):
    return f(loud(x))
def get(x, how=[slow]):
    return how[0](x)
---
r = [get(x) for x in xs]

## cached function that warns, behind a partial -> parallel; told: warns
import functools, warnings
@functools.cache
def slow(x):
    warnings.warn("computing")
    return f(x)
get = functools.partial(slow)
---
r = [get(x) for x in xs]

## cached property that prints, of objects in a list -> parallel; processes: keeps what it; threads: keeps what it
import functools
class C:
    @functools.cached_property
    def big(self):
        print("computing")
        return f(2)
cs = [C(), C()]
---
r = [cs[x % 2].big + x for x in xs]

## cached property that prints, of objects that have it -> parallel
import functools
class C:
    @functools.cached_property
    def big(self):
        print("computing")
        return f(2)
cs = [C(), C()]
for c in cs: c.big
del c
---
r = [cs[x % 2].big + x for x in xs]

## cached function with a log, in a default -> parallel; processes: changes 'log'; threads: changes 'log'; serial: log
import functools
@functools.cache
def slow(x):
    log.append(x)
    return f(x)
def get(x, how=[slow]):
    return how[0](x)
---
r = [get(x) for x in xs]

## cache_info after the loop -> parallel; told: asks how often
import functools
@functools.lru_cache
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
---
r = [fib(x) for x in xs]
info = str(fib.cache_info())

## cache_info in the loop -> parallel; told: asks how often
import functools
@functools.lru_cache
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
---
for x in xs:
    out.append((fib(x), fib.cache_info().hits))

## cache_info in a function -> parallel; told: told() asks how often
import functools
@functools.lru_cache
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
def told(): return str(fib.cache_info())
---
for x in xs:
    out.append(fib(x))
info = told()

## cache_info of a method -> parallel; told: asks how often
import functools
class C:
    @functools.lru_cache
    def fib(self, n): return n if n < 2 else self.fib(n - 1) + self.fib(n - 2)
c = C()
---
r = [c.fib(x) for x in xs]
info = str(C.fib.cache_info())

## cached property of an object that iterations share -> parallel
import functools
class C:
    def __init__(self, x): self.x = x
    @functools.cached_property
    def big(self): return f(self.x)
    @functools.cached_property
    def unused(self): return 1
c, cs = C(2), [C(0), C(1), C(2)]
---
for x in xs:
    out.append(c.big + cs[x % 2].big + x)

## functions by the class of their argument, which remember what they have found -> parallel
import functools
@functools.singledispatch
def shown(v): return "object"
@shown.register
def _(v: int): return f(v)
@shown.register
def _(v: str): return v * 2
---
for x in [1, "a", 2.0, True, None]:
    out.append(shown(x))
del shown, _

## cached property of items, handed on -> parallel
import functools
class C:
    def __init__(self, x): self.x = x
    @functools.cached_property
    def big(self): return [f(self.x)]
cs = [C(x) for x in xs]
---
for c in cs:
    out.append(c.big)

## cached property of items, used by a function -> parallel
import functools
class C:
    def __init__(self, x): self.x = x
    @functools.cached_property
    def big(self): return [f(self.x)]
    @functools.cached_property
    def bigger(self): return [self.big, f(self.x)]
def use(c): return len(c.bigger)
cs = [C(x) for x in xs]
---
r = [use(c) for c in cs]

## cached property of items that is dropped -> parallel
import functools
class C:
    def __init__(self, x): self.x = x
    @functools.cached_property
    def big(self): return [f(self.x)]
cs = [C(x) for x in xs]
---
for c in cs:
    out.append(c.big)
    del c.big

## cached property of a shared object, handed on -> parallel; processes: what C.big has computed
import functools
class C:
    def __init__(self, x): self.x = x
    @functools.cached_property
    def big(self): return [f(self.x)]
c = C(3)
def use(x): return c.big, f(x)
---
r = [use(x) for x in xs]

## cached property of an object that items share -> parallel; processes: what C.big has computed
import functools
class C:
    def __init__(self, x): self.x = x
    @functools.cached_property
    def big(self): return [f(self.x)]
class D:
    def __init__(self, c): self.c = c
    @functools.cached_property
    def all(self): return {"big": self.c.big}
c = C(3)
ds = [D(c) for x in xs]
---
for d in ds:
    out.append(f(len(d.all)))

## cached property of an object that comes many times -> parallel; processes: what C.big has computed
import functools
class C:
    def __init__(self, x): self.x = x
    @functools.cached_property
    def big(self): return [f(self.x)]
c = C(3)
---
for d in [c] * 8:
    out.append(d.big)

## cached property that prints, of an object that comes many times -> parallel; processes: what C.big has computed
import functools
class C:
    def __init__(self, x): self.x = x
    @functools.cached_property
    def big(self):
        print("once")
        return f(self.x)
c = C(3)
---
for d in [c] * 8:
    out.append(d.big)

## cached property that changes what is outside -> changes-global
import functools
class C:
    def __init__(self, x): self.x = x
    @functools.cached_property
    def big(self):
        log.append(self.x)
        return f(self.x)
cs = [C(x) for x in xs]
---
for c in cs:
    out.append(c.big)

## cached property of an item that fails -> parallel
import functools
class C:
    def __init__(self, x): self.x = x
    @functools.cached_property
    def big(self): return fail(self.x)
---
for x in xs:
    out.append(C(x).big)

## item without a text of its own, of an iteration that fails -> parallel
cs = [P(x) for x in xs]
---
for c in cs:
    out.append(fail(c.x))
""")
