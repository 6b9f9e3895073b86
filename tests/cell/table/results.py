"""What results hold: items, what the notebook has already, and new objects that share something."""

from tabled import cells

CELLS = cells(r"""
## results: contains items -> parallel parallel changes-argument
objs = [P(i) for i in range(6)]
r = [{"p": o, "v": f(o.x)} for o in objs]
for e in r: e["p"].push(1)

## results: same object twice -> trivial parallel trivial
objs = [[i] for i in range(6)]
def pair(o): return (o, o, [f(o[0])])
r = [pair(o) for o in objs]
for a, b, c in r: a.append(1)

## results: fresh same twice -> parallel trivial
def pair(x):
    v = [f(x)]
    return {"a": v, "b": v, "c": [v]}
r = [pair(x) for x in xs]
for e in r: e["a"].append(0)

## results: objects of earlier cells -> parallel changes-argument
conf = {"a": [1], "b": {"c": P(3)}}
---
r = [(conf["b"]["c"], f(x)) for x in xs]
for p, _ in r: p.push(2)

## results: sentinel param -> identity
MISSING = object()
def look(x, default=MISSING):
    if default is MISSING:
        return f(x)
    return default
r = [look(x) for x in xs]

## results: sentinel result -> parallel identity identity
MISSING = object()
def find(x): return MISSING if x % 2 else f(x)
r = [find(x) for x in xs]
n = sum(1 for v in r if v is MISSING)
q = [v is MISSING for v in r]

## results: sentinel in items -> parallel identity
MISSING = object()
vals = [MISSING if x % 2 else x for x in xs]
def use(v): return -1 if v is MISSING else f(v)
r = [use(v) for v in vals]

## results: interned -> parallel
import sys
names = ["alpha", "beta"]
def nm(x): return sys.intern(names[x % 2])
r = [nm(x) for x in xs]

## results: zoneinfo -> parallel identity
from zoneinfo import ZoneInfo
import datetime as dt
def mk(x): return dt.datetime(2020, 1, 1 + x, tzinfo=ZoneInfo("UTC")), f(x)
r = [mk(x) for x in xs]
q = [a.tzinfo is ZoneInfo("UTC") for a, _ in r]

## results: match object -> trivial parallel
import re
texts = [f"{x}-a" for x in xs]
for t in texts:
    m = re.match(r"(\d+)", t)
    if m:
        out.append(f(int(m.group(1))))
q = m.group(0)

## results: pattern -> parallel identity
import re
def pt(x): return re.compile(f"a{x}"), f(x)
r = [pt(x) for x in xs]
q = [p is re.compile(p.pattern) for p, _ in r]

## results: dict views -> trivial parallel
dicts = [{"a": x} for x in xs]
def vw(q): return list(q.items()), f(q["a"])
r = [vw(q) for q in dicts]

## results: cyclic -> parallel identity
class Node:
    def __init__(self, v): self.v, self.parent, self.kids = v, None, []
    def add(self, k):
        k.parent = self
        self.kids.append(k)
        return self
r = [Node(f(x)).add(Node(x)) for x in xs]
q = [n.kids[0].parent is n for n in r]

## results: cyclic list -> parallel identity
def mk(x):
    l = [f(x)]
    l.append(l)
    return l
r = [mk(x) for x in xs]
q = [l[1] is l for l in r]

## results: deep nesting -> parallel
def mk(x):
    v = []
    for _ in range(150): v = [v, x]
    return v
r = [mk(x) for x in xs]

## results: tree of items -> parallel parallel identity
class Node:
    def __init__(self, v): self.v, self.kids = v, []
root = Node(0)
for i in range(5): root.kids.append(Node(i))
def best(n): return (f(n.v), n)
r = max((best(n) for n in root.kids), key=lambda p: p[0])[1]
q = [r is k for k in root.kids]

## results: sorted by key items -> parallel identity
objs = [P(x) for x in xs]
r = sorted(objs, key=lambda o: f(o.x))
m = max(objs, key=lambda o: f(o.x))
q = [any(o is p for p in objs) for o in r]

## results: filter items -> parallel parallel changes-argument
objs = [P(x) for x in xs]
r = [o for o in objs if f(o.x) % 2]
for o in r: o.push(1)

## results: filter builtin -> parallel parallel changes-argument
objs = [P(x) for x in xs]
r = list(filter(lambda o: f(o.x) % 2, objs))
for o in r: o.push(1)

## results: map to items -> parallel parallel changes-argument
objs = [P(x) for x in xs]
def same(o):
    f(o.x)
    return o
r = list(map(same, objs))
for o in r: o.push(1)

## results: dict of items -> parallel parallel changes-argument
objs = [P(x) for x in range(5)]
r = {f(o.x): o for o in objs}
for o in r.values(): o.push(1)

## results: temp holds item -> trivial parallel
objs = [[x] for x in xs]
for o in objs:
    last = {"o": o, "v": f(o[0])}
last["o"].append(1)

## results: temp holds global -> parallel
conf = {"v": [1]}
for x in xs:
    last = (conf["v"], f(x))
last[0].append(1)

## results: frozen dataclass items -> parallel parallel trivial
from dataclasses import dataclass
@dataclass(frozen=True)
class K:
    a: int
    b: tuple = ()
ks = [K(x, (x,)) for x in xs]
r = {k: f(k.a) for k in ks}
q = [k in r for k in ks]

## results: counter shared -> parallel trivial
from collections import Counter, OrderedDict, ChainMap, UserDict
base = {"z": 1}
def mk(x): return Counter([x, x, f(x)]), OrderedDict(a=x), ChainMap({"a": x}, base)
r = [mk(x) for x in xs]
base["z"] = 5
q = [c["z"] for _, _, c in r]

## results: user dict -> parallel trivial
from collections import UserDict, UserList
class Reg(UserDict): pass
def mk(x): return Reg(a=f(x)), UserList([x])
r = [mk(x) for x in xs]
q = [(a.data, b.data) for a, b in r]

## results: str subclass -> parallel parallel identity
class Tag(str): pass
tags = [Tag(str(x)) for x in xs]
def mk(t): return t, Tag(t + "!"), f(1)
r = [mk(t) for t in tags]
q = [a is t for (a, b, c), t in zip(r, tags)]

## results: int enum flag -> parallel trivial; processes: fell back: Perm; threads: fell back
import enum
class Perm(enum.Flag):
    R = 1
    W = 2
def mk(x): return Perm.R | Perm.W if x % 2 else Perm.R
r = [mk(x) for x in xs]
q = [p is Perm.R for p in r]

## results: module result -> parallel identity
import math as mm
def mk(x): return (mm, f(x))
r = [mk(x) for x in xs]
q = [m is mm for m, _ in r]

## results: module made -> parallel trivial
import types
mod = types.ModuleType("cfg")
mod.v = [3]
def mk(x): return mod.v, f(x)
r = [mk(x) for x in xs]
for v, _ in r: v.append(1)

## results: property returns shared -> parallel parallel trivial
class K:
    def __init__(self): self._v = [1]
    @property
    def v(self): return self._v
ks = [K() for _ in range(4)]
def mk(o): return o.v, f(1)
r = [mk(o) for o in ks]
for v, _ in r: v.append(2)

## results: items share one object -> trivial parallel
base = []
objs = [{"b": base, "x": x} for x in xs]
def mk(o): return o["b"], f(o["x"])
r = [mk(o) for o in objs]
r[0][0].append(1)

## results: duplicates in items -> parallel
one = [1]
objs = [one, one, [2], one]
r = [(o, f(o[0])) for o in objs]
r[0][0].append(5)

## results: bytes large -> parallel identity
b = b"x" * 5000
def mk(x): return {"b": b, "v": f(x)}
r = [mk(x) for x in xs]
q = [e["b"] is b for e in r]

## results: dict keyed by objects -> parallel parallel parallel
class H:
    def __init__(self, v): self.v = v
hs = [H(i) for i in range(5)]
table = {h: h.v * 2 for h in hs}
r = [table[h] + f(h.v) for h in hs]

## results: set of ints order in items -> parallel
sets = [{8, 0, 16}, {16, 8, 0}, {0, 16, 8}]
r = [(list(s), f(1)) for s in sets]

## results: frozenset result -> parallel
fs = frozenset({16, 8, 0})
def mk(x): return fs, frozenset([x, f(x)])
r = [mk(x) for x in xs]

## results: match objects -> trivial parallel parallel
import re
texts = [f"k{x}=v{x};z=1" for x in xs]
def find(t): return re.search(r"(?P<k>\w+)=(\w+)", t), re.match("q", t), list(re.finditer(r"\w+=", t))
r = [find(t) for t in texts]
q = [(m.group("k"), m.span(2), m.lastgroup, n, [i.start() for i in l]) for (m, n, l), t in zip(r, texts)]

## results: pattern flags -> parallel trivial
import re
r = [re.compile(p, fl) for p, fl in [("a", 0), ("a", re.I | re.M), (b"a", 0), (r"\w", re.A), ("(?i)b", 0)]]
q = [p.flags for p in r]
""")
