"""What random cells have found."""

from tabled import cells

CELLS = cells(r"""
## generator whose consumer changes what it reads -> parallel; told: workers would read 'out' ahead of that
out.extend(len(out) + f(1) for x in gen(5))

## named iterator after an exception -> parallel; told: would have read on in 'it'
it = gen(9)
try:
    for x in it:
        out.append(f(x) + fail(x))
except ValueError:
    rest = list(it)

## generator hoisted out of a comprehension -> carried
a = 2
for x in xs:
    if a > 3:
        a = f(a) % 1009
    else:
        a = sum([q + a for q in gen(3) if a])

## an error behind one that is not reached -> parallel
for x in xs:
    for j in range(3):
        if acc.push(x) == 17:
            1 // 0
        b = f(undefined[2])
""")
