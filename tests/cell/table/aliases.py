"""The same object under two names; objects changed late."""

from tabled import cells

CELLS = cells(r"""
## local list -> parallel
for x in xs:
    part = []
    for j in range(x):
        part.append(f(j))
    out.append(part)

## local list later -> parallel
for x in xs:
    part = g(x)
    part.append(f(x))
    out.append(part)
    part.append(0)

## local grid -> parallel
for x in xs:
    m = [[0] * k for _ in range(2)]
    m[1][x] = f(x)
    out.append(m)

## alias -> parallel; told: 'out'
ys = out
for x in xs:
    out.append(f(len(ys)))

## alias in container -> parallel; told: 'res'
cfg = {'res': out}
for x in xs:
    out.append(f(len(cfg['res'])))

## alias temporary -> parallel
for x in xs:
    p = P(x)
    q = p
    q.x += f(x)
    out.append(p)

## alias of outer -> changes
for x in xs:
    o = out
    o.append(f(len(out)))

## appended then changed -> parallel
for x in xs:
    row = [x]
    out.append(row)
    row.append(f(x))

## appended dict filled later -> parallel
for x in xs:
    row = {}
    out.append(row)
    row["a"] = f(x)
    row["b"] = f(row["a"])

## appended under another name -> parallel
for x in xs:
    y = g(x)
    z = y
    out.append(y)
    z.append(f(x))

## iterable's first item changed -> changes-iterable
for x in xs:
    yy = xs[x % 3]
    xs[0] = f(x)

## object under another name -> parallel
for x in xs:
    p = acc
    p.x += f(x)
    out.append(p.double())

## object out of a list -> parallel
for x in xs:
    p = [acc][0]
    p.x += f(x)
    out.append(acc.double())

## starred part changed later -> parallel
for x in xs:
    a, *b = g(x, 3)
    out.append(b)
    b.append(f(a))

## counter walked -> parallel
for x in xs:
    c = Counter(str(f(x)))
    c["1"] += 1
    out.append(c)
    for q in c:
        total += c[q]

## list changed under another name -> parallel
for x in xs:
    v = [f(x)]
    w = v
    w += [1]
    out.append(v)

## iterable under another name -> changes-iterable
for x in xs:
    v = xs
    v += [f(x)] if len(v) < 12 else []

## bound method -> parallel; told: what it calls was bound
o2 = out.append
for x in xs:
    o2(f(x))

## bound method late -> parallel; told: what it calls was bound
o2 = log.append
for x in xs:
    y = f(x)
    o2(y)
r = len(log)

## list read under another name -> parallel; told: 'a1'
a1 = xs[:]
b1 = a1
for i in range(len(a1)):
    a1[i] = f(b1[i])

## identity after the loop -> trivial parallel forbidden
objs = [[x] for x in xs]
for o in objs:
    if sum(o) % 2:
        out.append(o)
r = all(any(z is o for o in objs) for z in out)

## list in a tuple, read under another name -> parallel; told: 'ys' is part of 't'
t = ([1],)
ys = t[0]
---
for x in xs:
    t[0].append(f(len(ys)))

## dict deep in tuples, read under another name -> parallel; told: is part of 't'
t = (({"n": 1},), 2)
ys = t[0]
---
for x in xs:
    t[0][0]["n"] += f(ys[0]["n"])

## attribute of a class, read through an object -> parallel; told: is 'C', which the loop changes
class C: n = 1
c = C()
def get(x): return c.n + x
---
for x in xs:
    C.n = get(x)

## attribute of a class, read by a method -> parallel; told: is 'C', which the loop changes
class C:
    n = 1
    def get(self, x): return self.n + x
c = C()
---
for x in xs:
    C.n = c.get(x)

## attribute of a class, read through its other name -> parallel; told: 'D' is 'C'
class C:
    n = 1
    @classmethod
    def get(cls, x): return cls.n + x
D = C
---
for x in xs:
    C.n = D.get(x)

## attribute of a class, read through a class below it -> parallel; told: is 'C', which the loop changes
class C: n = 1
class E(C): pass
def get(x): return E.n + x
---
for x in xs:
    C.n = get(x)

## list of an object added to in place, read under another name -> parallel; told: 'ys' is part of 'o'
o = P(1)
ys = o.seen
---
for x in xs:
    o.seen += [f(len(ys))]

## array in a dict added to in place, read under another name -> parallel; told: 'ys' is part of 'cfg'
import numpy as np
cfg = {"v": np.zeros(3)}
ys = cfg["v"]
---
for x in xs:
    cfg["v"] += f(ys.sum())

## set in a dict added to in place, read under another name -> parallel; told: 'ys' is part of 'cfg'
cfg = {"v": {1}}
ys = cfg["v"]
---
for x in xs:
    cfg["v"] |= {f(len(ys) + x)}

## number beside an object that is read, added to in place -> parallel
model = P(3)
cfg = {"n": 0, "model": model, "kept": []}
---
for x in xs:
    cfg["n"] += f(x + model.x)

## attribute of a function, read through its other name -> parallel; told: is 'fun', which the loop changes
def fun(x): return x
fun.n = 0
other = fun
def get(x): return other.n + x
---
for x in xs:
    fun.n = get(x)

## append of a list's class -> parallel
for x in xs:
    list.append(out, f(x))

## ufunc that writes into what the loop keeps -> parallel
import numpy as np
a = np.zeros(3)
---
for x in xs:
    v = np.arange(3.0) * f(x)
    np.add(a, v, a)

## ufunc.at on what the loop keeps -> parallel
import numpy as np
a = np.zeros(3)
---
for x in xs:
    v = f(x)
    np.add.at(a, [v % 3, v % 2], v)

## append that is handed to map -> parallel
for x in xs:
    v = [f(x), x]
    list(map(out.append, v))

## list comprehension of what the notebook holds -> parallel
held = [[1], [2]]
---
for x in xs:
    q = [h for h in held]
    q[x % 2].append(f(x))
    out.append(len(held[0]))

## new list, or one of the notebook's -> parallel
held = [1]
---
for x in xs:
    q = [f(x)] if x > 2 else held
    q.append(f(x))
    out.append(len(q))

## list added to in place, read under another name -> parallel; told: is 'log', which the loop changes
ys = [log]
---
for x in xs:
    log += [f(len(ys[0]) + x)]

## set joined in place, read under another name -> parallel; told: is 'seen', which the loop changes
ys = [seen]
---
for x in xs:
    seen |= {f(len(ys[0]) + x)}

## array divided in place, read by a view -> parallel; told: is 'a', which the loop changes
import numpy as np
a = np.ones(3) * 1000
ys = a[1:]
---
for x in xs:
    a /= f(x) + ys.sum()

## number added to -> parallel
ys = [total]
---
for x in xs:
    total += f(x + ys[0])

## list that a method of the notebook's gives, read under another name -> parallel; told: is 'log', which the loop
class Store:
    def get(self): return log
store, ys = Store(), [log]
---
for x in xs:
    store.get().append(f(len(ys[0]) + x))

## list that a property gives, read under another name -> parallel; told: is 'log', which the loop changes
class Store:
    @property
    def kept(self): return log
store, ys = Store(), [log]
---
for x in xs:
    store.kept.append(f(len(ys[0]) + x))

## list that an object's class holds, read under another name -> parallel; told: is part of 'store'
class Store:
    kept = [1]
store, ys = Store(), [Store.kept]
---
for x in xs:
    store.kept.append(f(len(ys[0]) + x))

## list that a class holds and its method appends to, read under another name -> parallel; told: is part of 'Store'
class Store:
    kept = [1]
    @classmethod
    def put(cls, v): cls.kept.append(v)
ys = [Store.kept]
---
for x in xs:
    Store.put(f(len(ys[0]) + x))

## elements under keys that are parts of the item -> parallel parallel
index, lists = defaultdict(set), {}
for name, words in [("a", ["x", "yy"]), ("b", ["yy"])]:
    for w in words:
        index[w].add((name, f(len(w))))
        lists.setdefault(w, []).append(f(len(w)))
for name, words in [("a", ["x", "yy"]), ("b", ["yy"])]:
    for w in words:
        lists.get(w, out).append(f(len(w) + len(name)))

## elements under keys of the item that are the items -> parallel; told: by_x
by_x = {row["x"]: row for row in rows}
---
for row in rows:
    by_x[row["x"]]["y"] = f(row["x"])
    out.append(f(row["y"]))

## elements under keys of the item that are the items, met in a method -> parallel; told: by_x
by_x = {row["x"]: [row] for row in rows}
---
for row in rows:
    by_x.get(row["x"])[0].update(y=f(row["x"]))
    out.append(f(row["y"]))

## elements that a class hands out by itself -> parallel
class Keys(dict):
    def __missing__(self, key): return key
keys = Keys()
---
for row in [[1], [2], [3]]:
    keys[tuple(row)]
    keys[row[0] and 5 or tuple(row)]
    for part in [row]:
        Keys.__missing__(keys, part).append(f(part[0]))
        out.append(f(len(row)))

## elements that __getitem__ makes of its key -> parallel
class Same:
    def __getitem__(self, key): return key
same = Same()
---
for row in [[1], [2], [3]]:
    same[row].append(f(row[0]))
    out.append(f(len(row)))

## copied settings, of which one is set and another added to -> parallel
import copy
base = {"rate": 0.1, "layers": [1, 2], "deep": {"a": [1]}}
shared = [1]
---
for x in xs:
    settings = copy.deepcopy(base)
    settings["rate"] = shared
    settings["layers"].append(f(x))
    deep = settings["deep"]
    deep["a"].append(f(x))
    out.append(settings)

## copied settings, of which one that is set is added to -> parallel
import copy
base = {"rate": 0.1, "layers": [1, 2]}
shared = [1]
---
for x in xs:
    settings = copy.deepcopy(base)
    settings["rate"] = shared
    settings["layers"] = settings["rate"]
    settings["layers"].append(f(x))

## copied settings that are set under a name and added to -> parallel
import copy
base = {"rate": 0.1, "layers": [1, 2]}
shared = [1]
---
for x in xs:
    settings = copy.deepcopy(base)
    key = "layers"
    settings[key] = shared
    settings["layers"].append(f(x))

## list whose last element is set by its number -> parallel
shared = [1]
---
for x in xs:
    both = [[], []]
    both[1] = shared
    both[0].append(f(x))
    both[-1].append(f(x))
    out.append(both)

## copied settings of a class that finds others -> reads-changed
import copy
class Settings(dict):
    def __getitem__(self, key):
        return dict.__getitem__(self, "rate")
base = Settings(rate=[], layers=[])
shared = [1]
---
for x in xs:
    settings = copy.deepcopy(base)
    settings["rate"] = shared
    settings["layers"].append(f(x + len(shared)))
""")
