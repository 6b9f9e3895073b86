"""Values that serial Python might not have computed."""

from tabled import cells

CELLS = cells(r"""
## speculative raises -> parallel
for x in xs:
    if x != 4 or total < 0:
        v = fail(x)
        total += v

## speculative branch -> parallel
for x in xs:
    if x not in d:
        v = fail(x)
        w = f(v)
        d[x] = w

## speculative prints -> parallel
for x in xs:
    if x not in d:
        v = loud(x)
        d[x] = v
""")
