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

## a recurrence of numbers inside an iteration -> parallel
def step(state, push):
    angle, speed = state
    speed += 0.01 * (push - 0.2 * speed)
    return angle + 0.01 * speed, speed
ends = {}
for x in xs:
    state = (f(x) / 2, 0.0)
    for push in xs:
        state = step(state, push)
    ends[x] = state[0]

## a function of a module by a name made of text -> parallel
import math
for name in ("1p", "2", "10"):
    for x in xs:
        d[name, x] = getattr(math, f"log{name}")(f(x))

## a function of a module by a name that may be one that changes -> reads-changed
import bisect
for name in ("ort", "ort_left"):
    for x in xs:
        out.append((getattr(bisect, f"ins{name}")(log, f(x)), len(log)))
""")
