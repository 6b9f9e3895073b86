"""break, continue, else, if, while, match and inner loops."""

from tabled import cells

CELLS = cells(r"""
## continue -> parallel
for x in xs:
    if odd(x):
        continue
    y = f(x)
    out.append(y)

## break -> parallel
for x in xs:
    y = f(x)
    if y > 20:
        break
    out.append(y)
else:
    out.append('end')

## break on commit -> parallel
for x in xs:
    y = f(x)
    total += y
    if total > 40:
        break

## else -> parallel
for x in xs:
    y = f(x)
    out.append(y)
else:
    out.append(y)

## no iteration -> parallel
for x in []:
    w = f(x)
    out.append(w)

## inner loop -> parallel
for x in xs:
    for j in range(x):
        out.append(f(x + j))

## inner loop break -> parallel
for x in xs:
    for j in range(x):
        if odd(j):
            continue
        if j > 4:
            break
        out.append(f(j))
    else:
        out.append('e')

## inner twice -> parallel
for x in xs:
    for a in range(2):
        for b in range(x):
            d[a, b] = f(a + b)
        out.append(f(a))

## inner compute -> parallel
for x in xs:
    t = 0
    for j in range(x):
        t += f(j)
    out.append(t)

## while inside -> parallel
for x in xs:
    n = x
    while n < 50:
        n = f(n)
    out.append(n)

## while commit -> parallel
for x in xs:
    v = f(x)
    while total < v:
        total += 7
    out.append(total)

## match -> parallel
v = n = 0
for x in xs:
    match f(x) % 3:
        case 0:
            v = 'zero'
        case n:
            v = n
    out.append(v)

## match commit -> parallel
n = 0
for x in xs:
    match f(x) % 3:
        case 0:
            total += 1
        case n:
            out.append(n)

## two maybe -> parallel
for x in xs:
    if odd(x):
        u = f(x)
    else:
        u = -f(x)
    out.append(u)

## commit in two branches -> parallel
for x in xs:
    v = f(x)
    if odd(v):
        out.append(v)
        w = f(v)
        log.append(w)
    elif v > 20:
        d[x] = f(v)
    else:
        continue
    total += v

## break beside two branches -> parallel
for x in xs:
    if x > 3:
        if total > 10:
            break
        total += f(x)
    else:
        total -= f(x)

## sum of inner genexp -> parallel
for x in xs:
    s = sum(f(v) for v in range(x))
    out.append(s)

## inner break and else -> parallel
for x in xs:
    n = 0
    for j in range(x):
        n += f(j)
        if n > 20:
            out.append(n)
            break
    else:
        out.append(-n)
    d[x] = n

## inner continue on seen -> parallel
for x in xs:
    for j in range(x):
        v = f(j)
        if v in seen:
            continue
        seen.add(v)
        out.append(f(v))

## while true break -> carried
for x in xs:
    while True:
        v = f(x)
        if v > 3 or total > 3:
            break
        total += 1
    out.append(v)
""")
