"""What lies beneath an iterable: what it asks for its items in turn, which the notebook may keep, look at or hear."""

from tabled import cells

CELLS = cells(r"""
## break leaves a file open in its with -> parallel; told: 'fh'
import io
with io.StringIO("1\n2\n3\n4\n5\n6\n7\n8\n") as fh:
    for line in fh:
        if f(int(line)) > 8:
            break
        out.append(line)
    r = fh.read()

## break leaves a file that a function reads on in its with -> parallel; told: 'fh'
import io
def rest():
    return fh.read()
with io.StringIO("1\n2\n3\n4\n5\n6\n7\n8\n") as fh:
    for line in fh:
        if f(int(line)) > 8:
            break
        out.append(line)
    r = rest()

## break leaves a file to the next loop of its with -> parallel parallel; told: 'fh'
import io
with io.StringIO("1\n2\n3\n4\n5\n6\n7\n8\n") as fh:
    if xs:
        for line in fh:
            if f(int(line)) > 8:
                break
            out.append(line)
    for line in fh:
        out.append(f(int(line)) + 1)

## break leaves a file to the else of its loop -> parallel; told: 'fh'
import io
with io.StringIO("1\n2\n3\n4\n5\n6\n7\n8\n") as fh:
    for line in fh:
        if f(int(line)) > 999:
            break
        out.append(line)
    else:
        r = fh.tell()

## a consumer that stops leaves a file open in its with -> parallel; told: 'fh'
import io
with io.StringIO("1\n2\n3\n4\n5\n6\n7\n8\n") as fh:
    r = any(f(int(line)) > 8 for line in fh), fh.read()

## nothing goes on with a file after break -> parallel
import io
with io.StringIO("1\n2\n3\n4\n5\n6\n7\n8\n") as fh:
    h = next(fh)
    for line in fh:
        if f(int(line)) > 18:
            break
        out.append(line)

## break in zip over iterators that are kept -> parallel; told: may stop early
a1, b1 = iter(xs), iter(range(50))
for a, b in zip(a1, b1):
    if f(a) > 8:
        break
    out.append(b)
r = list(a1), list(b1)

## break in map over an iterator that is kept -> parallel; told: 'it'
it = iter(xs)
m = map
for a in m(str, it):
    if f(int(a)) > 8:
        break
    out.append(a)
r = list(it)

## break in chain over an iterator that is kept -> parallel; told: 'it'
import itertools
it = iter(xs)
for a in itertools.chain([1], it):
    if f(a) > 8:
        break
    out.append(a)
r = list(it)

## break in csv.reader over a file that is kept -> parallel; told: 'fh'
import io, csv
fh = io.StringIO("1\n2\n3\n4\n5\n6\n7\n8\n")
for (a,) in csv.reader(fh):
    if f(int(a)) > 8:
        break
    out.append(a)
r = fh.read()

## break in csv.DictReader over a file that is kept -> parallel; told: 'fh'
import io, csv
fh = io.StringIO("v\n1\n2\n3\n4\n5\n6\n7\n8\n")
for row in csv.DictReader(fh):
    if f(int(row["v"])) > 8:
        break
    out.append(row)
r = fh.read()

## break in an object that goes over a file -> parallel; told: 'fh'
import io
class Lines:
    def __init__(self, file):
        self.file = file
    def __iter__(self):
        return iter(self.file)
fh = io.StringIO("1\n2\n3\n4\n5\n6\n7\n8\n")
for a in Lines(fh):
    if f(int(a)) > 8:
        break
    out.append(a)
r = fh.read()

## break in a method's generator over a file -> parallel; told: 'fh'
import io
class Lines:
    def __init__(self, file):
        self.file = file
    def lines(self):
        for line in self.file:
            yield line.strip()
fh = io.StringIO("1\n2\n3\n4\n5\n6\n7\n8\n")
for a in Lines(fh).lines():
    if f(int(a)) > 8:
        break
    out.append(a)
r = fh.read()

## break in an iterator that an attribute keeps -> parallel; told: 'q.it'
class Holder:
    pass
q = Holder()
q.it = iter(xs)
for a in q.it:
    if f(a) > 8:
        break
    out.append(a)
r = list(q.it)

## break in an iterator that a dict in a list keeps -> parallel; told: 'q[0]['it']'
q = [{"it": iter(xs)}]
for a in q[0]["it"]:
    if f(a) > 8:
        break
    out.append(a)
r = list(q[0]["it"])

## break in an iterator that another one goes over -> parallel; told: 'q'
it = iter(xs)
q = enumerate(it)
for a in (it, exec("del it"))[0]:
    if f(a) > 8:
        break
    out.append(a)
r = list(q)

## break in calls of a container's method -> parallel; told: 'q'
q = list(range(20))
for a in iter(q.pop, 3):
    if f(a) < 300:
        break
    out.append(a)
r = q

## break in map over a method that takes from a container -> parallel; told: 'q'
q = dict(zip(range(20), range(1, 21)))
m = map
for a in m(q.pop, range(20)):
    if f(a) > 18:
        break
    out.append(a)
r = q

## break in map over a method that only looks -> parallel
q = dict(zip(range(20), range(1, 21)))
m = map
for a in m(q.get, range(20)):
    if f(a) > 18:
        break
    out.append(a)

## a generator ends where its loop is left -> parallel; told: src()
def src():
    try:
        yield from range(9)
    finally:
        log.append("ended")
for x in src():
    if f(x) > 8:
        break
    out.append(x)
r = list(log)

## a list in a notebook that keeps an iterator of it -> parallel
it = iter(xs)
for a in xs:
    if f(a) > 8:
        break
    out.append(a)
r = list(it)

## a generator in zip prints -> parallel; told: prints
def src():
    for i in range(5):
        print("gives", i)
        yield i
for a, b in zip(src(), "abcde"):
    print("has", b)
    out.append(f(a))

## a generator in chain prints -> parallel; told: prints
import itertools
def src():
    for i in range(5):
        print("gives", i)
        yield i
for a in itertools.chain([7], src(), src()):
    print("has", a)
    out.append(f(a))

## a generator in a library's iterable looks at what the loop changes -> parallel; told: 'todo'
import csv
todo = ["3"]
def src():
    while todo:
        yield todo.pop()
for (a,) in csv.reader(src()):
    out.append(f(int(a)))
    if int(a) > 0:
        todo.extend([str(int(a) - 1), "0"])

## a function under map in zip prints -> parallel; told: prints
m = map
for a, b in zip(m(loud, xs), range(99)):
    print("has", b)
    out.append(f(a))

## a partial function under map in zip prints -> parallel; told: prints
from functools import partial
m = map
p = partial(partial(loud))
for a, b in zip(m(p, xs), range(99)):
    print("has", b)
    out.append(f(a))

## an object that can be called under map prints -> parallel; told: prints
class Loud:
    def __call__(self, x):
        print("gives", x)
        return x
m = map
p = Loud()
for a in m(p, xs):
    print("has", a)
    out.append(f(a))

## break in calls of a partial method of a file -> parallel; told: 'fh'
import io
from functools import partial
fh = io.StringIO("1234567890")
for a in iter(partial(fh.read, 2), ""):
    if f(int(a)) > 999:
        break
    out.append(a)
r = fh.read()

## comprehensions over what the cell has opened -> parallel parallel parallel
import io
with io.StringIO("1\n2\n3\n4\n") as fh:
    out = [f(int(line)) for line in fh]
with io.StringIO("1\n2\n3\n4\n") as fh:
    r = sum(f(int(line)) for line in fh)
fh = io.StringIO("1\n2\n3\n4\n")
d = {line: f(int(line)) for line in fh}

## the loop asks a reader where it stands -> parallel; told: looks at 'rd'
import io, csv
rd = csv.reader(io.StringIO("1\n2\n3\n4\n"))
for row in rd:
    out.append((f(int(row[0])), rd.line_num))

## items in zip are changed, and one comes twice -> parallel; told: share an object
r = [[0], [1]]
r += r[:1]
for a, i in zip(r, range(3)):
    a.append(f(a[-1] + i))

## neighbours are changed -> trivial parallel
import itertools
r = [[i] for i in range(5)]
for a, b in itertools.pairwise(r):
    b[0] = f(a[0] + b[0])

## neighbours that hold what could change are changed -> trivial parallel
import itertools
r = [[[i]] for i in range(5)]
for a, b in itertools.pairwise(r):
    b[0][0] = f(a[0][0] + b[0][0])

## combinations are changed -> trivial parallel
import itertools
r = [[i] for i in range(4)]
for a, b in itertools.combinations(r, 2):
    a[0] = f(b[0] + a[0])

## a chain's items are changed, and some come twice -> trivial parallel; told: share an object
import itertools
r = [[i] for i in range(4)]
for a in itertools.chain(r, r):
    a[0] = f(a[0] + 1)

## a chain of lists, one of which has an item twice -> parallel; told: share an object
import itertools
r = [[1]]
for a in itertools.chain(r * 2, [[3]]):
    a[0] = f(a[0] + 1)

## keys that share an object are changed -> parallel; told: share an object
class Key:
    def __init__(self, box):
        self.box = box
box = [1]
r = {Key(box): 1, Key(box): 2}
for k in r:
    k.box.append(f(k.box[-1]))
out.append(box)

## items of zip, enumerate and slices that are apart are changed -> trivial parallel parallel parallel parallel
import itertools
r = [[i] for i in range(6)]
for i, a in enumerate(r):
    a.append(f(a[0] + i))
for a, b in zip(r, "abcdef"):
    a.append((f(a[1]), b))
for a in itertools.islice(r, 1, 4):
    a.append(f(a[0]))
for k, a in {"a": r[0], "b": r[1]}.items():
    a.append((k, f(a[0])))
""")
