"""Targets of loops and what is iterated."""

from tabled import cells

CELLS = cells(r"""
## two targets -> parallel
for i, (a, b) in enumerate(zip(xs, xs)):
    a2, b2 = f(a), f(b)
    out.append((i, a2, b2))

## starred target -> parallel
for a, *b in [(1, 2, 3), (4,)]:
    out.append((f(a), b))

## bad unpack -> parallel
for a, b in [(1, 2), (3,)]:
    out.append(f(a))

## dict items -> parallel
for key, val in {'a': 1, 'b': 2}.items():
    d[key] = f(val)

## iterable falls back -> changes-iterable
for x in sorted(out) or xs:
    out.append(f(x))
""")
