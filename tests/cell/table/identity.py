"""Objects that are the same, and stay the same."""

from tabled import cells

CELLS = cells(r"""
## again identity -> parallel
for x in xs:
    y = g(x)
    z = [y]
    out.append(y)
    total += 1
    if total > 5:
        break

## again identity end -> parallel
for x in xs:
    y = g(x)
    z = [y]
    out.append(y)

## again identity exception -> parallel
for x in xs:
    y = g(x)
    z = [y]
    out.append(y)
    1 // (total - 3)
    total += 1

## hash of strings -> parallel; seed: 0
for w in "the quick brown fox jumps over".split():
    out.append(hash(w) % 1000)

## set of strings order -> parallel; seed: 0
r = [list(set(w)) for w in ["hello", "world", "parallel"]]

## set result -> parallel
for x in xs:
    out.append({str(x + i) for i in range(5)})

## id of item -> parallel parallel parallel; open: processes
objs = [[1], [2], [3]]
r = [id(o) == id(p) for o, p in zip(objs, objs)]
q = [id(o) for o in objs] == list(map(id, objs))

## id kept -> parallel parallel parallel; open: processes
objs = [P(i) for i in range(5)]
for o in objs:
    d[id(o)] = f(o.x)
r = [d[id(o)] for o in objs]
d.clear()
""")
