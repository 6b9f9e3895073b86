"""Loops that change one part of an object and compute from another one."""

from tabled import cells

MADE = """
class S:
    def __init__(self, **parts):
        vars(self).update(parts)
"""

ROWS = r"""
## one attribute extended, another read -> parallel
a = S(res=[], scale=3)
---
for x in xs:
    a.res.append(f(x * a.scale))

## the same where the cell makes the object -> parallel
a = S(res=[], scale=3, n=0)
for x in xs:
    a.res.append(f(x * a.scale))
    a.n += 1

## the same where the iteration fails -> parallel
a = S(res=[], scale=1)
---
for x in xs:
    a.res.append(fail(x * a.scale))

## elements of a dictionary under texts -> parallel
cfg = {"res": [], "scale": 3, "n": 0}
for x in xs:
    cfg["res"].append(f(x * cfg["scale"]))
    cfg["n"] += 1

## parts of parts -> parallel
a = S(state=S(res=[], lr=2), conf={"k": 3})
---
for x in xs:
    a.state.res.append(f(x * a.state.lr) + a.conf["k"])

## part whose part is assigned -> parallel
a = S(state=S(n=0, last=None), scale=3)
---
for x in xs:
    out.append(f(x * a.scale))
    a.state.n += 1
    a.state.last = x

## part that is added to in place, another read -> parallel
a = S(hist=[], scale=3, n=0)
---
for x in xs:
    a.hist += [f(x * a.scale)]
    a.n += 1

## parts that are one object, one of them added to in place -> parallel; told: which the loop changes
a = S(hist=[1], scale=3)
a.seen = a.hist
---
for x in xs:
    a.hist += [f(x + len(a.seen))]

## attributes of a SimpleNamespace -> parallel
from types import SimpleNamespace
a = SimpleNamespace(res={}, scale=3)
for x in xs:
    a.res[x] = f(x * a.scale)

## attributes with defaults of a data class -> parallel
from dataclasses import dataclass, field
@dataclass
class Study:
    lr: float = 0.5
    res: list = field(default_factory=list)
s = Study()
for x in xs:
    s.res.append(f(x) * s.lr)

## element of its own of an attribute -> parallel
a = S(shared={x: x for x in xs})
---
for x in sorted(a.shared):
    a.shared[x] = f(a.shared[x])

## element of its own of an attribute that is gone over -> parallel
a = S(ages={"a": 1, "b": 2})
---
for name, age in a.ages.items():
    a.ages[name] = f(age) + a.ages[name]

## element of an attribute whose key comes twice -> parallel; told: a key comes twice
a = S(shared={x: x for x in xs})
---
for x in xs:
    a.shared[x] = f(a.shared[x])

## element of an attribute with a __getitem__ of its own -> reads-stored
class Shelf(dict):
    def __getitem__(self, key):
        return dict.__getitem__(self, 3)
a = S(shared=Shelf({x: x for x in xs}))
---
for x in sorted(a.shared):
    a.shared[x] = f(a.shared[x])

## rows of an attribute that is a list -> parallel
a = S(rows=[[1], [2], [3]])
---
for i in range(3):
    a.rows[i].append(f(a.rows[i][0]))

## parts that are one object -> parallel; told: which the loop changes
a = S(res=[])
a.seen = a.res
---
for x in xs:
    a.res.append(f(x + len(a.seen)))

## part that leads back to the whole -> parallel; told: which the loop changes
a = S(res=[])
a.model = S(owner=a)
def score(model, x):
    return len(model.owner.res) + x
---
for x in xs:
    a.res.append(score(a.model, x))

## part that is assigned under another name of its object -> parallel; told: 'a.scale' is part of 'b'
a = S(res=[], scale=2)
b = a
---
for x in xs:
    a.res.append(f(x * a.scale))
    b.scale += 1

## element that is assigned under another name of its dict -> parallel; told: is part of 'c2'
cfg = {"res": [], "scale": 2}
c2 = cfg
---
for x in xs:
    cfg["res"].append(f(x * cfg["scale"]))
    c2["scale"] += 1

## part that is assigned in an item -> parallel; told: 'a' reaches one of them
a = S(res=[], scale=2)
items = [S(scale=1), a, S(scale=5)]
---
for o in items:
    o.scale = o.scale + 1
    out.append(f(a.scale))
    a.res.append(1)

## part that is assigned by way of another part -> parallel; told: 'a.scale' is part of 'a.sub.owner'
a = S(res=[], scale=2, sub=S())
a.sub.owner = a
---
for x in xs:
    a.res.append(f(x * a.scale))
    a.sub.owner.scale += 1

## part of a part that is assigned under another name -> parallel; told: 'a.state.lr' is part of 'st'
a = S(state=S(lr=2), res=[])
st = a.state
---
for x in xs:
    a.res.append(f(x * a.state.lr))
    st.lr += 1

## attribute of a method that is assigned under another name -> parallel; told: 'm.get' is part of 'n'
class Model(S):
    def get(self, x):
        return f(x) * self.w
m = Model(res=[], w=2)
n = m
---
for x in xs:
    m.res.append(m.get(x))
    n.w += 1

## part that a function puts elsewhere -> reads-changed
a = S(res=[], scale=2)
def bump():
    a.scale += 1
---
for x in xs:
    a.res.append(f(x * a.scale))
    bump()

## part that an operator of the notebook's changes -> parallel; told: is changed by the loop itself
class Sum:
    def __init__(self):
        self.n = 0
    def __iadd__(self, other):
        a.scale += 1
        self.n += other
        return self
acc = Sum()
a = S(res=[], scale=2)
---
for x in xs:
    a.res.append(f(x * a.scale))
    a.n = x
    acc += x

## function that reads the object -> parallel
a = S(res=[], scale=2)
def count(x):
    return len(a.res) + x
---
for x in xs:
    a.res.append(count(x))
    out.append(f(x))

## method of the object -> reads-changed
class Counted(S):
    def get(self):
        return len(self.res)
a = Counted(res=[], scale=2)
---
for x in xs:
    a.res.append(f(x * a.scale + a.get()))

## method that reads other attributes alone -> parallel
class Model(S):
    @property
    def size(self):
        return len(self.weights)
    def scale(self, v):
        return v * self.size
    def predict(self, x):
        return sum(w * self.scale(x) for w in self.weights)
m = Model(weights=[1, 2, 3], cache={}, n=0)
---
for x in xs:
    m.cache[x] = m.predict(x)
    m.n += 1
    m.last = x

## method that reads other attributes alone, and fails -> parallel
class Model(S):
    def get(self, x):
        return fail(x) + len(self.weights)
m = Model(weights=[1, 2, 3], res=[])
---
for x in xs:
    m.res.append(m.get(x))

## method that hands out an attribute -> parallel
class Model(S):
    def get(self, x):
        return self.weights
m = Model(weights=[1, 2, 3], n=0)
---
for x in xs:
    w = m.get(x)
    out.append((f(x), w))
    m.n += 1

## method that hands out an attribute, which is changed -> parallel
class Model(S):
    def get(self, x):
        return self.weights
m = Model(weights=[1, 2, 3], n=0)
---
for x in xs:
    m.get(x).append(f(x))
    m.n += len(m.weights)

## method that reads what is assigned -> reads-stored
class Model(S):
    def get(self, x):
        return f(x) + self.n
m = Model(n=0)
---
for x in xs:
    out.append(m.get(x))
    m.n += 1

## method that hands its object on -> reads-stored
class Model(S):
    def get(self, x):
        return ask(self, x)
def ask(m, x):
    return f(x) + m.n
m = Model(n=0)
---
for x in xs:
    out.append(m.get(x))
    m.n += 1

## method whose function sees its object -> reads-stored
class Model(S):
    def get(self, x):
        return sum(map(lambda v: v + self.n, [f(x)]))
m = Model(n=0)
---
for x in xs:
    out.append(m.get(x))
    m.n += 1

## method that assigns another attribute -> changes-argument
class Model(S):
    def get(self, x):
        self.calls += 1
        return f(x)
m = Model(n=0, calls=0)
---
for x in xs:
    out.append(m.get(x))
    m.n += 1

## method that the object has itself -> reads-changed
class Model(S):
    def get(self, x):
        return f(x)
m = Model(res=[])
m.get = lambda x: f(x) + len(m.res)
---
for x in xs:
    m.res.append(m.get(x))

## method that reads what is another one's, too -> parallel; told: 'm.weights' is 'm.res'
class Model(S):
    def get(self, x):
        return f(x) + len(self.weights)
m = Model(res=[])
m.weights = m.res
---
for x in xs:
    m.res.append(m.get(x))

## function that changes what it is given -> reads-stored
a = S(res=[], scale=2)
def bump(o):
    o.scale += 1
---
for x in xs:
    a.n = x
    a.res.append(f(x * a.scale))
    bump(a)

## property of the object -> reads-changed
class Counted(S):
    @property
    def scale(self):
        return len(self.res)
a = Counted(res=[])
---
for x in xs:
    a.res.append(f(x * a.scale))

## property of an object that the cell makes -> parallel; told: computes from it as well
class Counted(S):
    @property
    def scale(self):
        return len(self.res)
a = Counted(res=[])
for x in xs:
    a.res.append(f(x * a.scale))

## attribute of the class -> reads-changed
class Shared(S):
    res = []
a = Shared(scale=2)
---
for x in xs:
    a.res.append(f(x * a.scale))

## part that is not there yet -> reads-changed
a = S(res=[])
---
for x in xs:
    a.res.append(f(x * a.scale))

## part that is assigned, too -> reads-stored
a = S(res=[], scale=1)
---
for x in xs:
    a.res.append(f(x * a.scale))
    a.scale += 1

## part that is gone over and extended -> changes-iterable
a = S(res=[3, 4], scale=3)
---
for x in a.res:
    if x < 8:
        a.res.append(f(x * a.scale))

## generator that is gone over reads a part -> parallel; told: reads 'a'
a = S(res=[], scale=2)
def source():
    for i in range(5):
        yield len(a.res)
---
for i in source():
    a.res.append(f(i * a.scale))

## generator that is gone over assigns a part -> parallel; told: stores into 'a'
a = S(res=[], scale=2)
def source():
    for i in range(5):
        a.scale += 1
        yield i
---
for i in source():
    a.res.append(f(i * a.scale))

## part that is gone over, another extended -> parallel
a = S(res=[3, 4], scale=3, source=[1, 2, 3])
---
for i, x in enumerate(a.source):
    a.res.append(f(x * a.scale) + i)

## function made in the loop that reads a part -> parallel
a = S(res=[], scale=3)
---
for x in xs:
    a.res.append(f(x))
    out.append(list(map(lambda v: f(v) * a.scale, [x])))
"""

CELLS = [(name, MADE + text, kinds, options) for name, text, kinds, options in cells(ROWS)]
