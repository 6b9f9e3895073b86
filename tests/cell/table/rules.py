"""Rows for rules of the analysis that no other row would miss: see ``bench/rules.py``."""

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

## inner loop over a carried name -> parallel
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

## a function of a module by a name that may be one that changes -> parallel
import bisect
for name in ("ort", "ort_left"):
    for x in xs:
        out.append((getattr(bisect, f"ins{name}")(log, f(x)), len(log)))

## comprehension that stores its items -> stores-items
r = [f(acc.x) for acc.x in xs]

## first iterable of a comprehension changes a list -> parallel
r = [f(v) for v in [logs(1), 2, len(log)]]

## walrus read by a lambda in a comprehension -> walrus
r = [((v := f(x)), (lambda: v)()) for x in xs]

## nested comprehension that calls nothing -> parallel
grid2 = [[1, 2], [3], [4, 5]]
r = [v for w in grid2 for v in w]

## records of a logger -> parallel
import logging
logger = logging.getLogger("of the table")
---
for x in xs:
    logger.debug("value %s", f(x))
    out.append(f(x))

## negative number added to an argument -> parallel
def step(v):
    v += -1
    return v
---
for x in xs:
    out.append(step(f(x)))

## product added to an argument -> parallel
def step(v, w):
    v += w * 2
    return v
---
for x in xs:
    out.append(step(f(x), x))

## function without a source -> no-source
exec("def without(x):\n    return x + 1")
---
r = [without(x) for x in xs]

## lambda in a partial that is kept -> parallel
import functools
for i in range(4):
    out.append(functools.partial(lambda a: a + i, f(i)))
r = []
while out:
    r.append(out.pop(0)())

## object that keeps a lambda -> keeps-function
for i in range(4):
    out.append(P(lambda: i))
r = []
while out:
    r.append(out.pop(0).x())

## file that each iteration writes anew -> writes-file
import os, tempfile
path = os.path.join(tempfile.mkdtemp(), "same")
def save(x):
    with open(path, "w") as fh:
        fh.write(str(x))
    return f(x)
---
r = [save(x) for x in xs]
with open(path) as fh:
    q = fh.read()
os.remove(path)
os.rmdir(os.path.dirname(path))
path = fh = None

## list that a closure keeps -> closure-state
def counter():
    kept = []
    def count(x):
        kept.append(x)
        return len(kept)
    return count
count = counter()
---
r = [count(x) for x in xs]

## name bound anew where the commit part decides -> parallel
for x in xs:
    v = x
    if total > 10:
        v = f(x)
    total += x
    out.append(f(v))

## what a with opens, read by the commit part -> trivial
import contextlib
for x in xs:
    with contextlib.nullcontext(f(x)) as v:
        total += v

## import of everything in the body -> parallel
for x in xs:
    from math import *
    out.append(f(x))

## function of the body that reads what is carried -> parallel
for x in xs:
    def h(v): return f(v) + total
    out.append(h(f(x)))
    total += x

## id in the commit part alone -> parallel parallel
objs = [P(i) for i in range(5)]
for o in objs:
    d[id(o)] = f(o.x)
r = list(d.values())
d.clear()

## test that is not reached -> parallel
for x in xs:
    if total > 5:
        if fail(x) > 3:
            out.append(x)
    total += f(x) % 3 + x % 2
    log.append(f(x))

## operand that is not reached and fails -> parallel
for x in xs:
    total += (total > 100 and fail(x)) or f(x)
    log.append(g(x))

## branch of an expression that is not reached and fails -> parallel
for x in xs:
    total += fail(x) if total > 100 else f(x)
    log.append(g(x))

## loop variable in a branch before it is bound again -> parallel
for x in xs:
    if total > 4:
        out.append(f(x))
    else:
        out.append(g(x))
    while x > total:
        x -= 1
    total += x

## annotated name that workers alone read -> parallel
for x in xs:
    v: int = f(x)
    out.append(len(g(v)))
r = __annotations__

## last value that an item gave before it was changed -> parallel
for row in rows:
    if row["x"] < 4:
        v = g(row["x"])
    row["x"] = f(row["x"])

## two views of an array that has no name -> parallel; told: Memory of
import numpy as np
a = np.zeros(8)
v, w = a[:6], a[3:]
a = np.arange(3.0)
---
for i in xs[:4]:
    v[3] += f(i) + float(w[0:1].sum())
v = w = None

## items that hold what the loop changes by name -> parallel; told: 'the iterable[0][0]' is 'log'
pairs = [(log, i) for i in range(5)]
---
for p in pairs:
    log.append(f(len(p[0])))

## figure that a return leaves open -> display-state
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
def draw(x):
    fig = plt.figure()
    if x > 2:
        return f(x)
    plt.close(fig)
---
r = [draw(x) for x in xs]
plt.close("all")

## figures that are counted -> display-state
import matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
def draw(x):
    fig = plt.figure()
    n = len(plt.get_fignums())
    plt.close(fig)
    return n
---
r = [draw(x) for x in xs]

## generator that the cell gives a name -> parallel; told: bound in this cell
make = gen
for x in xs:
    d[x] = make(f(x))
r = [*d[1], *d[9]]

## shuffled by a generator of one's own -> reads-changed
rng = random.Random(1)
log += [1, 2, 3]
---
for x in xs:
    rng.shuffle(log)
    out.append(f(log[0]))

## property that counts -> changes-global
class Counts:
    @property
    def n(self):
        log.append(1)
        return len(log)
it = Counts()
---
r = [f(it.n) for x in xs]

## array that a function writes into -> reads-changed
import numpy as np
a = np.zeros(3)
---
for x in xs:
    np.cumsum([x, x, x], out=a)
    out.append(f(float(a[2])))
""")
