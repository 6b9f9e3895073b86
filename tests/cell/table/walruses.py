"""Names that a comprehension binds with ``:=``."""

from tabled import cells

CELLS = cells(r"""
## walrus in a condition and the element -> parallel
r = [y + 1 for x in xs if (y := f(x)) > 5]

## walrus of the last that had one -> parallel
r = [x for x in xs if x != 2 and (y := f(x)) > 5]

## walrus that nothing binds -> parallel
del y
r = [(z := f(x)) for x in xs if x > 100]

## walrus in a dict -> parallel
r = {(a := f(x)): (b := a + 1) for x in xs}

## walrus in an inner comprehension -> parallel
r = [[(w := f(y)) for y in range(x)] for x in xs]

## walrus that fails -> parallel
try:
    r = [fail((w := f(x)) // 4) for x in xs]
except ValueError:
    pass

## walrus that adds up -> unsupported
r = [total := total + f(x) for x in xs]

## walrus read before -> unsupported
r = [(y, y := f(x)) for x in xs]

## walrus read by a function -> unsupported
r = [((y := f(x)), reads_y()) for x in xs]

## walrus in a set -> parallel
r = sorted({(w := f(x)) % 3 for x in xs})

## walrus as a witness -> unsupported
r = any((w := f(x)) > 20 for x in xs)
""")
