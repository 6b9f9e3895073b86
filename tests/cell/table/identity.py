"""Objects that are the same, and stay the same."""

from tabled import cells

CELLS = cells(r"""
## again identity -> parallel
for x in xs:
    y = g(x)
    z = [y]
    out.append(y)
    total += 1
    if total > 5:
        break

## again identity end -> parallel
for x in xs:
    y = g(x)
    z = [y]
    out.append(y)

## again identity exception -> parallel
for x in xs:
    y = g(x)
    z = [y]
    out.append(y)
    1 // (total - 3)
    total += 1

## hash of strings -> parallel; seed: 0
for w in "the quick brown fox jumps over".split():
    out.append(hash(w) % 1000)

## set of strings order -> parallel; seed: 0
r = [list(set(w)) for w in ["hello", "world", "parallel"]]

## set result -> parallel
for x in xs:
    out.append({str(x + i) for i in range(5)})

## id of item -> parallel parallel parallel; processes: `id()`
objs = [[1], [2], [3]]
r = [id(o) == id(p) for o, p in zip(objs, objs)]
q = [id(o) for o in objs] == list(map(id, objs))

## id kept -> parallel parallel parallel; processes: `id()`
objs = [P(i) for i in range(5)]
for o in objs:
    d[id(o)] = f(o.x)
r = [d[id(o)] for o in objs]
d.clear()

## default argument returned -> parallel identity
def pick(x, default=[], other={"a": []}):
    return default if x % 2 else other["a"]
r = [pick(x) for x in xs]
q = [v is pick.__defaults__[0] for v in r]

## id in comprehension -> parallel parallel; processes: `id()`
objs = [[1], [2], [3]]
r = [id(o) for o in objs]
q = [id(o) == i for o, i in zip(objs, r)]
r = None

## id as key -> parallel parallel parallel; processes: `id()`
objs = [P(i) for i in range(5)]
for o in objs:
    d[id(o)] = f(o.x)
r = [d[id(o)] for o in objs]
d.clear()

## id in a function -> parallel parallel; processes: `id()`
def key(o): return id(o) % 7 >= 0, f(o.x)
objs = [P(i) for i in range(5)]
r = [key(o) for o in objs]

## hash that comes from an address -> parallel; processes: the hash of a Plain, which comes from its address
class Plain: pass
objs = [Plain() for _ in range(6)]
hashes = {o: hash(o) for o in objs}
---
r = [hash(o) for o in objs]
q = r == list(hashes.values())
r = objs = hashes = None

## hash of what holds such an object -> parallel; processes: the hash of a Plain
class Plain: pass
one = Plain()
want = hash((1, frozenset([one])))
---
for x in xs:
    out.append(hash((1, frozenset([one]))) == want)
want = one = None

## hash that a class leaves to object -> parallel; processes: the hash of a Own
class Own:
    def __hash__(self): return super().__hash__() + 1
one = Own()
want = hash(one)
def same(x): return hash(one) == want
---
r = [same(x) for x in xs]
want = one = None

## hash through a method that asks for one -> parallel; processes: the hash of a Plain
class Plain: pass
class Pair:
    def __init__(self, held): self.held = held
    def __hash__(self): return hash(self.held)
one = Pair(Plain())
want = hash(one)
---
r = [hash(one) == want for x in xs]
want = one = None

## hash of a NaN -> parallel; processes: the hash of a float
nan = float("nan")
want = hash(nan)
---
r = [hash(nan) == want for x in xs]
want = None

## hash by name -> parallel; processes: `__hash__()`
class Plain: pass
one = Plain()
want = one.__hash__()
---
r = [one.__hash__() == want for x in xs]
want = None

## hashes of content are no reason -> parallel
import dataclasses
@dataclasses.dataclass(frozen=True)
class Key:
    a: int
    b: object
keys = [Key(i, None) for i in range(6)]
---
r = [(hash((k.a, 1.5)) % 97, {k: 1}[k], len({k, Key(1, None)})) for k in keys]

## one object in two defaults -> parallel; processes: `one` and `two` hold the same `Plain`
class Plain: pass
held = Plain()
def one(x=held): return x
def two(*, x=held): return [x]
del held
---
r = [[one()] == two() for x in xs]

## one object in a class and in a default, and in a global -> parallel; processes: hold the same
class Plain: pass
held = Plain()
class Has:
    it = {1: held}
def two(x=held): return x
---
r = [(Has.it[1] == two(), held == two()) for x in xs]

## one object in a cell that two functions share -> parallel
class Plain: pass
def pair(held):
    def one(): return held
    def two(): return [held]
    return one, two
one, two = pair(Plain())
---
r = [[one()] == two() for x in xs]

## hash of objects that containers ask for -> parallel
class O: pass
class K:
    def __init__(self, v): self.v = v
    def __hash__(self): return hash(self.v)
    def __eq__(self, other): return self.v is other.v
ks = [K(O()) for i in range(4)]
def f(k): return {k: 1}[k], list({k}) == [k]
---
r = [f(k) for k in ks]

## set in a list that is only asked what is in it -> parallel trivial parallel
class H:
    def __init__(self, v): self.v = v
hs = [H(i) for i in range(6)]
box = [{h} for h in hs]
r = [({h} in box, f(h.v)) for h in hs]
del box
""")
