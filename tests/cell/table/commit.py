"""What the commit part does: appends, stores, reductions, recurrences."""

from tabled import cells

CELLS = cells(r"""
## append -> parallel
for x in xs:
    out.append(f(x))

## append item -> parallel
for p in [P(1), P(2)]:
    out.append((p, f(p.x)))

## extend -> parallel
for x in xs:
    out.extend(g(x))

## subscript -> parallel
for x in xs:
    d[x] = f(x)

## subscript key -> parallel
for x in xs:
    d[f(x)] = g(x)

## reduction -> parallel
for x in xs:
    total += f(x)

## reduction float -> parallel
t = 0.1
for x in xs:
    t += math.sin(x)
    t *= 1.0001

## reduction branch -> parallel
for x in xs:
    if odd(x):
        total += f(x)
    else:
        total -= f(x)

## recurrence -> parallel
prev = 1.0
for x in xs:
    prev = 0.9 * prev + f(x)

## recurrence all -> carried
s = 1
for x in xs:
    s = f(s)

## carried list -> changes
for x in xs:
    out.append(reads_out(x))

## set add -> parallel
for x in xs:
    seen.add(f(x))

## best -> parallel
for x in xs:
    if f(x) > best:
        best, arg = f(x), x

## counter -> parallel
c = Counter()
for x in xs:
    c[f(x) % 3] += 1

## defaultdict -> parallel
dd = defaultdict(list)
for x in xs:
    dd[f(x) % 3].append(x)

## setdefault -> parallel
for x in xs:
    d.setdefault(f(x) % 3, []).append(x)

## attribute -> parallel
for x in xs:
    acc.x += f(x)

## method -> parallel
for x in xs:
    acc.push(f(x))

## unless seen -> parallel
for x in xs:
    if x not in seen:
        seen.add(x)
        out.append(f(x))

## in place range -> parallel
v = [1, 2, 3]
for i in range(len(v)):
    v[i] = f(i)

## in place read -> changes
v = [1, 2, 3]
for i in range(1, len(v)):
    v[i] = f(v[i - 1])

## slice store -> parallel
v = [0] * 20
for x in xs:
    v[x:x + 1] = g(x, 1)

## tuple best -> parallel
for x in xs:
    cand = (f(x), x)
    if arg is None or cand > arg:
        arg = cand

## swap state -> parallel
a, b = 0, 1
for x in xs:
    a, b = b, a + f(x)

## get and store -> parallel
for x in xs:
    d[x] = d.get(x, 0) + f(x)

## temporary changed if carried -> parallel
for x in xs:
    a = f(x)
    if total > 5:
        a = f(a)
    out.append(a)
    total += 1

## temporary chosen by carried -> parallel
for x in xs:
    if total > 5:
        a = f(x)
    else:
        a = -f(x)
    b = f(a)
    total += b

## inner comprehension reads carried -> changes
for x in xs:
    t = [f(v) for v in range(x) if v in out]
    out.append(len(t))

## slice assigned whole -> parallel
for x in xs:
    out[:] = [f(x)] + out

## attribute and its list -> parallel
for x in xs:
    acc.seen.append(f(x))
    acc.x = f(acc.x)

## recurrence beside append -> parallel
for x in xs:
    k = f(k) % 7
    out.append(f(x))

## string building -> parallel
s = ""
for x in xs:
    s += str(f(x))

## word counts -> parallel
r = []
for w in "a b a c".split():
    if w in d:
        d[w] += f(len(w))
    else:
        d[w] = f(len(w))

## deque as window -> parallel
hist = deque(maxlen=3)
for x in xs:
    hist.append(f(x))
    out.append(sum(hist))

## memo by hand -> parallel
for x in xs:
    v = f(x) if x not in cache else cache[x]
    cache[x] = v

## appends in comprehension -> trivial
for x in xs:
    r1 = [out.append(f(x)) for _ in range(2)]

## two statements on a line -> parallel
for x in xs:
    out.append(f(x)); log.append(out[-1])

## element of a list added to -> parallel
v = [0] * 8
for i, x in enumerate(xs):
    v[i] += f(x)
""")
