"""Iterators that the body or the rest of the cell shares."""

from tabled import cells

CELLS = cells(r"""
## comp next -> changes
it = iter(xs)
r = [next(it) for x in range(3)]

## iterates itself -> changes-iterable
q = [1]
for x in q:
    if len(q) < 10:
        q.append(f(x))

## generator -> parallel
for x in gen(9):
    out.append(f(x))

## infinite -> parallel
import itertools
for x in itertools.count():
    y = f(x)
    if y > 30:
        break
    out.append(y)

## outer iterator -> changes
it = iter(range(100))
for x in xs:
    out.append(f(next(it)))

## iterator read -> parallel; told: iterator
it = iter(range(100))
for x in xs:
    out.append(sum(zip(it, [1]).__next__()))

## count beside -> parallel
import itertools
it = itertools.count()
for x in xs:
    out.append((f(x), next(it)))

## count shared by comprehension -> parallel; told: iterator
import itertools
it = itertools.count()
pairs = [list(zip(range(2), it)) for x in xs if f(x)]

## next of what is iterated -> changes-iterable
it = iter(xs)
for x in it:
    y = f(x)
    nxt = next(it, None)
    out.append((y, nxt))

## rest after break -> parallel; told: stop early
it = iter(xs)
for x in it:
    if f(x) > 10:
        break
    out.append(x)
rest = list(it)

## rest after any -> parallel; told: 'it'
it = iter(xs)
r = any(f(x) > 10 for x in it)
rest = list(it)

## named iterator suppress -> parallel; told: read on in 'it'
import contextlib
it = iter(xs)
with contextlib.suppress(ValueError):
    r = [f(x) + fail(x) for x in it]
rest = list(it)

## named iterator finally -> parallel; told: read on in 'it'
it = iter(range(9))
try:
    try:
        for x in it:
            out.append(f(x) + fail(x))
    finally:
        rest = list(it)
except ValueError:
    pass

## file in try -> parallel
import tempfile, os
fd, path = tempfile.mkstemp()
with open(path, "w") as fh: fh.write("1\n2\n3\n")
try:
    with open(path) as fh:
        for line in fh:
            out.append(f(int(line)))
except OSError:
    out.clear()
os.close(fd)
os.remove(path)
del fd, path, fh

## enumerated iterator in try -> parallel; told: read on in 'it'
it = iter(xs)
try:
    for i, x in enumerate(it):
        out.append(f(x) + fail(x))
except ValueError as e:
    rest = list(it)

## file that its with closes, after a break -> parallel
with open("/etc/passwd") as fh:
    for line in fh:
        out.append(f(len(line)))
        if len(out) > 3:
            break
del fh

## file that is read on after a break -> parallel; told: would have read on in 'fh'
with open("/etc/passwd") as fh:
    for line in fh:
        out.append(f(len(line)))
        if len(out) > 3:
            break
    rest = fh.read()
del fh

## map that takes the items of another iterator -> iterator
it = iter(range(100))
r = list(map(lambda x: next(it) + f(x), xs))
""")
