# ruff: noqa: E501
"""Simple statements and targets, one by one."""

from tabled import cells

CELLS = cells(r"""
## expr -> parallel
for x in xs:
    f(x)
    out.append(x)

## assignment with a star -> parallel
for x in xs:
    a, *b = f(x), x, x
    out.append((a, b))

## assign nested -> parallel
for x in xs:
    (a, [b, *c]), d2 = (f(x), [1, 2, 3]), x
    out.append((a, b, c, d2))

## assign attr sub -> parallel
for x in xs:
    acc.x, d[x], [out[:0], total] = f(x), f(x + 1), [[x], f(x)]

## assign slice step -> parallel
v = [0] * 10
for x in xs:
    v[x % 5::5] = [f(x)] * 2

## aug each op -> parallel
i1, i2, i3, i4, i5, i6, i7, i8, i9, i10, i11 = [1000] * 11
fl = 3.5
for x in xs:
    i1 += f(x); i2 -= f(x); i3 *= f(x); i4 //= f(x); i5 %= f(x) + 1; i6 **= 1; i7 <<= x % 2; i8 >>= x % 2; i9 &= f(x); i10 |= f(x); i11 ^= f(x)
    fl /= f(x)

## aug matmul -> parallel
import numpy as np
m = np.eye(2)
for x in xs[:3]:
    m @= np.full((2, 2), f(x))

## annotated without a value -> parallel
for x in xs:
    v: int
    w: "list[int]" = [f(x)]
    out.append(w)

## annotated attr -> parallel
for x in xs:
    acc.x: int = f(x)
    d[x]: str = str(f(x))

## assert tuple -> parallel
for x in xs:
    assert f(x) > 0, (print("not reached"), x)
    out.append(x)

## assert fails message -> parallel
for x in xs:
    y = f(x)
    assert y != 17, f"bad {y} {total}"
    total += y

## pass only -> trivial
for x in xs:
    pass

## ellipsis -> parallel
for x in xs:
    ...
    "doc"
    out.append(f(x))

## del many -> parallel
for x in xs:
    a, b = f(x), g(x)
    del a, (b)
    out.append(x)

## del attr item -> trivial parallel
d.update({i: i for i in range(10)})
for x in [3, 1, 4]:
    acc.tmp = f(x)
    y = acc.tmp + d[x]
    del acc.tmp, d[x]
    out.append(y)

## raise from -> parallel
for x in xs:
    try:
        fail(x)
    except ValueError as e:
        raise KeyError(x) from e
    out.append(f(x))

## raise from none -> parallel
for x in xs:
    try:
        y = fail(x)
    except ValueError:
        raise KeyError(x) from None
    out.append(y)

## reraise -> parallel
for x in xs:
    try:
        y = fail(x)
    except ValueError:
        log.append(x)
        raise
    out.append(y)

## raise class -> parallel
class Mine(Exception):
    def __init__(self, a, b):
        super().__init__(a)
        self.b = b
for x in xs:
    if f(x) > 20:
        raise Mine(x, [b for b in g(x)])
    out.append(x)

## raise kwonly -> parallel
class Mine(Exception):
    def __init__(self, *, code):
        super().__init__("code %d" % code)
        self.code = code
def bad(x):
    if x == 4:
        raise Mine(code=x)
    return x
for x in xs:
    out.append(bad(x))

## raise notes -> parallel
def bad(x):
    try:
        return fail(x)
    except ValueError as e:
        e.add_note("look here")
        e.extra = [x]
        raise
r = [bad(x) for x in xs]

## raise context -> parallel
def bad(x):
    try:
        return fail(x)
    except ValueError:
        return {}["missing"]
r = [bad(x) for x in xs]

## raise group -> parallel
def bad(x):
    if x == 4:
        raise ExceptionGroup("many", [ValueError(x), KeyError("k")])
    return x
r = [bad(x) for x in xs]

## except star -> trivial; from: 3.11
def bad(x):
    if x == 4:
        raise ExceptionGroup("many", [ValueError(x), KeyError("k")])
    return f(x)
for x in xs:
    try:
        y = bad(x)
    except* ValueError as eg:
        y = len(eg.exceptions)
    except* KeyError:
        log.append(x)
    out.append(y)

## base exception -> parallel
def bad(x):
    if x == 4:
        raise KeyboardInterrupt("mine")
    return x
for x in xs:
    try:
        out.append(bad(x))
    except KeyboardInterrupt:
        out.append("ki")

## generator exit -> parallel
def bad(x):
    if x == 4:
        raise GeneratorExit
    return x
for x in xs:
    out.append(bad(x))

## stop iteration in comp -> parallel
r = [next(iter([f(x)][: x - 1])) for x in xs]

## stop iteration in genexp -> parallel
r = sum(next(iter([f(x)][: x - 1])) for x in xs)

## recursion error -> parallel
def deep(n):
    return deep(n + 1) if n else 0
for x in [0, 0, 1]:
    try:
        out.append(deep(x))
    except RecursionError as e:
        out.append(type(e).__name__)

## import as -> parallel
for x in xs:
    import os.path as osp, string
    from math import floor as fl, ceil
    out.append((osp.basename("a/b"), fl(f(x) / 2), ceil(x / 2), len(string.digits)))

## import star error -> trivial
for x in xs:
    from math import nothing_there
    out.append(x)

## import missing -> trivial
for x in xs:
    try:
        import no_such_module_here
    except ImportError as e:
        out.append((str(e), f(x)))

## global declared -> parallel
for x in xs:
    global total, fresh_one
    fresh_one = f(x)
    total += fresh_one

## type alias annotations -> parallel
for x in xs:
    def typed(a: "int", *b: str, c: float = f(x), **kw) -> list[int]:
        return [a, c]
    out.append(typed(x))

## semicolons -> parallel
for x in xs: y = f(x); out.append(y); total += y
""")
