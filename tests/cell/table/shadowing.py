"""Names that shadow builtins, odd names, odd numbers of items."""

from tabled import cells

CELLS = cells(r"""
## shadow list -> parallel
list = [1, 2]
for x in xs:
    list.append(f(x))
del list

## shadow print -> parallel; told: what it calls was bound
print = log.append
for x in xs:
    print(f(x))
del print

## shadow print value -> parallel; told: what it calls was bound
print = log.append
for x in xs:
    out.append((f(x), print(x)))
del print

## shadow len -> parallel; told: what it calls was bound
def len(v):
    log.append(1)
    return 3
for x in xs:
    out.append(f(x) + len(xs))
del len

## shadow sum lambda -> parallel; told: what it calls was bound
sum = lambda v: log.append(v) or 5
for x in xs:
    out.append(f(x) + sum(xs))
del sum

## user range -> parallel parallel; told: range() changes 'log'
def range(n):
    log.append(n)
    return [n, n]
for x in range(3):
    out.append(f(x))
for x in xs:
    for j in range(x):
        out.append(f(j))
del range

## builtins override -> parallel
import builtins
builtins.zork = lambda v: v + 1
for x in xs:
    out.append(zork(f(x)))
del builtins.zork

## builtins patched -> parallel
import builtins
saved = builtins.abs
builtins.abs = lambda v: 7
try:
    r = [abs(f(x)) for x in xs]
finally:
    builtins.abs = saved
del saved

## unicode names -> parallel
for ñandú in xs:
    ümlaut = f(ñandú)
    out.append(ümlaut)

## unicode normalised -> parallel
for ﬁ in xs:
    out.append(f(fi))

## dunder names -> parallel
for __x__ in xs:
    __y__ = f(__x__)
    out.append(__y__)

## underscore loop -> parallel
for _ in xs:
    out.append(f(_))

## global at module -> parallel
global gg
for gg in xs:
    hh = f(gg)
    out.append(hh)

## empty loop keeps -> parallel
x = "before"
for x in []:
    y = f(x)
    out.append(y)

## one item -> parallel
for x in [7]:
    y = f(x)
    out.append(y)

## builtins get a name -> parallel parallel
import builtins
builtins.LIMIT = 4
def cut(x): return min(f(x), LIMIT)
r = [cut(x) for x in xs]
builtins.LIMIT = 7
q = [cut(x) for x in xs]
del builtins.LIMIT
""")
