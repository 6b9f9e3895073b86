"""Where regions stand."""

from tabled import cells

CELLS = cells(r"""
## trivial -> trivial
for x in xs:
    out.append(x)

## trivial sum -> trivial
for x in xs:
    total += x

## nested region in if -> parallel
if xs:
    for x in xs:
        out.append(f(x))

## in while ->
n = 0
while n < 2:
    n += 1
    for x in xs:
        out.append(f(x))

## two loops -> parallel parallel
for x in xs:
    out.append(f(x))
for z in out:
    total += f(z)

## star import ->
r = 1

## delete item -> trivial parallel
d.update({x: 1 for x in xs})
for x in [3, 1]:
    y = f(x)
    del d[x]
    out.append(y)
""")
