"""Consumers of lazy regions."""

from tabled import cells

CELLS = cells(r"""
## itertools accumulate -> parallel parallel
import itertools
r = list(itertools.accumulate(f(x) for x in xs))
q = list(itertools.accumulate((f(x) for x in xs), lambda a, b: a * b % 1009))

## reduce -> parallel
import functools
r = functools.reduce(lambda a, b: a * b % 1009, (f(x) for x in xs))

## sorted genexp -> parallel parallel parallel parallel parallel parallel unsupported
r = sorted((f(x) for x in xs), reverse=True)
q = dict((x, f(x)) for x in xs)
z = max((f(x), x) for x in xs)
w = tuple(f(x) for x in xs)
s = set(f(x) for x in xs)
print(*(f(x) for x in xs))
a, *b = (f(x) for x in xs)

## genexp in with for -> parallel
for a in (f(x) for x in xs):
    out.append(f(a))

## genexp any short -> changes
r = any(logs(x) == 4 for x in xs)
q = len(log)

## zip of genexps -> parallel parallel
r = list(zip((f(x) for x in xs), (x + 1 for x in xs)))

## dict from zip -> parallel
r = dict(zip(xs, map(f, xs)))

## enumerate map -> parallel
for i, v in enumerate(map(f, xs), 1):
    out.append((i, f(v)))

## filter none -> unsupported
r = list(filter(None, [f(x) % 2 for x in xs]))

## nested comp cond -> parallel
r = [(a, b) for a in xs if odd(a) for b in range(a) if f(b) % 2]

## comp walrus inner -> parallel
r = [(y, y + 1) for x in xs if (y := f(x))]

## comp over dict -> parallel
r = {key: [f(v) for v in vs] for key, vs in {"a": [1, 2], "b": [3]}.items()}

## comp shadow name -> parallel
x = 5
r = [f(x) for x in xs if x]
q = x

## comp name error later -> parallel
r = [f(x) + undefined_q if x == 4 else f(x) for x in xs]

## consumer extend -> parallel; told: workers would read 'out'
out.extend(len(out) + f(1) for x in gen(5))

## consumer alias -> parallel; told: workers would read 'same'
same = out
out.extend(len(same) + f(x) for x in xs)

## consumer function -> parallel; told: workers would read 'log'
def take(values):
    for v in values: log.append(v)
take(f(x) + len(log) for x in xs)

## consumer map -> parallel; told: workers would read 'out'
out.extend(map(lambda x: f(x) + len(out), xs))

## consumer update -> parallel; told: workers would read 'd'
d.update((x, f(x) + len(d)) for x in xs)

## consumer and function -> parallel; told: workers would read 'look'
def look(x): return f(x) + len(seen)
seen.update(look(x) for x in xs)

## consumers that change what nobody reads -> parallel parallel parallel parallel parallel
out.extend(f(x) for x in xs)
seen.update(f(x) for x in xs)
d.update((x, f(x)) for x in xs)
s = ", ".join(str(f(x)) for x in xs)
t = sorted((f(x) for x in xs), key=lambda v: -v)

## consumer method -> parallel; told: workers would read 'a'
class Acc:
    def __init__(self): self.got = []
    def take(self, values):
        for v in values: self.got.append(v)
a = Acc()
a.take(f(x) + len(a.got) for x in xs)
""")
