"""Names that the body leaves unbound."""

from tabled import cells

CELLS = cells(r"""
## except name of the cell unbound -> parallel; told: bound in this cell
e = "before"
for x in xs:
    try:
        fail(x)
    except ValueError as e:
        pass
    out.append(f(x))

## except name of the notebook unbound -> parallel
for x in xs:
    try:
        v = fail(x)
    except ValueError as y:
        v = 0
    out.append(f(x) + v)

## name annotated only -> parallel
for x in xs:
    v: int
    out.append(f(x))
""")
