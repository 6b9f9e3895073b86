"""What functions of the notebook return, and generators that go on."""

from tabled import cells

CELLS = cells(r"""
## element that a function picks -> parallel
pool = [P(i) for i in range(3)]
def pick(i):
    return pool[i % 3]
---
for x in xs:
    q = pick(x)
    q.x += f(x)
    out.append(f(pool[0].x))

## element that a function picks, changed at once -> parallel
pool = [P(i) for i in range(3)]
def pick(i):
    return pool[i % 3]
---
for x in xs:
    pick(x).x += f(x)
    out.append(f(pool[0].x))

## element that a function of a function picks -> parallel
pool = [P(i) for i in range(3)]
def pick(i):
    found = pool[i % 3]
    return found
def picked(i):
    return pick(i)
---
for x in xs:
    picked(x).x += f(x)
    out.append(f(pool[0].x))

## element that a lambda picks -> parallel
pool = [P(i) for i in range(3)]
pick = lambda i: pool[i % 3]
---
for x in xs:
    pick(x).x += f(x)
    out.append(f(pool[0].x))

## new dict from a function -> parallel
words = {1: "one"}
def parse(v):
    made = {"v": v}
    made["w"] = words.get(v, "")
    return made
---
for x in xs:
    rec = parse(x)
    rec["score"] = f(rec["v"])
    out.append(rec)

## new dict that holds the notebook's -> parallel
def parse(v):
    return {"v": v, "log": log}
---
for x in xs:
    rec = parse(x)
    rec["log"].append(f(x))
    out.append(f(len(log)))

## function that gives its argument -> parallel
def same(v):
    return v
---
for x in xs:
    q = same(acc)
    q.x += f(x)
    out.append(f(acc.x))

## generator of the notebook that is sent values -> changes-global
def talks():
    while True:
        v = yield f(2)
        log.append(v)
g3 = talks()
next(g3)
---
for x in xs:
    out.append(g3.send(x) + f(len(log)))

## generator of the notebook that is asked on -> changes-global
def counts_up():
    n = 0
    while True:
        log.append(n)
        n += 1
        yield n
g3 = counts_up()
---
for x in xs:
    out.append(next(g3) + f(len(log)))

""")
