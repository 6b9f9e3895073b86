"""Operators of the notebook's own types."""

from tabled import cells

CELLS = cells(r"""
## iadd user type -> parallel
class V:
    def __init__(self, v): self.v = v
    def __iadd__(self, o):
        self.v += o
        return self
v = V(0)
w = v
for x in xs:
    v += f(x)

## iadd other object -> parallel
class V:
    def __init__(self, v): self.v = v
    def __iadd__(self, o):
        return V(self.v + o)
v = V(0)
w = v
for x in xs:
    v += f(x)

## add with side effect -> parallel; told: why('alias')
class V:
    log = []
    def __init__(self, v): self.v = v
    def __add__(self, o):
        V.log.append(o)
        return V(self.v + o)
v = V(0)
for x in xs:
    out.append(v + f(x))
r = V.log
""")
