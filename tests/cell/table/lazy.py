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
""")
