"""Generators, map and filter that read what changes between their items."""

from tabled import cells

CELLS = cells(r"""
## filter over what the loop adds to -> changes-iterable parallel; told: why('alias')
for x in filter(lambda v: v not in seen, xs):
    seen.add(x)
    out.append(f(x))

## extend by what reads the list -> parallel; told: why('alias')
out.extend(f(x) + len(out) for x in xs)

## update by what reads the set -> parallel; told: why('alias')
seen.update(f(x) + len(seen) for x in xs)

## update by what reads the dict -> parallel; told: why('alias')
d.update((x, f(x) + len(d)) for x in xs)

## extend by an enumerated generator -> parallel; told: why('alias')
out.extend(enumerate(f(x) + len(out) for x in xs))

## extend by a chained generator -> parallel; told: why('alias')
import itertools
out.extend(itertools.chain((f(x) + len(out) for x in xs), [1]))

## extend by what reads the list under another name -> parallel; told: why('alias')
also = out
out.extend(f(x) + len(also) for x in xs)

## extend of what an object holds -> parallel; told: why('alias')
acc.seen.extend(f(x) + len(acc.seen) for x in xs)

## taken by a function that changes what it reads -> parallel; told: why('alias')
def eat(it):
    for v in it:
        log.append(v)
    return len(log)
---
r = eat(f(x) + len(log) for x in xs)

## taken by a function that changes something else -> parallel
def eat(it):
    for v in it:
        log.append(v)
    return len(log)
---
r = eat(f(x) for x in xs)

## two generators, of which one changes what the other reads -> parallel changes-global; told: why('alias')
r = list(zip((f(x) + len(log) for x in xs), (logs(x) for x in xs)))

## map over which a recurrence goes -> carried parallel
state = 1
for x in map(f, xs):
    state = f(state + x) % 7

## map that reads what its loop binds -> carried
state = 1
for x in map(lambda v: f(v) + state, xs):
    state = f(state) % 7

## appended when all is summed -> parallel
out.append(sum(f(x) + len(out) for x in xs))

## stored when all is summed -> parallel
d["a"] = sum(f(x) + d.get("a", 0) for x in xs)

""")
