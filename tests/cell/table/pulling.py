"""Iterables: groupby, zip, generators, lists that change."""

from tabled import cells

CELLS = cells(r"""
## groupby kept -> trivial parallel; processes: items
import itertools
r = [(key, grp) for key, grp in itertools.groupby([1, 1, 2, 2])]
q = [list(grp) for key, grp in r]

## zip shared -> parallel
it = iter(range(10))
for a, b in zip(it, it):
    out.append(f(a) * b)

## zip uneven leaves -> parallel
a1, b1 = iter(range(5)), iter(range(3))
for a, b in zip(a1, b1):
    out.append(f(a) + b)
r = list(a1), list(b1)

## zip strict -> parallel
for a, b in zip([1, 2, 3], [1, 2], strict=True):
    out.append(f(a) + b)

## generator with finally -> parallel; told: src()
def src():
    try:
        yield from range(10)
    finally:
        print("closed")
for x in src():
    if x == 3:
        break
    out.append(f(x))

## generator finally kept -> parallel; told: the loop may stop early,
def src():
    try:
        yield from range(10)
    finally:
        print("closed")
s = src()
for x in s:
    if x == 3:
        break
    out.append(f(x))
r = next(s)

## generator send -> parallel
def co():
    v = 0
    while True:
        got = yield v
        v += got or 1
c = co(); next(c)
for x in xs:
    out.append(c.send(f(x)))

## chunks by slices -> parallel
def chunks(v, n):
    for i in range(0, len(v), n):
        yield v[i:i + n]
for c in chunks(xs, 3):
    out.append(f(sum(c)))

## dict changed size -> changes-iterable
dd = {1: 1, 2: 2}
for key in dd:
    dd[key + 10] = f(key)

## dict value changed -> parallel
dd = {1: 1, 2: 2}
for key in dd:
    dd[key] = f(dd[key])

## dict items read others -> changes-iterable
dd = {1: 1, 2: 2, 3: 3}
for key, v in dd.items():
    dd[key] = f(v) + dd[1]

## list changed during -> changes-iterable
v = [1, 2, 3, 4]
for e in v:
    y = f(e)
    if e == 2:
        v.remove(e)

## list reversed -> changes-iterable
v = [1, 2, 3, 4]
for e in reversed(v):
    v[-1] = f(e)

## list copy iterated -> changes-iterable
v = [1, 2, 3, 4]
for e in v[:]:
    y = f(e)
    if y % 2:
        v.remove(e)

## set popped -> parallel
s = {1, 2, 3}
for x in list(s):
    y = f(x)
    s.discard(x)
    out.append(len(s) + y)

## while queue ->
q = deque([3])
while q:
    x = q.popleft()
    for j in range(x):
        q.append(j)
    out.append(f(x))

## iter sentinel -> parallel; told: next()
it = iter(xs)
for x in iter(lambda: next(it), 9):
    out.append(f(x))
""")
