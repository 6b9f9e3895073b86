"""Odd targets, and iterables bound again."""

from tabled import cells

CELLS = cells(r"""
## subscript target -> changes
a = [0] * 3
for a[1] in xs:
    out.append(f(a[1]))

## attribute target -> changes
for acc.x in xs:
    out.append(f(acc.x))

## star target -> parallel
for a, *b, c in [(1, 2, 3, 4), (5, 6)]:
    out.append(f(a) + f(c) + len(b))

## enumerate rebinding iterable -> parallel
for i, xs in enumerate(xs):
    out.append(f(xs) + i)

## iterable rebinding -> parallel
v = [[1], [2], [3]]
for v in v:
    v.append(f(v[0]))
""")
