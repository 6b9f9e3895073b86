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

## generator expression that prints -> parallel; told: its generator expression prints
src = (print("make", v) or v for v in xs)
---
for x in src:
    print("use", f(x))

## generator expression that changes something -> parallel; told: its generator expression 'log.append()' changes
src = (log.append(v) or v for v in xs)
---
for x in src:
    out.append((f(x), len(log)))

## generator expression inside another -> parallel; told: prints
src = (v + 1 for v in (print("make", v) or v for v in xs))
---
for x in src:
    print("use", f(x))

## generator expressions that compute -> parallel
src = (v + 1 for v in (v * 2 for v in xs if v > 1))
---
for x in src:
    print("use", f(x))

## generator expression whose method prints -> parallel; told: prints
class L:
    def make(self, v):
        print("make", v)
        return v
maker = L()
src = (maker.make(v) for v in xs)
---
for x in src:
    print("use", f(x))

## generator expression without its source -> parallel; told: whose source cannot be found
src = eval("(print('make', v) or v for v in [1, 2, 3, 4])")
---
for x in src:
    print("use", f(x))

## generator that logs -> parallel; told: logs
import logging
def src():
    for v in xs:
        logging.getLogger("src").warning("make")
        yield v
---
for x in src():
    print("use", f(x))

## generator that warns -> parallel; told: warns
import warnings
def src():
    for v in xs:
        warnings.warn("make")
        yield v
---
for x in src():
    print("use", f(x))

## generator that calls what it was given -> parallel; told: loud() prints
def src(made):
    for v in xs:
        yield made(v) + 1
---
for x in src(loud):
    print("use", f(x))

## class that iterates, whose other method prints -> parallel; told: prints
class Steps:
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def step(self):
        print("step", self.n)
    def __next__(self):
        self.step()
        self.n += 1
        if self.n > 4: raise StopIteration
        return self.n
---
for x in Steps():
    print("use", f(x))

## class that iterates and calls what it was given -> parallel; told: loud() prints
class Calls:
    def __init__(self, made): self.made, self.n = made, 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 4: raise StopIteration
        return self.made(self.n)
---
for x in Calls(loud):
    print("use", f(x))

## class that goes over a generator that prints -> parallel; told: src() prints
def src():
    for v in xs:
        print("make", v)
        yield v
class Bar:
    def __init__(self, over): self.over = over
    def __iter__(self):
        for v in self.over: yield v
---
for x in Bar(src()):
    print("use", f(x))

## map of an object that prints -> parallel; told: __call__() prints
class L:
    def __call__(self, v):
        print("make", v)
        return v
src = map(L(), xs)
---
for x in src:
    print("use", f(x))

## map of a class that prints -> parallel; told: __init__() prints
class L:
    def __init__(self, v):
        print("make", v)
        self.v = v
src = map(L, xs)
---
for x in src:
    print("use", f(x.v))

## map of a class -> parallel
src = map(P, xs)
---
for x in src:
    print("use", f(x.x))

## map of a partial that prints -> parallel; told: prints
import functools
def made(k, v):
    print("make", v)
    return v
src = map(functools.partial(made, 1), xs)
---
for x in src:
    print("use", f(x))

## map of a cached function that prints -> parallel; told: prints
import functools
src = map(functools.cache(loud), xs)
---
for x in src:
    print("use", f(x))

## map of what a decorator makes that prints -> parallel; told: prints
import functools
def shout(function):
    @functools.wraps(function)
    def inner(*given):
        print("make", given)
        return function(*given)
    return inner
made = shout(f)
src = map(made, xs)
---
for x in src:
    print("use", f(x))

## generator that calls what a decorator makes that prints -> parallel; told: prints
import functools
def shout(function):
    @functools.wraps(function)
    def inner(*given):
        print("make", given)
        return function(*given)
    return inner
made = shout(f)
def src():
    for v in xs:
        yield made(v)
---
for x in src():
    print("use", f(x))

## map of print -> parallel; told: print() prints
src = map(print, xs)
---
for x in src:
    print("use", str(x) * 2)

## map of a method of a list -> parallel; told: looks at 'log'
src = map(log.append, xs)
---
for x in src:
    out.append((str(x) * 2, len(log)))

## map that prints, beside others -> parallel; told: loud() prints
for a, b in zip(xs, map(loud, xs)):
    print("use", f(a) + b)

## iterator beside others, after a break -> parallel; told: would have read on in 'it'
it = iter(xs)
for a, b in zip(it, range(6)):
    if f(a) > 15: break
    out.append(b)
rest = list(it)

## queue that is asked, and a break -> parallel; told: may stop early
import queue
q = queue.Queue()
for v in xs: q.put(v)
---
for x in iter(q.get, None):
    if f(x) > 15: break
    out.append(x)
rest = q.qsize()
del q

## map of what a silent decorator makes of one that prints -> parallel; told: prints
import functools
def silent(function):
    @functools.wraps(function)
    def inner(*given):
        return function(*given)
    return inner
src = map(silent(loud), xs)
---
for x in src:
    print("use", f(x))

## generator that opens the files that it names -> parallel parallel
import os, tempfile
from pathlib import Path
folder = tempfile.mkdtemp()
for name in "abcd":
    Path(folder, name).write_text(name * 3)
def opened(paths):
    for path in paths:
        with open(path) as file:
            yield path.name, file.read()
def loaded(paths):
    for path in paths:
        yield path.name, os.stat(path).st_size
---
for name, text in opened(sorted(Path(folder).iterdir())):
    out.append((name, f(len(text))))
for name, size in loaded(sorted(Path(folder).iterdir())):
    out.append((name, f(size)))
folder = os.path.basename(folder) and None

## generator of a library that calls methods of its own -> parallel
import tempfile
from pathlib import Path
folder = tempfile.mkdtemp()
for name in "abcd":
    Path(folder, name).write_text(name * 3)
---
r = sorted(len(path.name) + f(len(path.read_text())) for path in Path(folder).rglob("*"))
folder = None

## generator that lets a library change what it yields -> parallel; told: changes it later
import heapq
def lowest(n):
    kept = [3, 2, 1, 0]
    for i in range(n):
        heapq.heapreplace(kept, i + 4)
        yield kept
---
for kept in lowest(4):
    out.append(f(kept[0]))
""")
