"""Names that an iteration may read as an earlier one left them: the commit part has that, workers have their own."""

from tabled import cells

CELLS = cells(r"""
## last one is kept -> parallel
for x in xs:
    out.append(y)
    y = f(x)

## grid search -> parallel
for k in [1, 5, 3]:
    scores = []
    for x in xs:
        p = P(f(x) + k)
        scores.append(p.double())
    out.append(sum(scores))
    if sum(scores) > best:
        best, arg = sum(scores), (p, scores)

## grid search, fitted in place -> parallel
class Model:
    def __init__(self, k): self.k = k
    def fit(self, x): self.c = x * self.k
    def score(self, x): return self.c - x
for k in [1, 5, 3]:
    scores = []
    for x in xs:
        m = Model(k)
        m.fit(x)
        scores.append(m.score(x))
    d[k] = sum(scores) / len(scores)
    if arg is None or d[k] > best:
        best, arg = d[k], m

## bound in a branch -> parallel
for x in xs:
    if odd(x):
        y = f(x)
    out.append((y, f(x)))

## bound in a branch, and computed with -> parallel
y = 7
for x in xs:
    out.append(y + f(x))
    for v in range(x % 3):
        y = f(v)
        k = y + x
    out.append([y])

## bound in a block that may fail -> parallel
for x in xs:
    try:
        y = f(fail(x))
    except ValueError:
        pass
    out.append(y)

## seen by a function that is made before -> parallel
y = 7
for x in xs:
    late = lambda: y
    out.append(f(late()))
    if odd(x):
        y = f(x)

## added to, whoever made it -> parallel
own = [0]
for x in xs:
    if odd(x):
        own = g(f(x))
        out.append(f(sum(own)))
    own.append(x)
    out.append(sum(own))

## not bound before -> parallel
for x in xs:
    if x > 4:
        fresh = f(x)
    if x == 9:
        out.append(fresh)

## not bound before, and read -> parallel
for x in xs:
    if x > 4:
        fresh = f(x)
    out.append(fresh)

## another name of what the notebook has -> parallel; told: base
base = [1]
own = base
for x in xs:
    if odd(x):
        own = [f(x)]
    own.append(x)
    out.append(f(sum(base)))
""")
