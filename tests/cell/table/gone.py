"""Objects of which the user's code is told when they go."""

from tabled import cells

CELLS = cells(r"""
## items with a finalizer are not copied -> finalizer parallel; error: __del__() as well
class Scratch:
    def __init__(self, path):
        self.path = path
        path.write_text(path.name)
    def __del__(self): self.path.unlink(missing_ok=True)
import pathlib, tempfile
folder = tempfile.TemporaryDirectory()
scratches = [Scratch(pathlib.Path(folder.name, str(x))) for x in {*xs}]
for s in scratches:
    out.append(s.path.read_text())
import os
r = len(os.listdir(folder.name))
del scratches, folder, s

## a value that holds one with a finalizer -> parallel; processes: __del__() as well
class Scratch:
    def __del__(self): log.append(self.x)
cfg = {"a": [Scratch()]}
cfg["a"][0].x = 5
---
for x in xs:
    out.append(f(x) + cfg["a"][0].x)

## objects with a finalizer, made in the loop -> finalizer
class Scratch:
    def __init__(self, x): self.x = x
    def __del__(self): print("gone", self.x)
---
for x in xs:
    s = Scratch(x)
    out.append(f(s.x))
del s

## objects with a finalizer of a class of the cell -> finalizer
class Scratch:
    def __init__(self, x): self.x = x
    def __del__(self): log.append(self.x)
class Sub(Scratch):
    pass
out = [Sub(x).x for x in xs]

## objects with a finalizer, made by a function -> finalizer
class Scratch:
    def __init__(self, x): self.x = x
    def __del__(self): log.append(self.x)
def use(x):
    return f(Scratch(x).x)
---
out = list(map(use, xs))

## objects of a library with a finalizer -> parallel
import tempfile
def use(x):
    with tempfile.SpooledTemporaryFile() as fh:
        fh.write(b"x" * x)
        return fh.tell()
---
out = [use(x) for x in xs]

## whether arrays share memory -> identity
import numpy as np
A = np.arange(6.0).reshape(3, 2)
views = [A[i] for i in range(3)]
---
out = [np.shares_memory(v, A) for v in views]
""")
