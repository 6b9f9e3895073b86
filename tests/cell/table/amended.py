"""Objects that an iteration makes and the commit part changes: what is computed from them afterwards has the change."""

from tabled import cells

CELLS = cells(r"""
## own list that the commit part adds to -> parallel
for x in xs:
    own = []
    own.append(total)
    total += f(x)
    out.append(sum(own))

## own row that gets a running total -> parallel
for x in xs:
    row = {"x": f(x), "n": 1}
    row["n"] = len(row)
    row["total"] = total
    total += row["x"]
    out.append(f(sum(row.values())))
    log.append(row)

## own row of which some is computed before the change -> parallel
for x in xs:
    row = {"x": f(x)}
    out.append(f(row["x"]))
    row["total"] = total
    total += row["x"]

## own list under another name -> parallel
for x in xs:
    own = g(x)
    box = {"own": own}
    own.append(total)
    total += f(x)
    out.append(sum(box["own"]))

## own list that a function sees -> parallel
for x in xs:
    own = g(x)
    def added(): return sum(own)
    own.append(total)
    total += f(x)
    out.append(f(added()))

## elements of an own list -> parallel
for x in xs:
    own = [g(x), g(f(x))]
    for part in own:
        part.append(total)
        total += 1
    out.append(f(sum(own[0])))

## own heap -> parallel
import heapq
for x in xs:
    own = [f(x), x]
    heapq.heappush(own, total)
    total += x
    smallest = f(own[0])
    out.append(smallest)

## own object with an attribute of the commit part -> parallel
for x in xs:
    p = P(f(x))
    p.x += total
    total += x
    out.append(p.double())

## own list that an inner loop changes and reads -> parallel
for x in xs:
    own = [f(x)]
    for v in g(x):
        out.append(f(sum(own)))
        own.append(total)
        total += v

## own list that each round of an inner loop makes -> parallel
for x in xs:
    for v in g(x):
        own = [f(v)]
        out.append(f(own[0]))
        own.append(total)
        total += v

## own list in a dict of the notebook's, changed there -> parallel
for x in xs:
    own = [f(x)]
    d[x % 3] = own
    d[x % 3].append(total)
    total += 1
    out.append(f(sum(own)))

## own list among others under a key, none of which changes -> parallel
from collections import defaultdict
groups = defaultdict(list)
for x in xs:
    own = g(x)
    groups[x % 3].append(own)
    groups[x % 2].append(own)
    out.append(f(sum(own)))

## own list that a function keeps, and another one changes -> parallel
def keeps(o): log.append(o)
def grows(): log[-1].append(len(log))
for x in xs:
    own = g(x)
    keeps(own)
    grows()
    out.append(f(sum(own)))

## own list in an attribute of a class, changed there -> parallel
class Last:
    one = None
---
for x in xs:
    own = g(x)
    Last.one = own
    Last.one.append(x)
    out.append(f(sum(own)))

## own list in an attribute of an object, changed by a method of that -> parallel
for x in xs:
    own = g(x)
    acc.seen = own
    acc.push(total)
    total += 1
    out.append(f(sum(own)))

## list of the notebook's put into an object, changed by a method of that -> changes-argument
ys = [1]
---
for x in xs:
    acc.push(f(sum(ys)))
    acc.seen = ys

## list of the notebook's put into a dict under another name, changed there -> reads-changed
ys = [1]
zs = ys
d = {0: [], 1: []}
---
for x in xs:
    d[x % 2].append(f(sum(zs)))
    d[x % 2] = ys

## method of a list of the notebook's under a name -> parallel; told: is 'own', which the loop changes
own = [1]
ys = own
---
for x in xs:
    push = own.append
    push(x)
    for v in range(2):
        own = list(ys)
        out.append(own)

## list in a dict of the notebook's that another may replace -> parallel; told: is part of 'd', which the loop changes
ys = [1]
d = {"a": 1, "b": ys}
---
for x in xs:
    d["b"].append(x)
    out.append(f(sum(ys)))
    if x > 4:
        d = {"a": f(x), "b": [x]}

## own list, a method of it under a name -> parallel
for x in xs:
    own = g(x)
    push = own.append
    push(total)
    total += x
    out.append(f(sum(own)))

## own list that a partial changes -> parallel
from functools import partial
def puts(v, z): v.append(z)
for x in xs:
    own = g(x)
    put = partial(puts, own)
    put(total)
    total += x
    out.append(f(sum(own)))

## own list that a lambda changes -> parallel
for x in xs:
    own = g(x)
    put = lambda z: own.append(z)
    put(total)
    total += x
    out.append(f(sum(own)))

## own list that a function of the body changes -> parallel
for x in xs:
    own = g(x)
    def put(z):
        own.append(z)
    put(total)
    total += x
    out.append(f(sum(own)))

## own list that a method under a name changes -> parallel
class Adds:
    def __init__(self):
        self.k = 0
    def add(self, v):
        v.append(self.k)
adder = Adds()
---
for x in xs:
    own = g(x)
    put = adder.add
    put(own)
    adder.k += 1
    out.append(f(sum(own)))

## own list that a function of the body is given and changes -> parallel
for x in xs:
    own = g(x)
    def put(v, z):
        v.append(z)
    put(own, total)
    total += x
    out.append(f(sum(own)))

## own list handed to a function that does not change it -> parallel
for x in xs:
    own = g(x)
    length = lambda v: len(v) + total
    total += length(own)
    out.append(f(sum(own)))

## own rows of own cells -> parallel
for x in xs:
    row = []
    for v in range(3):
        cell = [f(x * v)]
        row.append(cell)
        total += 1
        cell.append(total)
    out.append(f(sum(map(sum, row))))

## own dict's keys, seen after a change -> parallel
for x in xs:
    own = {"x": f(x)}
    keys = own.keys()
    own[total] = 1
    total += x
    out.append(len(list(keys)))

## own array's view -> parallel
import numpy as np
for x in xs:
    own = np.arange(4.0) * f(x)
    part = own[:2]
    own[0] += total
    total += x
    out.append(float(part.sum()))

## own list of what was not seen -> parallel
for x in xs:
    words = []
    for w in g(x % 4):
        if w not in seen:
            seen.add(w)
            words.append(w)
    out.append([f(w) for w in words] + [f(x)])
""")
