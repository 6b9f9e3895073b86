"""Statements with blocks whose parts run on both sides: match, and with as far as a worker may enter it."""

from tabled import cells

CELLS = cells(r"""
## match with jumps -> parallel
for x in xs:
    match x % 4:
        case 0:
            continue
        case 1 if f(x) > 20:
            print("one", x)
            break
        case 2 | 3 as k2:
            out.append(f(k2))
    out.append(x)
else:
    out.append("end")

## match with break that comes -> parallel
for x in xs:
    match x:
        case 9:
            out.append(f(x))
            break
        case _:
            out.append(f(x) + 1)
else:
    out.append("end")
z = x

## match in an inner loop -> parallel
for x in xs:
    for v in range(x):
        match (v % 3, x):
            case (0, _):
                continue
            case (1, n):
                out.append(f(n) + v)
            case (m, _):
                d[m] = f(m)
                if v > 5:
                    break

## match whose guard reads what the loop changes -> changes
for x in xs:
    match x:
        case n if len(out) > 2:
            out.append(f(n))
        case n:
            out.append(-f(n))

## match whose guard assigns -> parallel
for x in xs:
    match x:
        case n if (s := f(n)) > 10:
            out.append(s)
        case _:
            out.append(None)

## match whose subject fails -> parallel
for x in xs:
    match fail(x):
        case 1:
            out.append(f(x))
        case n:
            out.append(n)

## match within match, none taken -> parallel
for row in rows:
    match row:
        case {"x": v} if v > 1:
            match f(v):
                case 5:
                    out.append("five")
                case r if r > 10:
                    out.append(f(r))
        case {"z": q}:
            out.append(q)
z = list(row)

## match with classes, and a carried name -> parallel
class Q:
    __match_args__ = ("v",)
    def __init__(self, v): self.v = v
best = 0
for one in [Q(2), Q(5), P(1), 7]:
    match one:
        case Q(v) if v > 3:
            best += f(v)
        case P(x=v):
            best -= f(v)
        case int(v):
            best = max(best, f(v))

## match whose captures are kept apart from its object -> changes
for row in rows:
    match row:
        case {"x": v, **rest}:
            rest["v"] = f(v)
            out.append(rest)

## match on an object that the case changes -> parallel
for row in rows:
    match row:
        case {"x": v}:
            row["y"] = f(v)
            out.append(f(v))

## match under a condition of the commit part -> parallel
for x in xs:
    s = f(x)
    if len(out) < 3:
        match x:
            case 1:
                out.append(s)
            case n:
                out.append(n)

## with open, its parts in one value -> parallel; processes: fh; interpreters: fh
for x in xs:
    with open(json.__file__) as fh:
        out.append((fh.name, fh.closed, f(x), fh.read().upper()))

## with open, used after the block -> with-block
for x in xs:
    with open(json.__file__) as fh:
        out.append(len(fh.read()))
    d[x] = fh.name, fh.closed

## with open, used after the block by what is computed -> parallel; processes: fh; interpreters: fh
for x in xs:
    with open(json.__file__) as fh:
        out.append(f(x))
    s = f(len(fh.name))
    out.append(s)

## with a function of the notebook that prints -> parallel
import contextlib
@contextlib.contextmanager
def told(v):
    print("begin", v)
    try:
        yield v * 2
    finally:
        print("end", v)
---
for x in xs:
    with told(x) as twice:
        print("inside")
        out.append((twice, f(x)))
z = twice

## with a function of the notebook that prints around what prints -> changes
import contextlib
@contextlib.contextmanager
def told(v):
    print("begin", v)
    yield v * 2
    print("end", v)
---
for x in xs:
    with told(x):
        out.append(f(x))
        print("inside", out[-1])

## with a function of the notebook through which an error goes -> parallel
import contextlib
@contextlib.contextmanager
def told(v):
    print("begin", v)
    try:
        yield v
    finally:
        print("end", v)
---
for x in xs:
    with told(x) as v:
        out.append(fail(v))

## with a function of the notebook that catches -> changes
import contextlib
@contextlib.contextmanager
def calm():
    try:
        yield
    except ValueError:
        log.append("caught")
---
for x in xs:
    with calm():
        out.append(fail(x))

## with a function of the notebook that catches, and does nothing else -> with-block
import contextlib
@contextlib.contextmanager
def calm():
    try:
        yield
    except ValueError:
        pass
---
for x in xs:
    with calm():
        out.append(fail(x))
        d[x] = f(x)

## with a function of the notebook that sets something -> with-block
import contextlib, decimal
@contextlib.contextmanager
def exact():
    with decimal.localcontext() as c:
        c.prec = 3
        yield c
---
for x in xs:
    with exact():
        out.append(decimal.Decimal(x) / 7)

## with a function of the notebook that changes something -> changes
import contextlib
@contextlib.contextmanager
def counted():
    log.append("in")
    yield
    log.append("out")
---
for x in xs:
    with counted():
        out.append(f(x))

## with that records warnings -> with-block
import warnings
for x in xs:
    with warnings.catch_warnings(record=True) as caught:
        total += f(x)
""")
