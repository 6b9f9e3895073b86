"""What classes do behind the scenes: attributes, properties, hooks."""

from tabled import cells

CELLS = cells(r"""
## class attribute counter -> changes
class C:
    n = 0
    def __init__(self, x):
        C.n += 1
        self.x = f(x)
for x in xs:
    out.append(C(x).x)
r = C.n

## class attribute by type self -> class-attribute
class C:
    n = 0
    def __init__(self, x):
        type(self).n += 1
        self.x = f(x)
for x in xs:
    out.append(C(x).x)
r = C.n

## class attribute by self class -> parallel; processes: fell back; threads: fell back
class C:
    made = []
    def __init__(self, x):
        self.made.append(x)
        self.x = f(x)
for x in xs:
    out.append(C(x).x)
r = C.made

## classmethod counter -> class-attribute
class C:
    n = 0
    @classmethod
    def make(cls, x):
        cls.n += 1
        return f(x)
r = [C.make(x) for x in xs]

## property side effect -> parallel class-attribute
class C:
    reads = 0
    def __init__(self, x): self._x = x
    @property
    def x(self):
        C.reads += 1
        return f(self._x)
cs = [C(x) for x in xs]
r = [c.x for c in cs]
q = C.reads

## property changes self -> parallel changes-argument trivial
class C:
    def __init__(self, x): self._x = x; self.reads = 0
    @property
    def x(self):
        self.reads += 1
        return f(self._x)
cs = [C(x) for x in xs]
r = [c.x for c in cs]
q = [c.reads for c in cs]

## getattr hook -> parallel; processes: fell back; threads: calling it by name
class C:
    def __init__(self): self.asked = []
    def __getattr__(self, name):
        if name.startswith("__"): raise AttributeError(name)
        self.asked.append(name)
        return len(self.asked)
c = C()
r = [c.foo + f(x) for x in xs]

## getitem changes -> trivial
class C(dict):
    def __missing__(self, k):
        self[k] = f(k)
        return self[k]
c = C()
r = [c[x] for x in xs]

## defaultdict read -> parallel; processes: fell back; threads: fell back
dd = defaultdict(list)
r = [len(dd[x]) + f(x) for x in xs]

## defaultdict read in loop -> parallel; processes: fell back; threads: fell back
dd = defaultdict(int)
for x in xs:
    out.append(f(dd[x] + x))

## new objects of a class that the cell makes -> parallel parallel
class Model:
    scale = 2
    def __init__(self, k): self.k = k
    def fit(self, data):
        self.mean = f(self.k) + len(data) * self.scale
        return self
    def predict(self, x): return x + self.mean
r = [Model(k).fit(xs).predict(3) for k in range(5)]
for k in range(5):
    m = Model(k)
    m.fit(xs)
    d[k] = f(m.predict(k))

## one object of a class that the cell makes -> changes-argument parallel
class Acc:
    def __init__(self): self.s = 0
    def push(self, x, y):
        self.s += y
        return self.s
a = Acc()
r = [a.push(x, f(x)) for x in xs]
for x in xs:
    out.append(a.push(x, f(x)))

## objects of a class of the cell that share a name's object -> parallel; told: go()
class Shared:
    def __init__(self): self.log = log
    def go(self, x):
        self.log.append(x)
        return f(x)
for x in xs:
    s = Shared()
    out.append(s.go(x))

## objects of a class of the cell that share what it holds -> class-attribute
class Shared:
    log = []
    def go(self, x):
        self.log.append(x)
        return f(x)
for x in xs:
    s = Shared()
    out.append(s.go(x))
r = Shared.log

## one class in place of another of that name in an earlier cell -> changes-argument
class P:
    def push(self, v):
        self.v = f(v)
        return self.v
p = P()
r = [p.push(x) for x in xs]

## an object of a class that the cell makes, and another name for it -> changes-argument
class Acc:
    def __init__(self, s): self.s = s
    def push(self, x):
        self.s.append(f(x))
        return len(self.s)
for x in xs:
    a = Acc(log)
    out.append(a.push(x))

## a class of the cell whose metaclass has a part in it -> class-attribute
class Meta(type):
    def __call__(cls, *args):
        log.append(args)
        return super().__call__(*args)
class Acc(metaclass=Meta):
    def __init__(self, s): self.s = s
    def push(self):
        self.s = f(self.s)
        return self.s
for x in xs:
    out.append(Acc(x).push())

## properties that compute -> parallel parallel parallel trivial
class Doc:
    def __init__(self, n): self.n = n
    @property
    def work(self): return f(self.n)
    @property
    def plain(self): return self.n
docs = [Doc(x) for x in xs]
---
r = [one.work for one in docs]
for one in docs:
    out.append((one.work, one.plain))
q = {one.n: one.work for one in docs if one.plain > 2}
z = [one.plain for one in docs]

## a property that fails -> parallel
class Doc:
    def __init__(self, n): self.n = n
    def __repr__(self): return f"Doc({self.n})"
    @property
    def work(self): return fail(self.n)
docs = [Doc(x) for x in xs]
---
for one in docs:
    out.append(one.work)

## methods that make others of their class -> parallel parallel
class T:
    def __init__(self, n=0):
        self.kids, self.n = {}, n
    def put(self, word):
        n = self
        for c in word:
            n = n.kids.setdefault(c, T(n.n + 1))
        n.end = True
    def keys(self):
        return [(c, kid.n, kid.keys()) for c, kid in self.kids.items()]
class A:
    def __init__(self, n):
        other = B(n - 1) if n else None
        self.n, self.other = n, other
class B:
    def __init__(self, n):
        made = [A(n - 1)] if n > 0 else []
        self.kids = made
t = T()
---
for w in ["tree", "trie", "try"]:
    t.put(w)
    out.append(f(len(w)))
r = t.keys()
for x in xs:
    a = A(x)
    d[x] = f(a.n)

## an initialiser called by the class it stands in -> parallel
class Base:
    def __init__(self, sink): sink.append(len(sink))
class Child(Base):
    def __init__(self, sink):
        Base.__init__(self, sink)
        self.n = len(sink)
---
for x in xs:
    out.append(Child(log).n + f(x))
""")
