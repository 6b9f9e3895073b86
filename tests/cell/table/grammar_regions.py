# ruff: noqa: E501
"""Every kind of region, and where it may stand."""

from tabled import cells

CELLS = cells(r"""
## listcomp conditions -> parallel
r = [f(x) for x in xs if x > 1 if x < 9 if odd(x)]

## listcomp two iterables -> parallel
r = [(x, y) for x in xs for y in g(x) if f(y) > 3]

## listcomp tuple target -> parallel
r = [f(a) + b for (a, b), *c in [((1, 2), 3), ((4, 5),)]]

## listcomp attribute target error -> parallel
r = [f(x) for x, in [(1,), (2,)]]

## listcomp of lambda call -> parallel
r = [(lambda z: f(z) + k)(x) for x in xs]

## listcomp in call arg -> parallel parallel
print(sum([f(x) for x in xs]), max(f(x) for x in xs))

## listcomp in fstring -> parallel
r = f"{[f(x) for x in xs]}"

## listcomp in default ->
def h(a=[f(x) for x in xs]):
    return a
r = h()

## listcomp in class body ->
class C:
    vals = [f(x) for x in xs]
r = C.vals

## listcomp in lambda ->
h = lambda: [f(x) for x in xs]
r = h()

## listcomp in while ->
n = 0
while n < 2:
    out += [f(x) for x in xs]
    n += 1

## listcomp augassign -> parallel
out += [f(x) for x in xs]

## listcomp del -> parallel
del xs[[f(x) for x in xs][0] % 3]

## listcomp return value displayed -> parallel
{x: f(x) for x in xs}

## dictcomp duplicate keys -> parallel
r = {x % 3: f(x) for x in xs}

## dictcomp walrus -> parallel
r = {(y := f(x)): y + 1 for x in xs}

## dictcomp key raises -> parallel
r = {fail(x): f(x) for x in xs}

## a set -> parallel
r = {f(x) % 5 for x in xs}

## genexp consumers -> parallel parallel parallel parallel parallel parallel parallel parallel parallel parallel
r = [sum(f(x) for x in xs), min(f(x) for x in xs), sorted(f(x) for x in xs), tuple(f(x) for x in xs), all(f(x) for x in xs), any(f(x) > 80 for x in xs), frozenset(f(x) for x in xs), dict((x, f(x)) for x in xs), list(enumerate(f(x) for x in xs)), "".join(str(f(x)) for x in xs)]

## genexp consumer raises -> parallel
r = "".join(f(x) for x in xs)

## genexp partially consumed -> kept-generator
a, b = (f(x) for x in xs[:3])

## map strict -> parallel
r = list(map(lambda a, b: f(a) + b, xs, range(3)))

## map method -> parallel parallel
r = list(map(str.upper, ["a", "b"])) + list(map("{}!".format, xs))

## map none -> computed-function
r = list(map(None, xs))

## filter lambda -> parallel
r = list(filter(lambda x: f(x) > 10, xs))

## nested functions map -> parallel
r = list(map(f, filter(odd, map(f, xs))))

## region for in with -> parallel
import contextlib
with contextlib.ExitStack() as st:
    st.callback(log.append, "closed")
    for x in xs:
        out.append(fail(x))

## region for in try else finally -> parallel parallel
try:
    for x in xs:
        out.append(f(x))
except ValueError:
    r = 1
else:
    r = 2
finally:
    for x in xs:
        log.append(f(x))

## region for in match -> parallel
match len(xs):
    case 8:
        for x in xs:
            out.append(f(x))
    case _:
        r = 1

## region for in for -> parallel
for a in [1, 2]:
    r = [f(x) + a for x in xs]
    out.append(r)

## region for in function ->
def run():
    for x in xs:
        out.append(f(x))
    return [f(x) for x in xs]
r = run()

## region for over string -> parallel
for ch in "hello":
    out.append(f(ord(ch)))

## region for over bytes -> parallel
for b in b"hello":
    out.append(f(b))

## region for over dict views -> parallel parallel parallel parallel
d.update(a=1, b=2)
for kk in d: out.append(kk * f(1))
for kk in d.keys(): out.append(kk + str(f(1)))
for v in d.values(): out.append(f(v))
for kk, v in d.items(): out.append((kk, f(v)))

## region for over set -> parallel
for s in {3, 1, 2}: out.append(f(s))

## region for over range objects -> parallel parallel
for i in range(10, 0, -3): out.append(f(i))
for i in range(5)[::2]: out.append(f(i))

## region for over deque array -> parallel parallel parallel
import array
for v in deque([1, 2]): out.append(f(v))
for v in array.array("d", [1.5, 2.5]): out.append(f(v))
for v in memoryview(b"ab"): out.append(f(v))

## region for over numpy -> parallel parallel parallel
import numpy as np
for v in np.arange(3): out.append(f(v))
for row in np.eye(2): out.append(row * f(2))
for i, v in np.ndenumerate(np.eye(2)): out.append((i, f(v)))

## region for over product -> parallel parallel parallel parallel parallel parallel parallel parallel
import itertools
for a, b in itertools.product([1, 2], "ab"): out.append((f(a), b))
for p in itertools.permutations([1, 2, 3], 2): out.append(f(sum(p)))
for a, b in itertools.pairwise(xs): out.append(f(a) - b)
for a in itertools.chain(xs, [1]): out.append(f(a))
for a in itertools.islice(itertools.cycle([1, 2]), 5): out.append(f(a))
for a in itertools.takewhile(lambda v: v < 9, xs): out.append(f(a))
for a in itertools.repeat(3, 2): out.append(f(a))
for a, b in itertools.zip_longest([1], [2, 3], fillvalue=0): out.append(f(a) + b)

## region for over none -> parallel
for x in None:
    out.append(f(x))

## region for iter raises -> parallel
class It:
    def __iter__(self):
        raise RuntimeError("no iter")
for x in It():
    out.append(f(x))

## region for next raises late -> parallel
def src():
    yield 1
    yield 2
    raise OSError("late")
for x in src():
    out.append(f(x))
""")
