"""Defaults, closures and when they are looked at."""

from tabled import cells

CELLS = cells(r"""
## mutable default -> changes
def m(x, seen=[]):
    seen.append(x)
    return len(seen) * f(x)
r = [m(x) for x in xs]

## mutable default dict cache -> changes
def m(x, memo={}):
    if x not in memo:
        memo[x] = f(x)
    return memo[x]
for x in xs:
    out.append(m(x))

## late binding closures -> keeps-function parallel
hs = [lambda: i * f(i) for i in range(4)]
r = [h() for h in hs]

## late binding loop -> parallel parallel
hs = []
for i in range(4):
    y = f(i)
    hs.append(lambda: i + y)
r = [h() for h in hs]

## late binding default -> parallel parallel
hs = []
for i in range(4):
    y = f(i)
    hs.append(lambda z=y: z)
r = [h() for h in hs]

## lambdas whose defaults compute -> parallel
r = [(lambda v, z=f(x): v + z) for x in xs]

## lambdas in tuples, with what else is computed -> parallel
r = [(x, f(x), lambda v, *, z=f(x): v + z + k) for x in xs]
k = 100
q = r[0][2](1)

## lambdas over an inner comprehension -> parallel
r = [[(lambda v: v + y) for y in range(f(x) % 4)] for x in xs]

## lambda that makes a lambda -> parallel
r = [(lambda n: lambda v: v + n)(f(x)) for x in xs]

## partial of a lambda -> parallel
from functools import partial
r = [partial(lambda a, b: a + b, f(x)) for x in xs]

## lambdas in objects -> parallel
r = [P(lambda z=f(x): z) for x in xs]

## lambdas in an inner comprehension that see the item -> keeps-function
r = [[(lambda v: v + y + f(x)) for y in range(2)] for x in xs]

## lambdas in a dict -> keeps-function
r = {x: (lambda v, z=f(x): v + z) for x in xs}

## lambdas by map -> keeps-function
r = list(map(lambda x: (lambda v, z=f(x): v + z), xs))

## only lambdas -> keeps-function
r = [(lambda x=x: f(x)) for x in xs]

## lambda with a default that computes, appended -> parallel
for x in xs:
    out.append(lambda v, *, z=f(x), w=1: v + z + w)

## lambda with a default that computes, stored -> parallel
for x in xs:
    d[x] = lambda v, z=f(x): v + z

## function with a default that computes -> parallel
for x in xs:
    def h(v, z=f(x), *, y=loud(x)):
        "What it does."
        return v + z + y
    out.append(h)

## function with a default that fails -> parallel
for x in xs:
    def h(v, z=fail(x)):
        return v + z
    out.append(h)

## function with a default that would fail, made on a condition -> parallel
for x in xs:
    if x not in seen and x < 4:
        seen.add(x)
        def h(v, z=fail(x)):
            return v + z
        out.append(h)

## decorated function with a default that computes -> parallel
def listed(function):
    log.append(function.__name__)
    return function
for x in xs:
    @listed
    def h(v: int, z=f(x)) -> int:
        return v + z
    out.append(h)
""")
