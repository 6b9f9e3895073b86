"""What no region may do."""

from tabled import cells

CELLS = cells(r"""
## comp eval -> forbidden
r = [eval('x', {'x': x}) for x in xs]

## comp globals -> forbidden
r = [globals()['f'](x) for x in xs]

## input -> forbidden
for x in []:
    out.append(input())

## exec -> forbidden
for x in xs:
    exec('z = x')

## which process runs it -> asks-where
import os
for x in xs:
    out.append((os.getpid(), f(x)))

## which process runs it, in a function that map calls -> asks-where
import os
def which(x): return os.getpid() == 0, x
---
out = list(map(which, xs))

## which process runs it, in a function that is handed on -> asks-where
import os
def which(x): return os.getpid() + x
---
out = [sorted([x, 1], key=which) for x in xs]

## which thread runs it, in a function -> asks-where
from threading import current_thread, get_ident
def which(x): return current_thread().name, get_ident(), x
---
for x in xs:
    out.append(which(x))
""")
