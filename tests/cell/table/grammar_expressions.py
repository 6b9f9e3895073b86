# ruff: noqa: E501
"""Expressions, one by one."""

from tabled import cells

CELLS = cells(r"""
## atoms -> parallel
for x in xs:
    out.append((f(x), "a" "b", b"c", 1_0, 0x1F, 1e3, 2j, ..., None, True, r"\n", u"u"))

## displays -> parallel
for x in xs:
    out.append(([f(x), *g(x)], {f(x), 1}, {f(x): 1, **{"k": x}}, (*g(x), f(x)), {**d, x: f(x)}))

## comprehensions -> parallel
for x in xs:
    out.append(([f(i) for i in range(x) if i % 2], {i % 3 for i in range(x)}, {i: f(i) for i in range(2)}, sum(i for i in g(x))))

## comp scopes -> parallel
i = "kept"
for x in xs:
    out.append([i * x for i in [f(j) for j in range(2)]])

## subscripts -> parallel
v = list(range(100))
for x in xs:
    out.append((v[f(x)], v[x:x + 2], v[::-30], v[-x], v[slice(x)], "abcdef"[x % 6], d.get(x)))

## tuple subscript -> parallel
import numpy as np
m = np.arange(24).reshape(4, 6)
for x in range(4):
    out.append((int(m[x, 2]), m[x, ::2].sum(), m[..., x].max(), m[x][None].shape))

## calls -> parallel
def many(a, /, b, *c, d=0, **e): return (a, b, c, d, e)
for x in xs:
    out.append(many(f(x), *g(x), 5, d=x, **{"k": f(x)}, m=1))

## call errors -> parallel
def many(a, /, b): return a
for x in xs:
    out.append(many(f(x), b=1) if x != 4 else many(1, 2, 3))

## unary binary -> parallel
for x in xs:
    out.append((-f(x), +x, ~x, not f(x), 2 ** x % 7, f(x) // 3, f(x) % 3, f(x) / 2, x << 2, x >> 1, x & 1, x | 8, x ^ 3, -2 ** x))

## compare -> parallel
for x in xs:
    out.append((1 < f(x) <= 30 != x, x in xs, f(x) not in out, x is None, x is not None, f(x) == x))

## bool ops -> parallel
for x in xs:
    out.append((f(x) and x, x > 3 or f(x), not x or [], f(x) and None or "z"))

## conditional -> parallel
for x in xs:
    out.append(f(x) if x > 3 else (g(x) if x else None))

## lambda -> parallel
for x in xs:
    h = lambda a, *b, k=f(x), **c: (a, b, k, c)
    out.append(h(x, 1, z=2))

## lambda defaults late -> keeps-function parallel
hs = [lambda a=x: a + k for x in xs]
k = 100
r = [h() for h in hs]

## two walruses in a test -> parallel
for x in xs:
    if (n := f(x)) > 10 and (m := n % 7):
        out.append((n, m))
    elif not (m := 0):
        out.append(n)

## walrus in comp -> parallel
for x in xs:
    r = [last := f(i) for i in range(x)]
    out.append((r, last))

## star call -> parallel
for x in xs:
    print(*g(x), sep="-", end=";\n")
    out.append(max(*g(x), f(x)))

## star subscript -> parallel
for x in xs:
    d[(*g(x), x)] = f(x)

## fstrings -> parallel
for x in xs:
    w = x + 3
    out.append(f"{f(x)!r:>{w}}|{x:03d}|{x=}|{{}}|{'nested ' + str(x)}|{f(x) / 3:.2f}|{[i for i in g(x)]}")

## string methods -> parallel
for w in "the quick brown".split():
    out.append(w.title().center(f(len(w)) % 20, "*").encode().decode().replace("*", "."))

## attribute chains -> parallel
for x in xs:
    out.append(P(P(f(x))).x.x.__class__.__name__)

## yield none -> yields
r = [list((lambda: (yield x))()) for x in xs]

## slices of result -> parallel
for x in xs:
    out[len(out):] = [f(x)] * 2

## complex target order -> changes-global
def at(i):
    log.append(i)
    return i
v = [0] * 4
for x in xs[:3]:
    v[at(0)], v[at(1)] = f(at(2)), at(3)

## aug order -> changes-global
def at(i):
    log.append(i)
    return i
v = [1] * 4
for x in xs[:3]:
    v[at(0)] += f(at(1))

## dict order -> changes-global
def at(i):
    log.append(i)
    return i
for x in xs[:3]:
    d = {at(1): f(at(2)), at(3): at(4)}

## chained compare effects -> changes-global
def at(i):
    log.append(i)
    return i
for x in xs:
    out.append(at(1) < at(x) < at(5))
""")
