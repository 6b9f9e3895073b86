"""Items that are the same object."""

from tabled import cells

CELLS = cells(r"""
## same object items -> parallel
one = [1]
for o in [one] * 6:
    o.append(f(len(o)))
    out.append(len(o))

## same object items compute -> parallel forbidden
one = [1]
for o in [one] * 6:
    out.append(f(o[0]))
r = all(o is one for o in [one] * 3)

## same items returned -> parallel forbidden
one = [1]
def same(v): return v
r = [same(o) for o in [one] * 6]
q = all(o is one for o in r)
""")
