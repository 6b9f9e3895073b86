"""Results that are, hold or share arrays and tables."""

from tabled import cells

CELLS = cells(r"""
## results: dtype identity -> parallel identity
import numpy as np
def dt(x): return np.zeros(2, "f4" if x % 2 else "i8").dtype, f(x)
r = [dt(x) for x in xs]
q = [d is np.dtype("f4") or d is np.dtype("i8") for d, _ in r]

## results: structured dtype -> parallel identity trivial
import numpy as np
t = np.dtype([("a", "i4"), ("b", "f8")])
def mk(x): return np.array([(x, f(x))], dtype=t)
r = [mk(x) for x in xs]
q = [a.dtype is t for a in r]
z = [a.dtype == t for a in r]

## results: pandas index sharing -> parallel identity
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3], "b": [4.0, 5.0, 6.0]}, index=list("xyz"))
def col(c): return df[c] * f(2)
r = [col(c) for c in df.columns]
q = [s.index is df.index for s in r]

## results: pandas column -> parallel
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3], "b": [4.0, 5.0, 6.0]})
def col(c): return df[c]
r = [col(c) for c in df.columns]
df.loc[0, "a"] = 99

## results: what pandas computes once and keeps is no change of an item -> parallel parallel
import pandas as pd
days = pd.date_range("2024-03-30", periods=4, freq="D", tz="Europe/Paris")
frames = [pd.DataFrame({"day": days + pd.Timedelta(hours=k), "v": [1.0, 2.0, 3.0, float(k)]}) for k in range(4)]
for frame in frames:
    hours = frame["day"].dt.tz_convert("UTC").dt.hour.map(str)
    kind = frame["day"].dtype.kind + repr(frame.describe())
    out.append((f(len(kind)), list(hours), frame["v"].sum()))

## results: pandas values -> parallel
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3], "b": [4, 5, 6]})
def col(c): return df[c].to_numpy()
r = [col(c) for c in df.columns]
df.loc[0, "a"] = 99

## results: pandas whole values -> parallel
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3], "b": [4, 5, 6]})
def part(i): return df.to_numpy()[i:]
r = [part(i) for i in range(2)]
df.iloc[1, 1] = 99

## results: pandas groups -> parallel
import pandas as pd
df = pd.DataFrame({"k": list("aabb"), "v": [1.0, 2.0, 3.0, 4.0]})
def work(kv): return kv[1].assign(w=f(2)), kv[1]
r = [work(kv) for kv in df.groupby("k")]
df.loc[0, "v"] = 99

## results: array writeable -> parallel trivial
import numpy as np
a = np.arange(6.0); a.flags.writeable = False
def mk(i): return a[i:], a, a.copy()
r = [mk(i) for i in range(3)]
q = [(v.flags.writeable, w.flags.writeable, z.flags.writeable) for v, w, z in r]

## results: broadcast_to -> parallel
import numpy as np
row = np.arange(3.0)
def mk(i): return np.broadcast_to(row, (2, 3)), i
r = [mk(i) for i in range(3)]
row[0] = 9

## results: masked array -> parallel parallel
import numpy as np
a = np.ma.masked_array([1.0, 2, 3], mask=[0, 1, 0])
def mk(x): return a * f(x)
r = [mk(x) for x in xs[:3]]
q = [v.filled(-1) for v in r]

## results: masked view -> parallel parallel; processes: fell back: a view of an array
import numpy as np
a = np.ma.masked_array([1.0, 2, 3], mask=[0, 1, 0])
def mk(i): return a[i:]
r = [mk(i) for i in range(2)]
a.data[:] = 7
q = [v.data.tolist() for v in r]

## results: matrix view -> parallel parallel; processes: fell back: a view of an array
import numpy as np
class Sub(np.ndarray): pass
a = np.arange(6.0).view(Sub)
def mk(i): return a[i:]
r = [mk(i) for i in range(2)]
a[:] = 7
q = [v.tolist() for v in r]

## results: recarray field -> parallel
import numpy as np
a = np.zeros(3, dtype=[("a", "i4"), ("b", "f8")])
def mk(n): return a[n]
r = [mk(n) for n in ("a", "b")]
a["a"][:] = 5

## results: object array -> parallel
import numpy as np
a = np.array([[1], [2], None], dtype=object)
def mk(i): return a[i], a[i:]
r = [mk(i) for i in range(3)]
a[0].append(5)
a[2] = "z"

## results: split -> parallel
import numpy as np
a = np.arange(8.0)
def mk(n): return np.split(a, n)
r = [mk(n) for n in (2, 4)]
a[:] = 0

## results: nested view in object -> parallel trivial
import numpy as np
class Holder:
    def __init__(self, v): self.v = v
a = np.arange(8.0)
def mk(i): return Holder({"part": a[i:i + 2]})
r = [mk(i) for i in range(3)]
a[:] = 0
q = [h.v["part"] for h in r]

## results: ravel -> parallel parallel trivial
import numpy as np
ms = [np.ones((2, 2)) * x for x in xs]
def mk(m): return m.ravel(), m.flatten(), np.squeeze(m), m.T
r = [mk(m) for m in ms]
for m in ms: m[:] = 0

## results: real imag -> parallel
import numpy as np
zs = np.arange(4) + 1j
def mk(i): return zs.real[i:], zs.imag
r = [mk(i) for i in range(2)]
zs[:] = 0

## results: memoryview -> parallel parallel; processes: fell back: a memoryview of part
buf = bytearray(b"abcdefgh")
def mk(i): return memoryview(buf)[i:i + 2]
r = [mk(i) for i in range(3)]
buf[0] = 65
q = [bytes(m) for m in r]
del r

## results: memoryview whole -> parallel parallel
buf = bytearray(b"abcdefgh")
def mk(i): return memoryview(buf), f(i)
r = [mk(i) for i in range(3)]
buf[0] = 65
q = [bytes(m) for m, _ in r]
del r

## results: array module -> parallel
from array import array
a = array("d", [1, 2, 3])
def mk(x): return a, array("d", [f(x)])
r = [mk(x) for x in xs]
a[0] = 9

## results: pandas index column -> parallel; from: pandas 3
import pandas as pd
df = pd.DataFrame({"a": [1, 2, 3], "b": [4.0, 5.0, 6.0], "c": ["x", "y", "z"]})
def part(i): return df.iloc[i:], df["c"], df.index[i:], df
r = [part(i) for i in range(2)]
df.loc[2, "c"] = "w"
df.iloc[2, 0] = 9
r[0][0].iloc[0, 0] = -5
r[1][1].iloc[0] = "t"
""")
