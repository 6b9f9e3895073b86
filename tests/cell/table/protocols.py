"""Protocol methods with side effects."""

from tabled import cells

CELLS = cells(r"""
## user iterator -> parallel; told: 'it'
class It:
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 4: raise StopIteration
        return self.n
it = It()
for x in it:
    out.append((f(x), it.n))

## an iterator that is no iterable -> parallel
class Nexts:
    def __init__(self): self.n = 0
    def __next__(self):
        self.n += 1
        if self.n > 40: raise StopIteration
        return self.n
class Once:
    def __iter__(self): return Nexts()
for x in Once():
    out.append(f(x))

## an iterator that counts how often it is asked for itself -> parallel
class Asked:
    asked, n = 0, 0
    def __iter__(self):
        self.asked += 1
        return self
    def __next__(self):
        self.n += 1
        if self.n > 40: raise StopIteration
        return self.n
it = Asked()
out = [f(x) for x in it]
out.append(it.asked)

## repr raises -> parallel
class C:
    def __init__(self, v): self.v = v
    def __repr__(self): raise RuntimeError("no")
for c in [C(1), C(4)]:
    out.append(fail(c.v))

## bool side effect -> parallel; told: is 'B', which the loop changes
class B:
    n = 0
    def __bool__(self):
        B.n += 1
        return B.n % 2 == 0
b = B()
for x in xs:
    if b:
        out.append(f(x))
    else:
        out.append(0)

## contains side effect -> parallel; processes: fell back; threads: calling it by name
class B:
    def __init__(self): self.asked = []
    def __contains__(self, v):
        self.asked.append(v)
        return v in self.asked[:-1]
b = B()
for x in xs:
    if x in b:
        continue
    out.append(f(x))
""")
