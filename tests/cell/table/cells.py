"""Several loops, and what stands around them."""

from tabled import cells

CELLS = cells(r"""
## several loops same object -> parallel parallel parallel parallel
for x in xs:
    out.append(f(x))
for x in xs:
    out.append(len(out) + f(x))
for i, v in enumerate(out):
    d[i] = f(v)
for q in d.values():
    total += f(q)

## function loop -> changes
def work(v):
    res = []
    for x in v:
        res.append(f(x))
        log.append(x)
    return res
r = work(xs)
for x in xs:
    out += work([x])

## main guard -> parallel
if __name__ == "__main__":
    for x in xs:
        out.append(f(x))

## star import used -> parallel
from math import *
for x in xs:
    out.append(sqrt(f(x)) + pi)

## star import shadows -> parallel; told: the lambda changes 'log'
from math import *
pow = lambda a, b: log.append(a) or a
r = [pow(f(x), 2) for x in xs]
del pow

## text added to and joined -> parallel parallel
s = ""
for x in xs:
    s = s + str(f(x)) + ","
t = "".join(str(f(x)) for x in xs)

## slices -> parallel parallel
v = list(range(20))
for i, x in enumerate(xs):
    v[i:i + 2] = [f(x)]
w = v[:]
for i in range(3):
    v[::7] = [f(i)] * len(v[::7])

## slice delete -> parallel
v = list(range(40))
for x in xs:
    y = f(x)
    del v[x:x + 2]
    v.insert(0, y)

## time dependent -> parallel parallel
import time
t0 = time.time()
r = [time.time() >= t0 for x in xs]
q = len([time.perf_counter() for x in xs])
del t0

## counter most common -> parallel
c = Counter()
for w in ["ab", "ba", "ca"]:
    c.update(w)
    c[f(len(w))] += 1
r = c.most_common(2)
""")
