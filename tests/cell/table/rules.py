"""Rows for rules of the analysis that no other row would miss: see ``bench/mutations.py``."""

from tabled import cells

CELLS = cells(r"""
## def in body that changes -> changes
for x in xs:
    def h():
        out.append(x)
        return f(x)
    log.append(h())

## def in body with a decorator -> keeps-function
import functools
for x in xs:
    @functools.lru_cache
    def h(v):
        return f(v) + x
    out.append(h(2))

## def in body with a default that is carried -> carried
for x in xs:
    def h(v=total):
        return v
    out.append(f(h()))
    total += x

## inner loop over a carried name -> maybe-carried
for x in xs:
    for total in range(x):
        out.append(f(total))
    seen.add(total)

## inner loop that stores its items -> reads-changed
for x in xs:
    for acc.x in range(2):
        out.append(f(acc.x))

## name deleted and made again -> parallel
for x in xs:
    tmp = f(x)
    if odd(tmp):
        del tmp
        tmp = 0
    out.append(tmp)

## looked at, handed over, changed, looked at -> parallel
for x in xs:
    part = g(x)
    log.append((len(part), total))
    out.append(part)
    part.append(f(x))
    total += len(part)
""")
