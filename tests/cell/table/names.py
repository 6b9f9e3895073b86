"""Names that a body binds, and what they hold afterwards."""

from tabled import cells

CELLS = cells(r"""
## temporary -> parallel
for x in xs:
    y = f(x)
    out.append(y)

## conditional name -> parallel
for x in xs:
    v = f(x)
    if v > 30:
        big = v * 2
    out.append(v)

## conditional only compute -> parallel
for x in xs:
    if f(x) > 30:
        big = f(x)

## only temporaries -> parallel
for x in xs:
    a = f(x)
    b = f(a)

## maybe unbound -> parallel
for x in xs:
    for q in range(x - 3):
        z = f(q)
    out.append(f(x))

## read old -> carried
for x in xs:
    r = f(y if x == 3 else 1) if isinstance(y, int) else 0
    y = f(r)

## global read by function -> carried parallel
for x in xs:
    y = x
    out.append(reads_y())
for x in xs:
    out.append(f(x))

## augmented local -> parallel
for x in xs:
    v = f(x)
    v += 3
    v *= 2
    out.append(v)

## walrus -> parallel
for x in xs:
    if (v := f(x)) > 5:
        out.append(v)

## del -> parallel
for x in xs:
    tmp = f(x)
    out.append(tmp)
    del tmp

## import inside -> parallel
for x in xs:
    import cmath
    out.append(cmath.sqrt(f(x)))

## def inside -> parallel
for x in xs:
    def h(v):
        return v + x
    out.append(f(h(3)))
r = h(1)

## lambda inside -> parallel
for x in xs:
    h = lambda v: v + x
    out.append(f(h(3)))
r = h(1)

## lambdas kept -> trivial parallel
for x in xs:
    out.append(lambda: x)
r = [h() for h in out]

## loop variable assigned -> parallel
for x in xs:
    y = f(x)
    x = 0
    out.append(y)

## global name order -> parallel
for x in xs:
    n1 = f(x)
    n2 = f(n1)
    n3 = total + n2
    total = n3
    n4 = f(n2)

## name order: some iterations -> parallel
for x in [3, 1, 2]:
    if x < 3:
        low = f(x)
    high = f(x + 1)
    if x == 3:
        odd = f(x)

## name order: commit part under a condition -> parallel
total = 0
for x in [1, 4, 2]:
    if f(x) > f(3) and total > 1:
        best = x
    total += f(x)
    last = f(x + 1)

## name order: inner loop -> parallel
for x in [0, 2, 1]:
    for y in range(x):
        inner = f(y)
    outer = f(x)

## name order: left by an error -> parallel
for x in [1, 2, 0]:
    if x == 2:
        late = f(x)
    early = f(x)
    if x == 0:
        last = 1 / x

## name order: left by a break -> parallel
for x in [1, 2, 3]:
    if x == 2:
        late = f(x)
    early = f(x)
    if f(x) > f(1):
        break

## annotated -> parallel
for x in xs:
    v: int = f(x)
    out.append(v)

## inner loop takes the name -> parallel
for x in xs:
    for x in range(3):
        out.append(f(x))

## class in body -> keeps-function
for x in xs:
    class C:
        val = f(x)
    out.append(C.val)

## global in body -> parallel
for x in xs:
    global z9
    z9 = f(x)

## two walruses -> parallel
for x in xs:
    if (n := f(x)) > 10 and (q := f(n)):
        out.append(q)
""")
