"""Ways to change an object."""

from tabled import cells

CELLS = cells(r"""
## pop in loop -> reads-changed
st = list(range(20))
for x in xs:
    v = st.pop()
    out.append(f(v))

## popitem dict -> trivial reads-changed
dd = {i: i for i in range(20)}
for x in xs:
    key, v = dd.popitem()
    out.append(f(v + x))

## setdefault value -> parallel
for x in xs:
    v = d.setdefault(x % 2, [])
    v.append(f(x))

## get then change -> parallel
d[0] = []; d[1] = []
for x in xs:
    v = d.get(x % 2)
    v.append(f(x))

## getattr string -> parallel
for x in xs:
    getattr(acc, "push")(f(x))

## setattr string -> parallel
for x in xs:
    setattr(acc, "x", f(x) + acc.x)

## vars change -> forbidden
for x in xs:
    vars(acc)["x"] = f(x)

## dunder dict -> parallel
for x in xs:
    acc.__dict__["z%d" % x] = f(x)

## operator iadd -> parallel
import operator
v = []
for x in xs:
    v = operator.iadd(v, [f(x)])

## operator setitem -> parallel
import operator
for x in xs:
    operator.setitem(d, x, f(x))

## operator methodcaller -> parallel; processes: fell back; threads: fell back
import operator
push = operator.methodcaller("append", 1)
for x in xs:
    push(out)
    y = f(x)

## heapq -> parallel
import heapq
h = []
for x in xs:
    heapq.heappush(h, f(x))
    if len(h) > 3:
        heapq.heappop(h)

## bisect insort -> parallel
import bisect
v = []
for x in xs:
    bisect.insort(v, f(x))

## memory of a large array that is written to out of sight -> parallel; told: big
import ctypes
import numpy as np
big = np.zeros(40_000)
for x in xs:
    ctypes.memset(big.ctypes.data + 8 * x, 1, 1)
    out.append(f(x) + int(big[x - 1] > 0))
r = big[:5].tolist()
del big

## memory of a large array that is written to out of sight, what was there -> parallel
import ctypes
import numpy as np
big = np.zeros(40_000)
for x in xs:
    ctypes.memset(big.ctypes.data + 8 * x, 0, 1)
    out.append(f(x) + int(big[x - 1] > 0))
r = big[:5].tolist()
del big

## large items in the place of such that were written to -> parallel parallel parallel parallel trivial; told: items
import ctypes
import numpy as np
many = [np.zeros(40_000) for _ in range(4)]
for a in many:
    ctypes.memset(a.ctypes.data + 160_000, 1, 1)
    out.append(f(int(a[20_000] > 0)))
more = [np.full(40_000, 7.0) for _ in range(8)]
for a in more:
    out.append(f(1) + a[20_000])
r = [a[20_000] for a in many]
del many, more, a
""")
