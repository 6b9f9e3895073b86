"""NaN, minus zero, hashes, complex and decimal numbers."""

from tabled import cells

CELLS = cells(r"""
## nan keys -> trivial
nan = float("nan")
for x in [nan, nan, 1.0]:
    d[x] = str(x)
r = len(d)

## nan key new -> parallel
for x in xs:
    d[float("nan")] = f(x)
r = len(d)

## nan identity -> trivial
nan = float("nan")
r = [v in [nan] for v in [nan, float("nan")]]

## minus zero -> parallel parallel
r = [x * -0.0 for x in [0.0, 1.0, -1.0]]
t = -0.0
for x in [0.0, -0.0]:
    t += x * 1

## custom hash -> parallel parallel trivial trivial
class K:
    def __init__(self, v): self.v = v
    def __hash__(self): return self.v % 3
    def __eq__(self, o): return self.v == o.v
ks = [K(x) for x in xs]
for kk in ks:
    d[kk] = f(kk.v)
r = {kk for kk in ks}
q = [kk in r for kk in ks]

## eq counts -> parallel trivial; threads: calling it by name
class K:
    n = 0
    def __init__(self, v): self.v = v
    def __hash__(self): return 1
    def __eq__(self, o):
        K.n += 1
        return self.v == o.v
ks = [K(x) for x in xs]
for kk in ks:
    seen.add(kk)
r = K.n

## eq array -> changes
import numpy as np
arrs = [np.arange(3), np.arange(3) + 1]
for a in arrs:
    b = a * 2
    out.append(b)
    if any((b == c).all() for c in out[:-1]):
        total += 1

## complex -> parallel
z = 0j
for x in xs:
    z = z * z + complex(x, f(x)) / 100

## decimal context -> parallel
import decimal
decimal.getcontext().prec = 5
r = [decimal.Decimal(1) / decimal.Decimal(x) for x in xs]
decimal.getcontext().prec = 28

## decimal localcontext -> parallel
import decimal
with decimal.localcontext() as ctx:
    ctx.prec = 7
    r = [decimal.Decimal(1) / x for x in xs]

## decimal flags -> parallel
import decimal
decimal.getcontext().clear_flags()
r = [decimal.Decimal(1) / x for x in xs]
q = bool(decimal.getcontext().flags[decimal.Inexact])
decimal.getcontext().clear_flags()

## context var -> parallel; processes: `cv: _contextvars.ContextVar` cannot be sent
import contextvars
cv = contextvars.ContextVar("cv", default=1)
cv.set(5)
r = [cv.get() + f(x) for x in xs]

## context var set -> parallel
import contextvars
cv = contextvars.ContextVar("cv", default=1)
for x in xs:
    out.append(cv.get())
    cv.set(f(x))

## locale -> parallel
import locale
r = [locale.format_string("%d", f(x), grouping=True) for x in xs]

## decimal flags of a loop -> parallel trivial
import decimal
decimal.getcontext().clear_flags()
for x in xs:
    total += decimal.Decimal(f(x)).sqrt()
q = [s.__name__ for s, on in decimal.getcontext().flags.items() if on]
decimal.getcontext().clear_flags()
""")
