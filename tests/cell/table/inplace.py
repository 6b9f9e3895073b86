"""Changes in place."""

from tabled import cells

CELLS = cells(r"""
## attribute chain -> parallel parallel
class N: pass
n = N(); n.a = N(); n.a.b = N(); n.a.b.c = []
for x in xs:
    n.a.b.c.append(f(x))
m = n.a
for x in xs:
    out.append(f(len(m.b.c)))

## sort in place -> changes
vs = [[3, 1], [2, 9, 0]]
for v in vs:
    v.sort()
    out.append(f(v[0]))

## sort by function -> changes
def srt(v):
    v.sort()
    return v[0]
vs = [[3, 1], [2, 9, 0]]
r = [srt(v) for v in vs]

## sorted copy -> parallel
vs = [[3, 1], [2, 9, 0]]
r = [sorted(v) for v in vs]

## bytes building -> parallel
b = bytearray()
for x in xs:
    b += bytes([f(x) % 256])

## list concat -> parallel parallel
r = []
q = r
for x in xs:
    r = r + [f(x)]
for x in xs:
    q += [f(x)]
""")
