"""Expressions hoisted out of commit statements."""

from tabled import cells

CELLS = cells(r"""
## ternary -> parallel
for x in xs:
    out.append(f(x) if total < 10 else fail(x))
    total += x

## boolop -> parallel
for x in xs:
    out.append(total > 5 and fail(x))
    total += x

## boolop loud -> parallel
for x in xs:
    out.append(total > 5 and loud(x))
    total += x

## unpack call -> parallel
for x in xs:
    out.append(max(*g(x), key=lambda t: t))

## f string -> parallel
for x in xs:
    out.append(f'{x}: {f(x)}')

## chained compare -> parallel
for x in xs:
    if 0 < f(x) < k:
        out.append(x)
""")
