"""Compound statements, one by one."""

from tabled import cells

CELLS = cells(r"""
## if elif else -> parallel
for x in xs:
    if f(x) > 50:
        out.append("big")
    elif f(x) > 10:
        out.append("mid")
    else:
        out.append("small")

## while else -> parallel
for x in xs:
    n = f(x)
    while n > 3:
        n //= 2
        if n == 7:
            break
    else:
        n = -n
    out.append(n)

## while true commit -> carried
for x in xs:
    while True:
        total += f(x)
        if total > 300 or total % 3 == 0:
            break
        total += 1

## for else break -> parallel
for x in xs:
    for j in range(x):
        if f(j) == 10:
            out.append(("found", x))
            break
    else:
        out.append(("none", x))

## for nested break outer else -> parallel
for x in xs:
    for j in range(x):
        if f(j) > 30:
            break
    else:
        continue
    out.append((x, j))
    break
else:
    out.append("never")

## for target swap -> parallel
for a, b in [(1, 2), (3, 4)]:
    a, b = b, a
    out.append((f(a), b))

## try all -> parallel
for x in xs:
    try:
        y = fail(x)
    except (KeyError, ValueError) as e:
        y = e.args
    else:
        y = (y, f(y))
    finally:
        total += x
    out.append(y)

## try nested -> parallel
for x in xs:
    try:
        try:
            y = fail(x)
        finally:
            log.append(("in", x))
    except ValueError:
        y = None
    out.append(y)

## try finally overrides -> parallel
for x in xs:
    try:
        raise KeyError(f(x))
    except KeyError as e:
        out.append(e.args)
    finally:
        if x == 9:
            break

## except name deleted -> parallel; told: bound in this cell
e = "before"
for x in xs:
    try:
        fail(x)
    except ValueError as e:
        pass
    out.append(f(x))
r = "e" in dir()

## with two -> changes-global
import contextlib
@contextlib.contextmanager
def ctx(name, v):
    log.append(("enter", name))
    try:
        yield v
    finally:
        log.append(("exit", name))
for x in xs:
    with ctx("a", x) as a, ctx("b", f(x)) as b:
        out.append(a + b)

## with compute -> parallel
import contextlib
@contextlib.contextmanager
def ctx(v):
    yield v + 1
for x in xs:
    with ctx(f(x)) as a:
        y = a * 2
    out.append(y)

## with class state -> with-block
class Cm:
    depth = 0
    def __enter__(self):
        Cm.depth += 1
        return Cm.depth
    def __exit__(self, *e):
        Cm.depth -= 1
        return e[0] is ValueError
for x in xs:
    with Cm() as dpt:
        out.append((dpt, fail(x)))

## with outer lock -> parallel
import threading
lock = threading.Lock()
for x in xs:
    y = f(x)
    with lock:
        out.append(y)
del lock

## with target subscript -> parallel; told: 'd'
import contextlib
for x in xs:
    with contextlib.nullcontext(f(x)) as d[x]:
        total += d[x]

## match literals -> parallel
for x in xs:
    match f(x):
        case 2 | 5:
            out.append("small")
        case 10:
            out.append("ten")
        case int(v) if v > 30:
            out.append(v)
        case _:
            out.append(None)

## match structure -> parallel
data = [{"k": "p", "v": [1, 2]}, {"k": "q"}, [1, 2, 3], (4,), "s", P(3), None, -1, 2.5]
for item in data:
    match item:
        case {"k": "p", "v": [a, b], **rest}:
            out.append((f(a), b, rest))
        case {"k": kk}:
            out.append(kk)
        case [1, *mid, 3]:
            out.append((mid, f(1)))
        case (only,):
            out.append(only)
        case str() as s:
            out.append(s * 2)
        case P(x=px):
            out.append(f(px))
        case None:
            out.append("none")
        case -1 | 2.5 as num:
            out.append(num)

## match captures leak -> parallel
for item in [(1, 2), (3, 4, 5), 6]:
    match item:
        case (a, b):
            y = f(a) + b
        case (a, *b):
            y = f(a)
        case z:
            y = z
    out.append(y)

## match guard effect -> changes-global
for x in xs:
    match x:
        case v if logs(v) > 3:
            out.append(f(v))
        case _:
            out.append(0)

## def decorators -> parallel
def twice(fn):
    def w(*a):
        return fn(*a) * 2
    return w
for x in xs:
    @twice
    def h(z, y=f(x)):
        return z + y
    out.append(h(x))

## def closure cell -> parallel
for x in xs:
    y = f(x)
    def mk():
        n = y
        def inc():
            nonlocal n
            n += 1
            return n
        return inc
    h = mk()
    h()
    out.append(h())

## def generator in body -> yields
for x in xs:
    def stream():
        for i in range(x):
            yield f(i)
    out.append(list(stream()))

## def recursive -> maybe-carried
for x in xs:
    def fact(n):
        return 1 if n < 2 else n * fact(n - 1)
    out.append(fact(x))

## class body -> keeps-function
for x in xs:
    class C(P):
        val = f(x)
        def double(self):
            return super().double() + self.val
    out.append(C(x).double())

## class kept -> keeps-function trivial
for x in xs[:3]:
    class C:
        val = f(x)
    out.append(C)
r = [c.val for c in out]

## async def -> reads-changed
import asyncio
---
for x in xs:
    async def co():
        return f(x)
    loop = asyncio.new_event_loop()
    out.append(loop.run_until_complete(co()))
    loop.close()
    del loop
""")
