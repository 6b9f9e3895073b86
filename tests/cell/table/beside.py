"""Loops that go over one part of an object and change another one."""

from tabled import cells

CELLS = cells(r"""
## part of an object of the notebook's -> parallel
class Study:
    def __init__(self):
        self.source, self.found, self.n = {"a": 1, "b": 2, "c": 3}, {}, 0
---
s = Study()
---
for key, v in s.source.items():
    s.found[key] = f(v)
    s.n += f(v)

## part of a dictionary -> parallel
study = {"source": [3, 1, 2], "found": [], "n": 0}
---
for i, v in enumerate(study["source"]):
    study["found"].append(f(v))
    study["n"] += 1
    study["last"] = f(i)

## part that is another one under a second name -> parallel; told: which the loop changes
study = {"source": [3, 1, 2]}
study["found"] = study["source"]
---
for v in study["source"]:
    if len(study["found"]) < 6:
        study["found"].append(f(v))

## part that stands in another one -> parallel; told: which the loop changes
study = {"source": [[3], [1], [2]]}
study["found"] = {"all": study["source"]}
---
for v in study["source"]:
    study["found"]["all"][2].append(f(len(v)))

## part whose items know the object -> parallel; told: which the loop changes
class Study:
    def __init__(self):
        self.parts, self.found = [], []
class Part:
    def __init__(self, of, v):
        self.of, self.v = of, v
    def value(self):
        return self.v + len(self.of.found)
---
s = Study()
s.parts = [Part(s, v) for v in range(4)]
---
for part in s.parts:
    s.found.append(part.value())

## part that is replaced -> parallel
class Study:
    def __init__(self):
        self.source, self.found = [3, 1, 2], []
---
s = Study()
---
for v in s.source:
    s.source = [9, 9]
    s.found.append(f(v))

## part that a property gives -> changes-iterable
class Study:
    def __init__(self):
        self._source, self.found = [3, 1, 2], []
    @property
    def source(self):
        return self._source
---
s = Study()
---
for v in s.source:
    s._source[0] = f(v)
    s.found.append(f(v))

## part that changes itself -> changes-iterable
study = {"source": [3, 1, 2]}
---
for v in study["source"]:
    if v < 20:
        study["source"].append(f(v) + 20)

## part beside one that a method changes -> changes-iterable
class Study:
    def __init__(self):
        self.source = [3, 1, 2]
    def more(self, v):
        if v < 20:
            self.source.append(v + 20)
---
s = Study()
---
for v in s.source:
    s.more(f(v))
""")
