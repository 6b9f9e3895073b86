"""Containers of which each iteration uses an element of its own, and those that only look so."""

from tabled import cells

CELLS = cells(r"""
## list element from itself -> parallel
for i in range(len(xs)):
    xs[i] = f(xs[i])

## list element replaced while it is gone over -> parallel
for i, x in enumerate(xs):
    xs[i] = f(x)

## list element, then read again -> parallel
for i in range(len(xs)):
    xs[i] = f(xs[i])
    out.append(xs[i] + f(i))

## neighbour read -> changes
for i in range(1, len(xs)):
    xs[i] = f(xs[i - 1])

## next one written -> changes-iterable changes-iterable
ys = list(range(9))
for i, y in enumerate(ys[:-1]):
    ys[i + 1] = f(y)
ys = list(range(9))
for i, y in enumerate(ys):
    if i < 8:
        ys[i + 1] = f(y)

## shifted alike -> parallel
ys = list(range(9))
for i in range(8):
    ys[i + 1] = f(ys[i + 1])

## negative indexes meet others -> parallel; told: an index is negative
for i in range(-3, 8):
    xs[i] = f(xs[i])

## an index comes twice -> parallel; told: a key comes twice
for i in [0, 1, 0, 2]:
    xs[i] = f(xs[i])

## key of a dict being gone over -> parallel
ages = {"a": 1, "b": 2, "c": 3}
for name in ages:
    ages[name] = f(ages[name])

## items of a dict being gone over -> parallel
ages = {"a": 1, "b": 2, "c": 3}
for name, age in ages.items():
    ages[name] = f(age)

## keys of another dict -> parallel
ages, more = {"a": 1, "b": 2}, {"b": 5, "a": 6}
for name, age in more.items():
    ages[name] = f(ages[name] + age)

## values as keys of the same dict -> changes-iterable
links = {1: 2, 2: 3, 3: 1}
for v in links.values():
    links[v] = f(v)

## elements changed in place -> parallel
groups = [[1], [2], [3]]
for i in range(3):
    groups[i].append(f(len(groups[i])))

## elements that are one object -> parallel; told: share an object
groups = [[1]] * 3
for i in range(3):
    groups[i].append(f(len(groups[i])))

## grid -> parallel parallel
m = [[i * j for j in range(4)] for i in range(4)]
for i in range(4):
    for j in range(4):
        m[i][j] = f(m[i][j] + i)

## grid of one row -> parallel; told: share an object
m = [[1, 2, 3]] * 3
for i in range(3):
    for j in range(3):
        m[i][j] = f(m[i][j] + i)

## grid, inner index meets itself -> trivial changes
m = [[1, 2, 3] for _ in range(3)]
for i in range(3):
    for j in range(-1, 3):
        m[i][j] = f(m[i][j])

## grid, row summed after -> trivial parallel
m = [[1, 2, 3] for _ in range(3)]
for i in range(3):
    for j in range(3):
        m[i][j] = f(m[i][j])
    out.append(sum(m[i]) + f(i))

## upper half -> parallel parallel
m = [[i + j for j in range(5)] for i in range(5)]
for i in range(5):
    for j in range(i + 1, 5):
        m[i][j] = f(m[i][j])

## mirrored -> parallel parallel
m = [[0] * 5 for i in range(5)]
for i in range(5):
    for j in range(i):
        m[i][j] = f(i * j)
        m[j][i] = m[i][j]

## element handed on and then replaced -> parallel
for i in range(len(xs)):
    v = f(xs[i])
    xs[i] = v
    out.append(v)

## element itself handed on -> parallel; told: may be changed
groups = [[1], [2], [3]]
def same(v):
    f(1)
    return v
for i in range(3):
    part = same(groups[i])
    groups[i] = [f(i)]
    out.append(part)
r = out[0]

## seen through another name -> parallel; told: 'first' is part of 'groups'
groups = [[1], [2], [3]]
first = groups[0]
for i in range(3):
    groups[i].append(f(len(groups[i])) + len(first))

## seen by a function -> parallel
def second():
    return xs[1]
for i in range(len(xs)):
    xs[i] = f(xs[i]) + f(second())

## another variable of that name -> changes
for i in range(len(xs)):
    xs[i] = sum([f(xs[i]) for i in range(3)])

## index rebound -> changes
for i in range(4):
    i = 7 - i * i % 3
    xs[i] = f(xs[i])

## popped and read in one statement -> changes
groups = [[1, 2], [3, 4, 5], [6]]
for part in groups:
    out.append((part.pop(), f(len(part))))

## array rows -> parallel
import numpy as np
a = np.arange(24.0).reshape(6, 4) % 7
for i in range(6):
    a[i] = np.sort(a[i])

## own array rows in place -> parallel
import numpy as np
a = np.arange(24.0).reshape(6, 4) % 7
for i in range(6):
    a[i] -= a[i].mean()
    a[i, :] = a[i, :] / (1 + np.abs(a[i, :]).max())

## array columns -> parallel
import numpy as np
a = np.arange(24.0).reshape(6, 4) % 7
for j in range(a.shape[1]):
    a[:, j] = np.sort(a[:, j])

## array elements -> parallel
import numpy as np
a = np.arange(6)
for i in range(len(a)):
    a[i] = f(a[i])

## rows that overlap -> parallel; told: overlap in memory
import numpy as np
a = np.lib.stride_tricks.sliding_window_view(np.arange(8.0), 3, writeable=True)
for i in range(6):
    a[i] = np.cumsum(a[i])

## row of an array handed on as a view -> parallel; told: would be copies
import numpy as np
a = np.arange(12.0).reshape(3, 4)
def front(v):
    return v[:2]
for i in range(3):
    v = front(a[i])
    a[i] = np.sort(-a[i])
    out.append(v)

## neighbours of an array -> changes
import numpy as np
a = np.arange(12.0).reshape(3, 4)
for i in range(1, 3):
    a[i] = np.sort(a[i - 1])

## table cells -> parallel
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1.0, 2.0, 4.0, 8.0], "c": 0.0})
for i in df.index:
    df.loc[i, "c"] = f(df.loc[i, "b"])
r = df.to_dict()

## table cells, new column -> parallel
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1.0, 2.0, 4.0, 8.0]})
for i, row in df.iterrows():
    df.at[i, "c"] = f(row["b"])
r = df.to_dict()

## table cells, same column -> parallel; from: pandas 3
import pandas as pd
df = pd.DataFrame({"t": ["a", "bb", "ccc"]})
for i in range(len(df)):
    df.loc[i, "t"] = "-".join(df.loc[i, "t"])
r = df.to_dict()

## table, rows twice -> parallel; told: a key comes twice
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3], "b": [1.0, 2.0, 4.0]}, index=[0, 0, 1])
for i in df.index:
    df.loc[i, "a"] = len(df.loc[i]) + f(df.loc[i, "b"].sum() if i == 0 else 1)
r = df.to_dict("list")

## table that grows -> parallel; told: not in its index
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3], "b": [1, 2, 4]})
try:
    for i in range(5):
        df.loc[i, "a"] = f(i) if i > 2 else f(df.loc[i, "b"])
except KeyError:
    pass
r = df.to_dict("list")

## elements added to in place, seen under another name -> parallel; told: 'first' is part of 'groups'
groups = [[1], [2], [3]]
first = groups[0]
---
for i in range(3):
    groups[i] += [f(len(first))]

## elements added to in place that are one object -> parallel; told: share an object
groups = [[1]] * 3
---
for i in range(3):
    groups[i] += [f(len(groups[i]))]

## elements of a dict added to in place that are one object -> parallel; told: share an object
one = [1]
groups = {1: one, 2: one, 3: one}
---
for i in (1, 2, 3):
    groups[i] += [f(len(groups[i]))]

## cells of a table added to in place that are one object -> parallel; told: its cells may be changed; from: pandas 3
import pandas as pd
one = [1]
df = pd.DataFrame({"a": [one, one, one]})
---
for i in df.index:
    df.at[i, "a"] += [f(len(df.at[i, "a"]))]

## indexes that are numpy's numbers -> parallel; told: whole numbers
import numpy as np
a = np.arange(6.0)
where = [np.int64(1), np.int64(-5)]
---
for i in where:
    a[i] = f(a[i])

## indexes that are tuples -> parallel; told: whole numbers
import numpy as np
a = np.arange(6.0).reshape(2, 3)
where = [(0,), (0, 1), (1,)]
---
for i in where:
    a[i] = f(a[i])

## keys that are letters -> parallel; told: keys come from a str
letters = {"a": 2, "b": 3}
---
for c in "aba":
    letters[c] = f(letters[c])

## keys that an iterator gives -> parallel; told: keys come from a list_iterator
kept = {1: 2, 2: 3}
it = iter([1, 2, 1])
---
for i in it:
    kept[i] = f(kept[i])

## list whose elements are its indexes -> parallel; told: changes what it goes over
a = [0, 3, 1, 2]
---
for i in a:
    a[i] = f(a[i]) % 4

## keys of a dict are counted while it is gone over -> parallel; told: changes what it goes over
kept = {0: 5, 6: 2}
---
for i, key in enumerate(kept):
    kept[i] = f(key)

## array of objects that are one -> parallel; told: array of objects
import numpy as np
one = [1]
a = np.empty(3, object)
a[0], a[1], a[2] = one, one, 5
---
for i in range(2):
    a[i].append(f(len(a[i])))

## table, whole rows while a column comes -> parallel; told: are not apart
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3]})
---
for i in df.index:
    df.loc[i, "c"] = f(len(df.loc[i]))

## table, column by column -> parallel; from: pandas 3
import pandas as pd
df = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [4.0, 3.0, 1.0], "c": list("xyz")})
---
for c in df.columns:
    df[c] = df[c].map(str).str.upper() + str(f(len(df[c])))
r = df.to_dict()

## table, the columns of some types -> parallel parallel; from: pandas 3
import pandas as pd
df = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [4.0, 3.0, 1.0], "c": list("xyz")})
---
for c in df.select_dtypes("number").columns:
    df[c] = (df[c] - df[c].mean()) / df[c].std()
r = {c: list(df[c]) for c in df}

## table, a function for each value of its columns -> parallel; from: pandas 3
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 4], "b": [4, 3, 1]})
---
for c in ["a", "b"]:
    df[c] = df[c].map(lambda v: v * 2)
r = df.to_dict()

## table, a column twice -> parallel; from: pandas 3; told: a key comes twice
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 4], "b": [4, 3, 1]})
---
for c in ["a", "b", "a"]:
    df[c] = df[c].cumsum() + f(2)
r = df.to_dict()

## table, rows by masks -> parallel; from: pandas 3; told: may stand for rows
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 4], "b": [4, 3, 1]})
masks = [df["a"] > 1, df["a"] > 2]
---
for m in masks:
    df[m] = df[m] * f(1)
r = df.to_dict()

## table, columns of a table without rows -> parallel; from: pandas 3; told: may change the others
import pandas as pd
df = pd.DataFrame({"a": [], "b": []})
---
for c in ["a", "b"]:
    df[c] = [f(len(df[c]))] * (len(df[c]) or 2)
r = df.to_dict()

## table, rows of the values of a column -> parallel; from: pandas 3
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 4], "c": list("xyx")})
---
for g in df["c"].unique():
    df.loc[df["c"] == g, "n"] = f(ord(g))
r = df.to_dict()
""")
