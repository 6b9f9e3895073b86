"""Generator expressions, map and filter: lazy, in order, closed early."""

from tabled import cells

CELLS = cells(r"""
## genexp sum -> parallel
r = sum(f(x) for x in xs)

## genexp any stops -> parallel
r = any(loud(x) == 4 for x in xs)

## genexp filter -> parallel
r = list(f(x) for x in xs if odd(x))

## genexp nested -> parallel
r = list((a, f(b)) for a in xs for b in range(a))

## genexp raises -> parallel
r = []
r.extend(fail(x) for x in xs)

## map ends where its function says so -> parallel parallel
def some(x):
    if x == 5:
        raise StopIteration(x)
    return f(x)
r = list(map(some, xs))
out.extend(filter(some, xs * 9))

## map in a loop ends where its function says so -> parallel
def some(x):
    if x == 5:
        raise StopIteration(x)
    return f(x)
for y in map(some, xs):
    out.append(f(y))

## map goes on behind items that cost nothing and ends where its function says so -> parallel
def some(x):
    if x == 3990:
        raise StopIteration(x)
    return x
out.extend(map(some, range(4_000)))

## genexp whose function raises StopIteration -> parallel
def some(x):
    if x == 5:
        raise StopIteration(x)
    return f(x)
r = list(some(x) for x in xs)

## genexp next -> parallel
r = next(f(x) for x in xs if x > 3)

## genexp kept -> unsupported
q = (f(x) for x in xs)
r = list(q)

## genexp join -> parallel
r = ','.join(str(x) for x in xs)

## genexp infinite -> trivial
import itertools
r = next(v for v in (f(x) for x in itertools.count()) if v > 50)

## map -> parallel
r = list(map(f, xs))

## map two -> parallel
r = list(map(pow, xs, range(5)))

## map lambda -> parallel
r = list(map(lambda v: v + k, xs))

## map logs -> changes
r = list(map(logs, xs))

## map kept -> unsupported
r = map(f, xs)
r = list(r)

## filter -> parallel
r = list(filter(odd, xs))

## filter raises -> parallel
r = list(filter(fail, xs))

## map shadowed -> unsupported
def map(h, v):
    return [h(a) for a in v][::-1]
r = list(map(f, xs))

## generators collected -> trivial
r = [gen(x) for x in xs]

## generator in a branch -> parallel
a = 2
for x in xs:
    if a > 3:
        a = f(a) % 1009
    else:
        a = sum([q + a for q in gen(3) if a])

## coroutine run in the loop -> parallel
import asyncio
async def co(x): return f(x)
for x in xs:
    loop = asyncio.new_event_loop()
    out.append(loop.run_until_complete(co(x)))
    loop.close()
    del loop

## error of the iterable: comprehensions -> parallel
def broken():
    yield from (1, 2, 3)
    raise ValueError("no more")
out = {
    x: f(x)
    for x in broken()
}

## error of the iterable: a function takes the values -> parallel
def broken():
    yield from (1, 2, 3)
    raise ValueError("no more")
def added(values):
    return sum(values)
r = added(
    f(x)
    for x in broken()
    if f(x) > 0
)

## error in a condition: a function takes the values -> parallel
def added(values):
    return sum(values)
r = added(
    f(x)
    for x in xs
    if
    fail(x) > 0
)

## error in a condition: the builtin takes the values -> parallel
r = sum(
    f(x)
    for x in xs
    if
    fail(x) > 0
)

## error of what map goes over: a function takes the values -> parallel
def broken():
    yield from (1, 2, 3)
    raise ValueError("no more")
def added(values):
    return sum(values)
r = added(map(
    f,
    broken()))

## a function looks at the generator expression -> parallel
def look(values):
    code = values.gi_code
    return type(values).__name__, values.__name__, code.co_filename, next(values), values.close(), list(values)
r = look(f(x) for x in xs)
""")
