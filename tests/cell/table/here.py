"""Classes and functions of the same cell, above the loop."""

from tabled import cells

CELLS = cells(r"""
## enum of the cell -> parallel
from enum import Enum
class Color(Enum):
    RED = 1
    GREEN = 2
for c in Color:
    if c is Color.RED:
        out.append((c, f(c.value)))
    else:
        d[c] = f(c.value)

## not an enum -> forbidden
class Color:
    RED = [1]
for c in [Color.RED, [1]]:
    if c is Color.RED:
        out.append(f(c[0]))

## enum only by name -> parallel
class Enum:
    pass
class Color(Enum):
    RED = [1]
for c in [Color.RED, [1]]:
    out.append(f(c[0]))

## dataclass of the cell -> parallel
from dataclasses import dataclass
@dataclass
class Point:
    x: int
    y: int
    def norm(self):
        return self.x ** 2 + self.y ** 2
for x in xs:
    p = Point(x, f(x))
    out.append(p.norm())

## object of the cell's class -> parallel
class Model:
    def __init__(self, w):
        self.w = w
    def predict(self, x):
        return self.w * f(x)
model = Model(3)
for x in xs:
    out.append(model.predict(x))

## loop in a while -> trivial
for x in xs:
    while len(out) < f(x) % 7:
        out.append(f(x))

## counting down in a while -> parallel
for x in xs:
    i, v = 0, x
    while v > 0:
        v -= 1
        i += v
    out.append(i)
""")
