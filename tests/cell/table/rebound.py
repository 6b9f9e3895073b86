"""The loop variable bound again in the body."""

from tabled import cells

CELLS = cells(r"""
## rebound by its copy -> parallel
for row in rows:
    row = dict(row)
    row["z"] = f(row["x"])
    out.append(row)

## rebound by a method -> parallel
lines = [" a b ", "c", "", " d e f"]
for line in lines:
    line = line.strip()
    if not line:
        continue
    out.append(len(line.split()))

## rebound in a while -> parallel
for n in range(1, 9):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    out.append(steps)

## rebound by += -> parallel
for x in xs:
    x += 1
    out.append(f(x))

## rebound by += of lists -> changes
pairs = [[1], [2], [3]]
for q in pairs:
    q += [4]
    out.append(f(len(q)))

## rebound now and then -> parallel
for x in xs:
    if x > 4:
        x = f(x)
    out.append(x)

## rebound now and then, read by nobody -> parallel
for x in xs:
    total += f(x)
    if x == 9:
        x = g(x)

## rebound last -> parallel
for x in xs:
    out.append(x)
    x = g(x)

## rebound, then fails -> parallel
try:
    for x in xs:
        x = f(x)
        out.append(fail(x // 4))
        x = g(x)
except ValueError:
    pass

## fails before it is rebound -> parallel
try:
    for q in rows:
        y = fail(q["x"])
        q = g(y)
        out.append(q)
except ValueError:
    r = q is rows[4]

## rebound, then left -> parallel
for x in xs:
    x = g(x)
    out.append(x)
    if len(out) > 3:
        break

## rebound by the commit part -> parallel
for x in xs:
    v = f(x)
    x = v + total
    total = x

## rebound to an outer list -> changes
for x in xs:
    x = log
    x.append(f(len(log)))

## rebound, seen by a function made before -> changes
for row in [[1], [2], [3]]:
    h = lambda: row.append(1)
    row = list(row)
    h()
    out.append(f(sum(row)))

## rebound by an inner loop -> parallel
for x in xs:
    for x in range(x % 3):
        out.append(f(x))

## rebound twice -> parallel
for s in "  a", " b ":
    s = s.strip()
    s = s + f"{f(len(s))}"
    s = s.upper()
    out.append(s)

## one of two rebound -> parallel
for i, x in enumerate(xs):
    x = f(x)
    d[i] = x

## handed on, then changed in place -> parallel
for i, x in enumerate(xs):
    y = g(x)
    z = [y]
    out.append(y)
    if len(out) > 4:
        break
r = z[0] is out[-1]

## handed on before the failure -> parallel
try:
    for x in xs:
        y = g(x)
        z = {"y": (y, 1)}
        out.append(y)
        if x == 5:
            1 / total
except ZeroDivisionError:
    r = z["y"][0] is out[-1]
""")
