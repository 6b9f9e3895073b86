"""Iterators that iterations share."""

from tabled import cells

CELLS = cells(r"""
## generator shared -> parallel; told: 'it'
it = gen(100)
for x in xs:
    out.append(sum(v for _, v in zip(range(x), it)))

## generator shared islice -> changes
from itertools import islice
it = gen(100)
r = [list(islice(it, x)) for x in xs]

## iterator in item -> trivial changes
it = iter(range(50))
pairs = [(x, it) for x in xs]
for x, j in pairs:
    out.append(f(next(j)))

## iterator in dict -> changes
st = {"it": iter(range(50))}
for x in xs:
    out.append(f(next(st["it"])))

## file iterator -> changes-iterable
import io
fh = io.StringIO("a\nb\nc\nd\n")
for line in fh:
    out.append(line.upper() + fh.readline())

## csv reader -> parallel
import io, csv
rd = csv.reader(io.StringIO("a,1\nb,2\nc,3\n"))
hd = next(rd)
for name, val in rd:
    d[name] = f(int(val))
""")
