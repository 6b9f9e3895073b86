"""Items that are the same object."""

from tabled import cells

CELLS = cells(r"""
## same object items -> parallel
one = [1]
for o in [one] * 6:
    o.append(f(len(o)))
    out.append(len(o))

## same object items compute -> parallel forbidden
one = [1]
for o in [one] * 6:
    out.append(f(o[0]))
r = all(o is one for o in [one] * 3)

## same items returned -> parallel forbidden
one = [1]
def same(v): return v
r = [same(o) for o in [one] * 6]
q = all(o is one for o in r)

## item in global list -> parallel parallel
class H:
    def __init__(self, v): self.v = v
hs = [H(i) for i in range(6)]
special = [hs[1], hs[4]]
r = [(h in special, f(h.v)) for h in hs]

## item as key -> parallel parallel parallel
class H:
    def __init__(self, v): self.v = v
hs = [H(i) for i in range(5)]
table = {h: h.v * 2 for h in hs}
r = [table.get(h, -1) + f(h.v) for h in hs]

## item index -> parallel parallel
class H:
    def __init__(self, v): self.v = v
hs = [H(i) for i in range(5)]
def pos(h): return hs.index(h) + f(h.v)
r = [pos(h) for h in hs]

## item loop key -> parallel trivial parallel
class H:
    def __init__(self, v): self.v = v
hs = [H(i) for i in range(5)]
weights = {h: h.v for h in hs}
for h in hs:
    total += f(weights[h])

## graph nodes -> parallel trivial trivial parallel
class Node:
    def __init__(self, v): self.v, self.near = v, []
nodes = [Node(i) for i in range(6)]
for a, b in zip(nodes, nodes[1:]): a.near.append(b)
rank = {n: n.v for n in nodes}
def score(n): return sum(rank[m] for m in n.near) + f(n.v)
r = [score(n) for n in nodes]

## others than the item -> parallel parallel
class H:
    def __init__(self, v): self.v = v
hs = [H(i) for i in range(5)]
def others(h): return [o.v for o in hs if o != h], f(h.v)
r = [others(h) for h in hs]

## items in pairs -> parallel trivial parallel
class H:
    def __init__(self, v): self.v = v
hs = [H(i) for i in range(5)]
idx = {h: i for i, h in enumerate(hs)}
r = [f(idx[a]) + idx[b] for a, b in zip(hs, hs[1:])]

## sentinel in tuple -> parallel
MISSING = object()
def look(x, default=MISSING): return f(x) if default in (MISSING, None) else default
r = [look(x) for x in xs]

## sentinel equal -> parallel parallel
STOP = object()
vals = [STOP if x % 2 else x for x in xs]
r = [0 if v == STOP else f(v) for v in vals]

## item in class attribute -> parallel parallel
class H:
    known = []
    def __init__(self, v):
        self.v = v
hs = [H(i) for i in range(5)]
H.known.append(hs[2])
r = [(h in H.known, f(h.v)) for h in hs]

## item in default -> parallel parallel
class H:
    def __init__(self, v): self.v = v
hs = [H(i) for i in range(5)]
def chk(h, known=tuple(hs[1:3])): return h in known, f(h.v)
r = [chk(h) for h in hs]

## result of broadcast items -> parallel parallel parallel trivial
class H:
    def __init__(self, v): self.v = v
hs = [H(i) for i in range(5)]
pairs = [(hs[i], hs[(i + 1) % 5]) for i in range(5)]
def nxt(h): return dict(pairs)[h], f(h.v)
r = [nxt(h) for h in hs]
for o, _ in r: o.v += 100

## library objects shared -> parallel trivial parallel
import threading, argparse
class Opt: pass
from types import SimpleNamespace
from functools import partial
ps = [partial(f, i) for i in range(4)]
fast = ps[1:3]
names = {p: i for i, p in enumerate(ps)}
def look(i): return ps[i] in fast, names[ps[i]], f(i)
r = [look(i) for i in range(4)]

## sentinel is -> parallel parallel parallel parallel
MISSING = object()
def look(x, default=MISSING):
    if default is MISSING: return f(x)
    return default
---
r = [look(x) for x in xs]
vals = [MISSING if x % 2 else x for x in xs]
q = [v is not MISSING and f(v) for v in vals]
for v in vals:
    out.append(0 if v is MISSING else f(v))

## sentinel of class -> parallel
class Opt:
    NONE = object()
    def __init__(self, v=NONE): self.v = v
    def get(self): return f(1) if self.v is Opt.NONE else f(self.v)
---
opts = [Opt(), Opt(2)]
r = [o.get() for o in opts]

## item twice in what zip goes over -> parallel; told: share an object
one = {"x": 1}
for row, i in zip([one, one, {"x": 2}], range(3)):
    row["x"] = f(row["x"]) + i
    out.append(row["x"])

## item twice in what map and enumerate go over -> parallel; told: share an object
one = {"x": 1}
pairs = map(lambda row, i: (row, i), [one, one, {"x": 2}], range(3))
---
for n, (row, i) in enumerate(pairs):
    row["x"] = f(row["x"]) + i + n

## item twice in one of the lists that are chained -> parallel; told: share an object
import itertools
one = [1]
for n, row in enumerate(itertools.chain([one, [2], one], ([3],))):
    row.append(f(len(row)) + n)
    out.append(len(row))

## items that zip gives share what they hold -> parallel; told: share an object
one = [1]
for row, i in zip([(one, 1), (one, 2)], range(2)):
    row[0].append(f(len(row[0])) + i)

## items that zip gives -> parallel
for row, i in zip(rows, range(3)):
    row["y"] = f(row["x"]) + i

## items in a set, and others -> parallel; told: share an object
class H:
    def __init__(self, held): self.held = held
one = [1]
hs = {H(one), H(one), H(one)}
---
for h, i in zip(hs, range(3)):
    h.held.append(f(len(h.held)))

## item that product gives again -> parallel
import itertools
held = [[1], [2]]
for row, i in itertools.product(held, range(3)):
    row.append(f(len(row)) + i)
    out.append(len(row))

## item that is repeated beside others -> parallel
import itertools
one = [1]
for row, i in zip(itertools.repeat(one), range(4)):
    row.append(f(len(row)) + i)

## items that pairwise gives twice -> parallel
import itertools
held = [[1], [2], [3], [4]]
for one, other in itertools.pairwise(held):
    other.append(f(len(one)))

## items that come again, deep in tuples -> parallel
held = [[1], [2]]
for n, (row, i) in enumerate(zip(map(held.__getitem__, [0, 1, 0, 1, 0]), range(5))):
    row.append(f(len(row)) + i + n)

## rows of an array, and others -> parallel; told: could not be shown
import numpy as np
windows = np.lib.stride_tricks.sliding_window_view(np.arange(8.0), 3, writeable=True)
for row, i in zip(windows, [1, 2, 3, 4, 5, 6]):
    row[0] = float(np.sum(row)) * i
    row[2] += 1

## numbers of an array, and items -> parallel
import numpy as np
for row, v in zip(rows, np.arange(6.0)):
    row["y"] = float(v) ** 2 + row["x"]

## items that share memory, though no object -> parallel; told: some of them share memory
import ctypes
import numpy as np
block = np.arange(12.0)
views = [np.ctypeslib.as_array((ctypes.c_double * 4).from_address(block.ctypes.data + 16 * i)) for i in range(4)]
---
for v in views:
    v[0] = float(np.sum(v)) + 1
    v[3] = 7

## items that share memory with what is read, though no object -> parallel; told: 'block' shares memory with one
import ctypes
import numpy as np
block = np.arange(12.0)
views = [np.ctypeslib.as_array((ctypes.c_double * 2).from_address(block.ctypes.data + 16 * i)) for i in range(4)]
---
for v in views:
    v[0] = float(np.sum(block)) + 1
""")
