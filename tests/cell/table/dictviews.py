"""Views of dictionaries: they show what is in them later, too."""

from tabled import cells

CELLS = cells(r"""
## keys of the notebook's dict under a name -> parallel
d = {1: 2, 3: 4}
---
for x in xs:
    ks = d.keys()
    out.append(f(x) + len(ks))
d["new"] = 3
n = len(ks)

## values and items of the notebook's dict under names -> parallel
d = {1: [2], 3: [4]}
---
for x in xs:
    vs, its = d.values(), d.items()
    out.append(f(x) + len(vs))
d["new"] = 3
n = len(vs), len(its)

## keys of the item -> parallel
rows = [{"x": i} for i in range(6)]
---
for row in rows:
    ks = row.keys()
    out.append(f(row["x"]) + len(ks))
rows[-1]["new"] = 3

## keys of a dict of the iteration's own -> parallel
for x in xs:
    own = {x: f(x)}
    ks = own.keys()
    out.append(len(ks))
own["new"] = 3

## keys of the notebook's dict that a function gives -> parallel
def ask(x):
    return f(x), d.keys()
out = [ask(x) for x in xs]
d["new"] = 3

## keys of a new dict that a function gives -> parallel
def ask(x):
    return {x: f(x)}.keys()
out = [ask(x) for x in xs]

## keys of part of the notebook's dict -> parallel
cfg = {"a": {"b": 1}}
---
for x in xs:
    if x > 3:
        ks = cfg["a"].items()
    out.append(f(x))
cfg["a"]["new"] = 3

## view of a Counter and of a subclass with keys of its own -> parallel
from collections import OrderedDict
class Odd(dict):
    def keys(self):
        return [1]
c, o, od = Counter("abc"), Odd(a=1), OrderedDict(b=2, a=1)
---
for x in xs:
    views = c.keys(), o.keys(), dict.keys(o), od.keys(), od.items(), dict.values(od)
    out.append(f(x))
c["new"] = o["new"] = od["new"] = 3

## view of a dict that holds it -> parallel
d = {1: 2}
d["mine"] = d.keys()
---
for x in xs:
    ks = d["mine"]
    out.append(f(x) + len(ks))
d["new"] = 3
""")
