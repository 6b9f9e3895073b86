"""Order of evaluation, and what is left halfway."""

from tabled import cells

CELLS = cells(r"""
## del in loop -> parallel
for x in xs:
    y = f(x)
    out.append(y)
    del x

## del list item -> parallel
v = list(xs)
for i in range(4):
    y = f(i)
    del v[0]
    out.append(y + v[0])

## tuple assign fails halfway -> parallel
v = [0, 0]
for x in xs:
    v[0], v[x] = f(x), f(x + 1)

## tuple unpack wrong -> parallel
for x in xs:
    a, b = g(x, 2 if x < 5 else 3)
    out.append(a)

## augassign index side effect -> parallel
def idx(x):
    log.append(x)
    return 0
v = [0]
for x in xs:
    v[idx(x)] += f(x)

## chained assign -> parallel
for x in xs:
    a = d[x] = v = f(x)
    out.append(a)

## chained assign order -> parallel
for x in xs:
    i = d[i if i else 0] = f(x) if (i := x) else 0

## short circuit or -> parallel
for x in xs:
    out.append(odd(x) or loud(x))

## short circuit commit -> parallel
for x in xs:
    total > 10 or out.append(f(x))
    total += x

## args order -> parallel
for x in xs:
    out.append((total, f(x), logs(x), len(log)))
    total += 1

## args order kw -> parallel
def three(a, b=0, c=0): return (a, b, c)
for x in xs:
    out.append(three(len(out), c=f(x), b=len(out)))

## fstring effects -> parallel
for x in xs:
    out.append(f"{logs(x)} {f(x)} {len(log)}")

## fstring format -> parallel
for x in xs:
    print(f"{f(x):>{x + 3}} {x!r:5} {f(x)=}")

## comparison chain -> parallel
for x in xs:
    if total < f(x) < 30 < total + 100:
        total += 1

## nested def default evaluated -> parallel
for x in xs:
    def h(a=f(x), b=total):
        return a + b
    total += h()

## finally continue -> parallel
for x in xs:
    try:
        out.append(fail(x))
    except ValueError:
        continue
    finally:
        total += f(x)
    log.append(x)

## finally break -> parallel
for x in xs:
    try:
        y = fail(x)
    finally:
        if x == 4:
            break
    out.append(y)

## finally continue swallows -> parallel
for x in xs:
    try:
        y = fail(x)
        out.append(y)
    finally:
        continue

## unbound some iterations -> parallel
for x in xs:
    if x > 100:
        q = f(x)
    out.append(f(x))
    if x == 9:
        print(q)

## unbound read compute -> parallel
for x in xs:
    if x > 3:
        q = f(x)
    out.append(q)

## loop var reassigned -> parallel
for x in xs:
    x = f(x)
    out.append(x)

## loop var aug -> changes
for x in xs:
    x += f(x)
    out.append(x)
""")
