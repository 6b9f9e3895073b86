"""Comprehensions: what stands in them, where they stand, what they change."""

from tabled import cells

CELLS = cells(r"""
## listcomp -> parallel
r = [f(x) for x in xs]

## listcomp filter -> parallel
r = [f(x) for x in xs if odd(x)]

## listcomp nested -> parallel
r = [f(a) + b for a in xs for b in range(a)]

## setcomp -> parallel
r = {f(x) for x in xs}

## dictcomp -> parallel
r = {x: f(x) for x in xs}

## dictcomp unpack -> parallel
r = {a: f(b) for a, b in enumerate(xs)}

## comp in expression -> parallel parallel
r = sum([f(x) for x in xs]) + max([f(x) for x in xs])

## comp of comp -> parallel
r = [[f(y) for y in range(x)] for x in xs]

## comp raises -> parallel
r = [fail(x) for x in xs]

## comp unhashable -> parallel
r = {g(x) for x in xs}

## comp prints -> parallel
r = [loud(x) for x in xs]

## comp trivial -> trivial
r = [x for x in xs]

## comp walrus -> parallel
r = [v for x in xs if (v := f(x)) > 2]

## comp appends -> changes
r = [log.append(x) for x in xs]

## comp logs -> changes
r = [logs(x) for x in xs]

## comp indirect -> changes
r = [indirect(x) for x in xs]

## comp memo -> changes
r = [memo(x) for x in xs]

## comp counts -> changes
r = [counts(x) for x in xs]

## comp lambdas -> keeps-function parallel
r = [(lambda: x) for x in xs]
q = [h() for h in r]

## comp sort key -> parallel
r = [sorted(g(x), key=lambda t: -t) for x in xs]

## comp not iterable -> parallel
r = [f(x) for x in 7]

## comp iterator raises -> parallel
r = [f(1 // x) for x in (1 // z for z in [2, 1, 0])]

## comp empty -> parallel
r = [f(x) for x in []]

## comp method -> parallel
r = [p.double() for p in [P(1), P(2)]]

## comp mutating method -> changes
r = [acc.push(x) for x in xs]

## comp strings -> parallel
r = [s.upper() for s in 'abc']

## comp in if -> parallel
if [f(x) for x in xs]:
    r = 1

## comp in try -> parallel
try:
    r = [fail(x) for x in xs]
except ValueError as e:
    r = e.args

## comp last expression -> parallel
[f(x) for x in xs]

## dict comprehensions with equal keys -> parallel parallel
r = {f(x) % 3: x for x in xs}
r2 = {x % 4: f(x) for x in xs for z in range(2)}
""")
