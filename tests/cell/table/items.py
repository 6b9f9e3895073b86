"""Items changed in place."""

from tabled import cells

CELLS = cells(r"""
## items in place -> parallel
for row in rows:
    row['y'] = f(row['x'])

## items in place later -> parallel
for row in rows:
    row['y'] = f(row['x'])
    row['z'] = f(row['y'])

## items twice -> parallel
two = [rows[0], rows[1], rows[0]]
for row in two:
    row['x'] = f(row['x'])

## items in function -> changes
for row in rows:
    changes(row)

## rows by rows -> changes
for a in rows:
    for b in rows:
        a["x"] = f(b["x"])

## first row read by each -> parallel; told: 'rows'
for a in rows:
    b = rows[0]
    a["x"] = f(b["x"]) + a["x"]

## first row read through a dict -> parallel; told: the loop changes its items,
m = {"k": rows[0]}
for a in rows:
    a["x"] = f(m["k"]["x"]) + a["x"]

## row replaced by its copy -> parallel
for i, row in enumerate(rows):
    row["n"] = f(i)
    rows[i] = dict(row)

## objects work -> parallel changes parallel
class S:
    def __init__(me, x):
        me.x, me.y = x, None
    def work(me):
        me.y = f(me.x)
    def value(me):
        return me.y
ss = [S(x) for x in xs]
for s in ss:
    s.work()
r = [s.value() for s in ss]
del ss, s
""")
