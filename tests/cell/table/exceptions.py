"""Exceptions of iterations, try and with."""

from tabled import cells

CELLS = cells(r"""
## raise before a name is bound on both sides -> parallel
key = None
for x in xs:
    v = fail(x)
    key = x
    late = lambda z: z + 1
    def local(z): return z
    out.append(f(v))

## raise in what is printed before a name is bound on both sides -> parallel
for x in xs:
    v = fail(loud(x))
    late = lambda z: z + 1
    size = f(v)

## raise behind a test that workers make -> parallel
for x in xs:
    v = f(x)
    if x == 5:
        raise KeyError("bad", v)

## raise from what the same iteration has handled -> parallel
for x in xs:
    try:
        v = fail(x)
    except ValueError as e:
        raise KeyError("bad", x) from e

## error of a comprehension that is printed, list -> parallel
import traceback
try:
    out = [fail(x) for x in xs]
except (ValueError, ZeroDivisionError) as error:
    print(traceback.extract_tb(error.__traceback__))

## error of a comprehension that is printed, set -> parallel
import traceback
try:
    out = {fail(x) for x in xs}
except (ValueError, ZeroDivisionError) as error:
    print(traceback.extract_tb(error.__traceback__))

## error of a comprehension that is printed, dict -> parallel
import traceback
try:
    out = {x: fail(x) for x in xs}
except (ValueError, ZeroDivisionError) as error:
    print(traceback.extract_tb(error.__traceback__))

## error of a comprehension that is printed, sum -> parallel
import traceback
try:
    out = sum(fail(x) for x in xs)
except (ValueError, ZeroDivisionError) as error:
    print(traceback.extract_tb(error.__traceback__))

## error of a comprehension that is printed, map -> parallel
import traceback
try:
    out = list(map(fail, xs))
except (ValueError, ZeroDivisionError) as error:
    print(traceback.extract_tb(error.__traceback__))

## error of a comprehension that is printed, nested -> parallel
import traceback
try:
    out = [[fail(x + y) for y in range(2)] for x in xs]
except (ValueError, ZeroDivisionError) as error:
    print(traceback.extract_tb(error.__traceback__))

## error of a comprehension that is printed, itself -> parallel
import traceback
try:
    out = [1 / (3 - x) for x in xs]
except (ValueError, ZeroDivisionError) as error:
    print(traceback.extract_tb(error.__traceback__))

## error of an inner loop's iterator that is printed -> parallel
import traceback
def some(x):
    yield x
    yield fail(x)
try:
    for x in xs:
        for y in some(x):
            out.append(y)
except ValueError as error:
    print(traceback.extract_tb(error.__traceback__))

## error of an inner loop's iterator that is printed, with something computed -> parallel
import traceback
def some(x):
    yield x
    yield fail(x)
try:
    for x in xs:
        for y in some(x):
            out.append(f(y))
except ValueError as error:
    print(traceback.extract_tb(error.__traceback__))

## inner loop of which the items alone are computed -> parallel
for x in xs:
    for a, b in zip(g(x), g(x + 1)):
        d[a] = d.get(a, 0) + b
    out.append((a, f(b)))

## inner loop of which the items alone are computed, left early -> parallel
for x in xs:
    for y in sorted(g(x, 4)):
        if len(out) > 20:
            break
        out.append(y)
    else:
        d[x] = y

## inner loop of which the items alone are computed, that does not unpack -> parallel
for x in xs:
    for a, b in [g(x), g(x, 5 if x > 3 else 2)]:
        out.append(a + b)

## raises -> parallel
for x in xs:
    y = fail(x)
    out.append(y)

## raises second -> parallel
for x in xs:
    a = f(x)
    b = fail(x)
    out.append(b)

## commit raises -> parallel
d = {0: 0}
for i, x in enumerate(xs):
    a = f(x)
    b = f(a)
    out[i:] = [1] * (1 // (4 - x)) + [b]
    c = f(b)

## try inside -> parallel
for x in xs:
    try:
        out.append(fail(x))
    except ValueError as e:
        out.append(str(e))

## try inside two -> parallel
bad = []
for x in xs:
    try:
        y = fail(x)
        out.append(y)
    except ValueError:
        bad.append(x)
        continue
    out.append(f(x))

## try whole -> parallel
for x in xs:
    try:
        y = fail(x)
    except ValueError:
        y = None
    out.append(y)

## try finally -> parallel
for x in xs:
    try:
        out.append(fail(x))
    finally:
        log.append(x)

## try else -> parallel
for x in xs:
    try:
        v = fail(x)
    except ValueError:
        log.append(x)
    else:
        out.append(v)

## try around -> parallel
try:
    for x in xs:
        out.append(fail(x))
except ValueError as e:
    r = e.args

## with around -> parallel
import contextlib
with contextlib.suppress(ValueError):
    for x in xs:
        out.append(fail(x))

## with suppress inside -> parallel
from contextlib import suppress
for x in xs:
    with suppress(ValueError):
        out.append(fail(x))

## with open -> parallel; processes: fh
import os
for x in xs:
    with open(os.devnull) as fh:
        out.append(fh.read() + str(f(x)))

## inner loop raises -> parallel
for x in xs:
    for j in range(x):
        out.append(fail(j))

## inner iterator raises -> parallel
for x in xs:
    for j in (1 // (4 - z) for z in range(x)):
        out.append(f(j))

## inner try -> parallel
for x in xs:
    for j in range(x):
        try:
            out.append(fail(j))
        except ValueError:
            out.append(None)

## assert -> parallel
for x in xs:
    assert fail(x) < 100, x
    out.append(x)

## raise -> parallel
for x in xs:
    if f(x) > 20:
        raise KeyError(x)
    out.append(x)

## stop iteration -> parallel
for x in xs:
    out.append(next(iter(range(4 - x, 1))))

## system exit -> parallel
def stop(x):
    if x == 4:
        raise SystemExit(3)
    return x
for x in xs:
    out.append(stop(x))

## name error -> parallel
for x in xs:
    out.append(undefined(x))

## undefined target -> parallel
for x in xs:
    nowhere.append(loud(x))

## try finally commit -> parallel
for x in xs:
    v = f(x)
    try:
        out.append(1 // (x - 4))
        out.append(v)
    except ZeroDivisionError:
        w = f(v)
        log.append(w)
    finally:
        total += 1

## try except else -> parallel
for x in xs:
    try:
        v = fail(x)
    except ValueError as e:
        v = e.args[1]
    else:
        v += f(v)
    out.append(v)

## exception kept -> parallel
for x in xs:
    try:
        total += fail(x)
    except ValueError as e:
        err = e
        out.append(repr(e))

## try around inner loop -> parallel
for x in xs:
    try:
        for j in range(x):
            out.append(fail(j))
    except ValueError:
        out.append("stop")

## fails after temporary -> parallel
for x in xs:
    w = fail(x)
    z = f(w)

## fails after conditional -> parallel
for x in xs:
    if odd(x):
        z = f(x)
    w = fail(x)
    q = f(w)

## stop iteration raised -> parallel
for x in xs:
    y = f(x)
    if y == 17:
        raise StopIteration(y)
    out.append(y)

## assert with computed message -> parallel
for x in xs:
    v = f(x)
    assert v < 17, f(v)
    total += v

## error in an expression of several lines -> parallel
def added(x):
    return                     int("1" +
  "a" * (x == 4))
for x in xs:
    out.append(added(x))

## error in a call of several lines -> parallel
for x in xs:
    out.append(                         fail(
    x
 ))
""")
