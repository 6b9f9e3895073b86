"""Iterables that cannot be read ahead of the loop without its body, or their own code, seeing it."""

from tabled import cells

CELLS = cells(r"""
## groups of groupby -> parallel; told: groupby()
import itertools
for key, grp in itertools.groupby(sorted(xs), key=odd):
    out.append((key, [f(v) for v in grp]))

## generator that changes a list -> parallel; told: src()
def src(n):
    for i in range(n):
        log.append(i)
        yield i
for x in src(4):
    out.append(f(x))
    log.append("b")

## generator that prints -> parallel; told: src()
def src(n):
    for i in range(n):
        print("make", i)
        yield i
    print("end")
for x in src(4):
    y = f(x)
    print("use", x)
    out.append(y)

## generator whose callee prints -> parallel; told: src()
def src(n):
    for i in range(n):
        yield loud(i)
r = [f(x) for x in src(4)]

## generator reads what the loop changes -> parallel; told: src()
def src():
    for i in range(4):
        yield len(out)
for x in src():
    out.append(f(x))

## generator's variable is what the loop changes -> changes-iterable
def src(v):
    for i in range(4):
        yield len(v)
for x in src(out):
    out.append(f(x))

## generator expression reads a sum -> unsupported parallel; told: 'total'
g2 = (total for _ in range(4))
for x in g2:
    total += f(x)

## one dict yielded again and again -> parallel; told: src()
def src():
    row = {}
    for i in range(4):
        row["i"] = i
        yield row
for row in src():
    out.append(f(row["i"]))

## one array yielded again and again -> parallel; told: src()
import numpy as np
def src():
    buf = np.zeros(3)
    for i in range(4):
        buf += i
        yield buf
for b in src():
    out.append(float(b.sum()) + f(1))

## one list yielded to a comprehension -> parallel; told: src()
def src():
    buf = []
    for i in range(4):
        buf.append(i)
        yield buf
r = [len(b) * f(1) for b in src()]

## views of one buffer -> parallel; told: src()
import numpy as np
def src():
    buf = np.zeros(3)
    for i in range(4):
        buf[0] = i
        yield i, buf[:1]
r = [f(float(b[0])) for i, b in src()]

## a new dict each time -> parallel
def src():
    for i in range(4):
        row = {}
        row["i"] = i
        yield row
for row in src():
    out.append(f(row["i"]))

## batches -> parallel
def batches(v, n):
    batch = []
    for x in v:
        batch.append(x)
        if len(batch) == n:
            yield batch
            batch = []
    if batch:
        yield batch
for b in batches(xs, 3):
    out.append(f(sum(b)))

## batches of one list -> parallel; told: batches()
def batches(v, n):
    batch = []
    for x in v:
        batch.append(x)
        if len(batch) == n:
            yield batch
            batch.clear()
for b in batches(xs, 3):
    out.append(f(sum(b)))

## running sums -> parallel
def sums(v):
    t = 0
    for x in v:
        t += x
        yield t
for s in sums(xs):
    out.append(f(s))

## class that iterates itself and prints -> parallel; told: __iter__()
class Seq:
    def __len__(self):
        print("len")
        return 3
    def __iter__(self):
        print("iter")
        return iter([1, 2, 3])
r = [f(x) for x in Seq()]

## len of the iterable is not asked for -> parallel
class Seq:
    asked = []
    def __len__(self):
        Seq.asked.append(1)
        return 3
    def __iter__(self):
        return iter([1, 2, 3])
r = [f(x) for x in Seq()]

## indexing that counts -> parallel; told: __getitem__()
class Seq:
    asked = []
    def __getitem__(self, i):
        self.asked.append(i)
        if i > 3:
            raise IndexError
        return i
for x in Seq():
    out.append(f(x))
r = list(Seq.asked)

## map with an effect among the iterables -> parallel; told: logs()
for i, x in enumerate(map(logs, xs)):
    out.append(f(x))
    log.append("b")

## sentinel that reads what the loop changes -> changes-iterable
for x in iter(lambda: len(out), 4):
    out.append(f(x))
""")
