"""The same object under two names; objects changed late."""

from tabled import cells

CELLS = cells(r"""
## local list -> parallel
for x in xs:
    part = []
    for j in range(x):
        part.append(f(j))
    out.append(part)

## local list later -> parallel
for x in xs:
    part = g(x)
    part.append(f(x))
    out.append(part)
    part.append(0)

## local grid -> parallel
for x in xs:
    m = [[0] * k for _ in range(2)]
    m[1][x] = f(x)
    out.append(m)

## alias -> parallel; told: 'out'
ys = out
for x in xs:
    out.append(f(len(ys)))

## alias in container -> parallel; told: 'res'
cfg = {'res': out}
for x in xs:
    out.append(f(len(cfg['res'])))

## alias temporary -> parallel
for x in xs:
    p = P(x)
    q = p
    q.x += f(x)
    out.append(p)

## alias of outer -> changes
for x in xs:
    o = out
    o.append(f(len(out)))

## appended then changed -> parallel
for x in xs:
    row = [x]
    out.append(row)
    row.append(f(x))

## appended dict filled later -> parallel
for x in xs:
    row = {}
    out.append(row)
    row["a"] = f(x)
    row["b"] = f(row["a"])

## appended under another name -> parallel
for x in xs:
    y = g(x)
    z = y
    out.append(y)
    z.append(f(x))

## iterable's first item changed -> changes-iterable
for x in xs:
    yy = xs[x % 3]
    xs[0] = f(x)

## object under another name -> parallel
for x in xs:
    p = acc
    p.x += f(x)
    out.append(p.double())

## object out of a list -> parallel
for x in xs:
    p = [acc][0]
    p.x += f(x)
    out.append(acc.double())

## starred part changed later -> parallel
for x in xs:
    a, *b = g(x, 3)
    out.append(b)
    b.append(f(a))

## counter walked -> parallel
for x in xs:
    c = Counter(str(f(x)))
    c["1"] += 1
    out.append(c)
    for q in c:
        total += c[q]

## list changed under another name -> parallel
for x in xs:
    v = [f(x)]
    w = v
    w += [1]
    out.append(v)

## iterable under another name -> changes-iterable
for x in xs:
    v = xs
    v += [f(x)] if len(v) < 12 else []

## bound method -> parallel; told: what it calls was bound
o2 = out.append
for x in xs:
    o2(f(x))

## bound method late -> parallel; told: what it calls was bound
o2 = log.append
for x in xs:
    y = f(x)
    o2(y)
r = len(log)

## list read under another name -> parallel; told: 'a1'
a1 = xs[:]
b1 = a1
for i in range(len(a1)):
    a1[i] = f(b1[i])

## identity after the loop -> trivial parallel forbidden
objs = [[x] for x in xs]
for o in objs:
    if sum(o) % 2:
        out.append(o)
r = all(any(z is o for o in objs) for z in out)
""")
