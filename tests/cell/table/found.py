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

## generator hoisted out of a comprehension -> parallel
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

## attribute that a new object was made with, beside one that is shared -> parallel
SHARED = {"a": 1}
class Settings:
    table = {"b": [1]}
    def __init__(self, x):
        self.x, self.shared = x, SHARED
        self.own = []
def use(x):
    Settings(x).own.append(3)
    made = Settings(x)
    made.own.append(4)
    return len(made.own)
---
for x in xs:
    out.append(use(x))

## attribute of a new object that is shared -> changes-global
SHARED = {"a": 1}
class Settings:
    def __init__(self, x):
        self.own = []
        self.shared = SHARED
def use(x):
    Settings(x).shared["n"] = x
    return x
---
for x in xs:
    out.append(use(x))

## attribute of a new object, bound anew by a method to what is shared -> changes
SHARED = []
class Settings:
    def __init__(self, x): self.own = []
    def reset(self): self.own = SHARED
def use(x):
    made = Settings(x)
    made.reset()
    made.own.append(x)
    return len(made.own)
---
for x in xs:
    out.append(use(x))

## attribute of a new object, bound anew by a function to what is shared -> changes
SHARED = []
class Settings:
    def __init__(self, x): self.own = []
def reset(made): made.own = SHARED
def use(x):
    made = Settings(x)
    reset(made)
    made.own.append(x)
    return len(made.own)
---
for x in xs:
    out.append(use(x))

## attribute of a new object, bound anew under another name -> changes
SHARED = []
class Settings:
    def __init__(self, x): self.own = []
def use(x):
    made = Settings(x)
    same = made
    same.own = SHARED
    made.own.append(x)
    return len(made.own)
---
for x in xs:
    out.append(use(x))

## attribute of a new object that is what it was given -> changes
SHARED = []
class Settings:
    def __init__(self, own): self.own = own
def use(x):
    Settings(SHARED).own.append(x)
    return len(SHARED)
---
for x in xs:
    out.append(use(x))

## attribute of a new object that a default is -> changes
class Settings:
    def __init__(self, x, own=[]): self.own = own
def use(x):
    Settings(x).own.append(x)
    return len(Settings(x).own)
---
for x in xs:
    out.append(use(x))

## what closing() hands out again -> parallel
import sqlite3
from contextlib import closing
def use(x):
    with closing(sqlite3.connect(":memory:")) as con:
        con.execute("create table t (a)")
        return con.execute("select count(*) from t").fetchone()[0] + x
---
for x in xs:
    out.append(use(x))
""")
