"""Objects that functions build and fill: their own containers are new, whatever is put into them."""

from tabled import cells

_DATA = r"""from dataclasses import dataclass, field
@dataclass
class D:
    name: int
    words: Counter = field(default_factory=Counter)
    tags: list = field(default_factory=list)
    more: list = field(default_factory=lambda: [0])
    late: list = field(default_factory=lambda: log)
    given: list = None
    def count(self, w):
        self.words[w] += 1
@dataclass
class Taker:
    tags: list = field(default_factory=list)
    def take(self, tags):
        self.tags = tags
"""
_PLAIN = r"""class C:
    def __init__(self, n):
        self.n, self.tags, self.rows = n, [], {}
        self.one = self.same = []
class L:
    def __init__(self):
        self.tags = []
        self.tags = log
"""
_ROWS = r"""
## words are counted in a new record -> parallel
def use(x):
    q = D(x)
    for i in range(x):
        q.words[i % 3] += 1
    return q
---
for x in xs:
    q = use(x)
    d[x] = q
    if len(d) % 2 == 0:
        print(len(d), q.words.most_common(1))

## an item is put into a new record's list -> parallel
def use(row):
    q = D(row["x"])
    q.tags.append(row)
    q.more.append(len(q.tags))
    return q
---
r = [use(row) for row in rows]
same = r[0].tags[0] is rows[0] and r[5].tags[0] is rows[5]

## a list of the notebook is put into a new record's list and changed there -> changes-argument
def use(x):
    q = D(x)
    q.tags.append(log)
    q.tags[0].append(x)
    return q
---
r = [use(x) for x in xs]

## a record whose list is the notebook's by its factory -> changes-argument
def use(x):
    q = D(x)
    q.late.append(x)
    return len(q.late)
---
r = [use(x) for x in xs]

## a record that is given a list -> changes-argument
def use(x):
    q = D(x, tags=log)
    q.tags.append(x)
    return len(q.tags)
---
r = [use(x) for x in xs]

## a record that is given a list by its place -> changes-argument
def use(x):
    q = D(x, Counter(), log)
    q.tags.append(x)
    return len(q.tags)
---
r = [use(x) for x in xs]

## a record that is given nobody knows what -> changes-argument
def use(x, *more):
    q = D(x, *more)
    q.tags.append(x)
    return len(q.tags)
---
r = [use(x, Counter(), log) for x in xs]

## a record with a field that is given, and is none of a factory -> changes-argument
def use(x):
    q = D(x, given=log)
    q.given.append(x)
    return len(q.given)
---
r = [use(x) for x in xs]

## a record that takes a list later -> changes-argument
def use(x):
    q = D(x)
    q.tags = log
    q.tags.append(x)
    return len(q.tags)
---
r = [use(x) for x in xs]

## a record that takes a list by a method -> changes-argument
def use(x):
    q = Taker()
    q.take(log)
    q.tags.append(x)
    return len(q.tags)
---
r = [use(x) for x in xs]

## an item is put into a new object's list -> parallel
def use(row):
    q = C(row["x"])
    q.tags.append(row)
    q.rows[row["x"]] = row
    return q
---
r = [use(row) for row in rows]
same = r[5].tags[0] is r[5].rows[5] is rows[5]

## a list of the notebook is put into a new object's list and changed there -> changes-argument
def use(x):
    q = C(x)
    q.tags.append(log)
    for part in q.tags:
        part.append(x)
    return q.n
---
r = [use(x) for x in xs]

## a list of the notebook is put into one of two names of a list and changed under the other -> changes-argument
def use(x):
    q = C(x)
    q.one.append(log)
    q.same[0].append(x)
    return q.n
---
r = [use(x) for x in xs]

## an object whose list is the notebook's in the end -> changes-argument
def use(x):
    q = L()
    q.tags.append(x)
    return len(q.tags)
---
r = [use(x) for x in xs]
"""


def _with(setup: str, name: str) -> bool:
    return ("record" in name) == (setup is _DATA)


CELLS = [
    (name, setup + text, *rest) for setup in (_DATA, _PLAIN) for name, text, *rest in cells(_ROWS) if _with(setup, name)
]
