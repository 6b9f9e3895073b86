"""numpy arrays."""

from tabled import cells

CELLS = cells(r"""
## views of items -> trivial parallel
import numpy as np
a = np.arange(12.0).reshape(3, 4)
vs = [row[1:3] for row in a]
a[0, 1] = 99
r = [v.tolist() for v in vs]

## views appended -> trivial
import numpy as np
a = np.arange(12.0).reshape(3, 4)
for row in a:
    v = row[::2]
    out.append(v)
a[:] = 5

## views via function -> parallel
import numpy as np
a = np.arange(12.0)
def part(i): return a[i:i + 3]
r = [part(i) for i in range(3)]
a[:] = 5

## reshape view -> parallel parallel trivial
import numpy as np
arrs = [np.arange(4.0) for _ in range(3)]
r = [b.reshape(2, 2) for b in arrs]
for b in arrs: b[0] = 77

## asarray same -> parallel parallel forbidden
import numpy as np
arrs = [np.arange(4.0) for _ in range(3)]
r = [np.asarray(b) for b in arrs]
q = [s is b for s, b in zip(r, arrs)]

## transposed result -> parallel parallel
import numpy as np
r = [np.arange(6).reshape(2, 3).T * x for x in xs]
q = [np.asfortranarray(np.ones((2, 3)) * x) for x in xs]

## strided item -> parallel
import numpy as np
a = np.arange(24).reshape(4, 6)
for c in [a[:, ::2], a.T, a[::-1]]:
    out.append((c.strides, c.flags.c_contiguous, int(c.sum())))

## array in place -> parallel
import numpy as np
a = np.zeros(8)
for i, x in enumerate(xs):
    a[i] = f(x)

## array rows in place -> parallel
import numpy as np
a = np.zeros((8, 3))
for i, x in enumerate(xs):
    a[i, :] = g(x, 3)
    a[i] *= 2

## array aug -> parallel
import numpy as np
a = np.zeros(3)
b = a
for x in xs:
    a += f(x)

## array aug rebinding -> parallel
import numpy as np
a = np.zeros(3)
b = a
for x in xs:
    a = a + f(x)

## array row item in place -> changes
import numpy as np
a = np.arange(12.0).reshape(3, 4)
for row in a:
    row *= f(row[0])

## array row item function -> changes
import numpy as np
def norm(v):
    v -= v.mean()
    return v.sum()
a = np.arange(12.0).reshape(3, 4)
r = [norm(row) for row in a]

## nditer -> parallel; told: the loop changes its items,
import numpy as np
a = np.arange(4.0)
for v in np.nditer(a, op_flags=["readwrite"]):
    v[...] = f(float(v))

## scalar types -> parallel
import numpy as np
for v in np.arange(4, dtype=np.int16):
    out.append(v * 2)
    d[int(v)] = np.float32(f(int(v)))

## matmul -> parallel
import numpy as np
m = np.eye(2)
for x in xs:
    m = m @ np.array([[1.0, f(x)], [0.0, 1.0]])

## results that share memory -> parallel trivial
import numpy as np
def two(x):
    a = np.arange(5.0) + x
    return a[1:3], a, a[::2]
r = [two(x) for x in xs]
for p, q, s in r: q[:] = 1

## small views that share memory -> parallel trivial
import numpy as np
def two(x):
    a = np.arange(5000.0) + x
    return a[1:3], a[3:5], a[2:4]
r = [two(x) for x in xs]
for p, q, s in r: q[:] = 1

## row of an array that is gone -> parallel
import numpy as np
r = [(np.arange(5000.0) + x)[3:6] for x in xs]
""")
