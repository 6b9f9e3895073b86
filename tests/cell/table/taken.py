"""Iterators that an iteration makes and uses up: what they print and raise comes between the items that they give."""

from tabled import cells

CELLS = cells(r"""
## generator that an inner loop goes over prints -> parallel
for x in xs:
    for v in (loud(y) for y in range(x % 3)):
        out.append(v)
        print("got", v)

## generator function that an inner loop goes over prints at its end -> parallel
def many(x):
    print("begin", x)
    for y in range(x):
        yield loud(y)
    print("end", x)
for x in xs:
    for v in many(x):
        if v > 4:
            break
        print("got", f(v))
        out.append(v)

## generator that an inner loop goes over prints and fails -> parallel
for x in xs:
    for v in (fail(loud(y)) for y in range(x)):
        print("got", v)
        out.append(f(v))

## items of an inner loop of which nothing is computed, from C code that fails -> parallel
for x in ["12", "3", "4x5", "6"]:
    for v in map(int, x):
        out.append(v)

## list extended by a generator expression -> parallel
for x in xs:
    out.extend(f(y) for y in range(x % 4))

## list extended by a generator that prints and fails -> parallel
for x in xs:
    print("begin", x)
    out.extend(fail(loud(y)) for y in range(x))
    print(len(out))

## list extended by a generator that fails, caught -> parallel
for x in xs:
    try:
        out.extend(fail(loud(y))
                   for y in range(x))
    except ValueError as e:
        print(e, out)

## generator whose first iterable cannot be gone over -> parallel
for x in [[1], [2], 3, [4]]:
    out.extend(f(y) for y in x)

## list extended where the notebook decides -> parallel
for x in xs:
    if x not in seen:
        seen.add(x)
        out.extend(loud(y) for y in range(x))

## dict updated by pairs -> parallel
for x in xs:
    d.update((y, f(y) + x) for y in range(x))

## dict updated by what makes no pairs -> parallel
def pair(y):
    print("pair", y)
    return (y, y) if y < 3 else y
for x in xs:
    d.update(pair(y) for y in range(x))

## set updated by what cannot be hashed -> parallel
def key(y):
    print("key", y)
    return [y] if y == 3 else y
for x in xs:
    seen.update(key(y) for y in range(x))

## Counter updated by a map -> parallel
c = Counter()
for x in xs:
    c.update(map(f, range(x)))

## dict updated by zip of a map -> parallel
for x in xs:
    d.update(zip(range(x), map(f, range(x))))

## deque extended at its left -> parallel
q = deque(maxlen=5)
for x in xs:
    q.extendleft(f(y) for y in range(x))

## list plus generator -> parallel
for x in xs:
    out += (f(y) for y in range(x % 4))

## number plus generator -> parallel
for x in xs:
    total += (f(y) for y in range(x % 4))

## sum that begins where the last one ended -> parallel
for x in xs:
    total = sum((loud(y) for y in range(x)), total)

## maximum so far of a generator -> parallel
for x in xs:
    best = max((f(y) for y in range(x % 3)), default=best)

## maximum of a generator that fails, whose default prints -> parallel
for x in xs:
    best = max((fail(y) for y in range(x)), default=loud(x), key=lambda v: v + best * 0)

## maximum so far with a star -> parallel
for x in xs:
    best = max(best, *(loud(y) for y in range(x + 1)))

## list with a star -> parallel
for x in xs:
    out = [*out, *(fail(y) for y in range(x))]

## list extended by a generator function -> parallel
def many(x):
    print("begin", x)
    for y in range(x):
        if y == 6:
            raise KeyError(y)
        yield f(y) + x
    print("end")
for x in xs:
    out.extend(many(x))

## list extended by what is a generator function's or a list -> parallel
def words(x):
    return (f(y) for y in range(x)) if odd(x) else [x]
for x in xs:
    out.extend(words(x))

## list extended by what a method gives, an iterator -> parallel
class Doc:
    def __init__(self, n):
        self.n = n
    def words(self):
        return zip(range(self.n), map(loud, range(self.n)))
for doc in [Doc(2), Doc(0), Doc(3)]:
    out.extend(doc.words())

## items are iterators, which it uses up -> parallel; processes: items
its = [iter([1, 2]), iter([3]), iter([4, 5])]
for it in its:
    out.extend(f(v) for v in it)
left = [*its[0], *its[1], *its[2]]

## inner loop over the smallest that a generator gives -> parallel
import heapq
heap = []
for x in xs:
    for v in heapq.nsmallest(2, (f(y) % 7 for y in range(x))):
        heapq.heappush(heap, v)

## lines written by a generator -> parallel
import io
fh = io.StringIO()
for x in xs:
    fh.writelines(f"{x},{f(y)}\n" for y in range(x % 3))
text = fh.getvalue()

## list extended by a chain of generators -> parallel
import itertools
for x in xs:
    out.extend(itertools.chain((f(y) for y in range(x % 3)), map(str, range(x % 2))))

## list extended by a generator that has a name -> parallel
for x in xs:
    vals = (fail(loud(y)) for y in range(x))
    out.extend(vals)
    print(len(out))

## dict updated by one of two generators that have names -> parallel
for x in xs:
    ys = (y for y in range(x))
    pairs = ((y, f(y)) for y in ys)
    d.update(pairs)

## class of the notebook's that takes a few of a generator that has a name -> trivial
class Few(list):
    def extend(self, values):
        for v in values:
            self.append(v)
            if len(self) > 3:
                break
few = Few()
for x in xs:
    vals = (f(y) for y in range(x))
    few.extend(vals)

## list of the iteration's own extended -> parallel
for x in xs:
    row = []
    row.extend(f(y) for y in range(x))
    out.append(row)

## generator unpacked -> parallel
for x in xs:
    a, b = (f(y) for y in (x, x + 1))
    out.append(a + b)

## generator printed with a star -> parallel
for x in xs:
    print(*(f(y) for y in range(x)))

## comprehension over a generator, which reads what is carried -> parallel
for x in xs:
    out += [v for v in (loud(y) for y in range(x)) if v not in out]

## inner loop whose iterations extend -> parallel
for x in xs:
    for y in range(x % 3):
        print("y", y)
        out.extend(loud(z) for z in range(y + 1))

## generator that sees what it extends -> reads-stored
for x in xs:
    out.extend(reads_out(y) for y in range(x))

## generator over what it extends -> changes
for x in xs:
    out.extend(f(y) for y in out[:2])

## class of the notebook's that takes a few only -> keeps-function
class Few(list):
    def extend(self, values):
        for v in values:
            self.append(v)
            if len(self) > 3:
                break
few = Few()
for x in xs:
    few.extend(loud(y) for y in range(x))

## function of the notebook's that takes a few only -> carried
def sum(values, start):
    for v in values:
        return v + start
for x in xs:
    total = sum((loud(y) for y in range(x)), total)

## generator that is stopped early -> reads-changed
for x in xs:
    if any(v in out for v in (loud(y) for y in range(x))):
        print("any", x)
    out.append(x)

## files written by a generator -> parallel parallel
import os, tempfile
folder = tempfile.mkdtemp()
def save(name, y):
    with open(os.path.join(folder, name), "w") as fh:
        fh.write(str(f(y)))
    return name
for x in sorted(set(xs)):
    out.extend(save(f"{x}-{y}", y) for y in range(x % 3))
names = {n: open(os.path.join(folder, n)).read() for n in sorted(os.listdir(folder))}
del folder
""")
