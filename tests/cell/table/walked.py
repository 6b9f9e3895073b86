"""The order in which sets are walked: that of the notebook's table, whatever its size and history."""

from tabled import cells

CELLS = cells(r"""
## set that things were taken from -> parallel
s = set(range(100))
s -= set(range(97))
s |= {8, 16, 35, 1000, 2000}
def visit(x):
    got = []
    for i in s:
        got.append(f(i))
    return got[x:]
---
r = [visit(x) for x in xs]

## set of another size than its elements would make -> parallel
s = set(range(0, 900, 9)) | set(range(0, 4000, 37))
def visit(x):
    got = []
    for i in s:
        got.append(f(i))
    return got[x:]
---
for x in xs:
    out.append(visit(x))

## frozenset made from a set -> parallel
s = frozenset(set(range(0, 900, 9)) | set(range(0, 4000, 37)))
def visit(x):
    got = []
    for i in s:
        got.append(f(i))
    return got[x:]
---
for x in xs:
    out.append(visit(x))

## set and frozenset deep in objects -> parallel
holder = P(1)
holder.s = set(range(0, 900, 9)) | set(range(0, 4000, 37))
holder.more = [holder.s, {"f": frozenset(holder.s)}, frozenset(range(5))]
---
for x in xs:
    out.append(list(map(f, [*holder.s, *holder.more[0], *holder.more[1]["f"], x])))

## sets among the items -> parallel
items = [set(range(0, 900, 9 + i)) | set(range(0, 4000, 37)) for i in range(6)]
items = [(s, frozenset(s)) for s in items]
---
for s in items:
    out.append(list(map(f, [*s[0], *s[1]])))

## sets in defaults and classes -> parallel
class Has:
    s = set(range(0, 900, 9)) | set(range(0, 4000, 37))
    f = frozenset(s)
def visit(x, s=set(Has.s), f=Has.f, **more): return sorted([x]) + [*s, *f, *Has.s, *Has.f]
---
r = [visit(x) for x in xs]

## sets as results -> parallel parallel
def make(x):
    s = set(range(100)) - set(range(97)) | {8, 16, 35, x, 2000}
    t = set(range(0, 900, 9)) | set(range(0, 4000, 37))
    t.discard(x)
    return s, t, frozenset(t)
---
for x in xs:
    out.append(make(x))
r = [[list(s) for s in made] for made in out]

## set of a class of the notebook's -> parallel
class Chosen(set): pass
s = Chosen(set(range(0, 900, 9)) | set(range(0, 4000, 37)))
s.discard(9)
s.name = "s"
def visit(x):
    got = [s.name]
    for i in s:
        got.append(f(i))
    return got
---
r = [visit(x) for x in xs]

## set of strings of another size -> parallel; seed: 0
s = {f"w{i}" for i in range(90)} | {f"v{i}" for i in range(40)}
s -= {f"w{i}" for i in range(0, 90, 7)}
def visit(x):
    got = []
    for i in s:
        got.append(i * x)
    return got
---
r = [visit(x) for x in xs]

## set of objects that is walked -> parallel; processes: walked in another order
class Plain(P):
    __eq__, __hash__ = object.__eq__, object.__hash__
s = {Plain(i) for i in range(20)}
want = [p.x for p in s]
---
r = [[p.x for p in s] == want for x in xs]
s = want = None

## set of objects that is asked what is in it -> parallel
class Plain(P):
    __eq__, __hash__ = object.__eq__, object.__hash__
some = [Plain(i) for i in range(20)]
s = set(some[::2])
def among(p): return f(p in s)
---
r = [among(p) for p in some]
s = some = None

## set of objects deep in a dict -> parallel; processes: `held['s'][0]: set` cannot be sent
class Plain(P):
    __eq__, __hash__ = object.__eq__, object.__hash__
held = {"s": [{Plain(i) for i in range(20)}]}
want = [p.x for p in held["s"][0]]
---
r = [[p.x for p in held["s"][0]] == want for x in xs]
held = want = None

## set of objects in a default -> parallel; processes: walked in another order
class Plain(P):
    __eq__, __hash__ = object.__eq__, object.__hash__
def visit(x, s=frozenset(Plain(i) for i in range(20))): return [p.x for p in s]
want = visit(1)
---
r = [visit(x) == want for x in xs]
visit = want = None

## set of classes deep in a dict -> parallel
held = {"kinds": {int, str, None, print, len}}
---
r = [(type(x) in held["kinds"], f(x)) for x in xs]
held = None

## sets that the loop makes of a received one -> parallel
s = set(range(0, 900, 9)) | set(range(0, 4000, 37))
def visit(x):
    got = [set(s).pop()]
    for i in [*(s | {f(x), 10000 + x}), *(set(s) - {9, 37})]:
        got.append(f(i))
    return got
---
r = [visit(x) for x in xs]
""")
