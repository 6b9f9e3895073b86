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

## classmethod counter -> parallel; told: make()
class C:
    n = 0
    @classmethod
    def make(cls, x):
        cls.n += 1
        return f(x)
r = [C.make(x) for x in xs]

## property side effect -> parallel trivial
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

## property changes self -> parallel trivial trivial
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
""")
