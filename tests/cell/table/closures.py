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
""")
