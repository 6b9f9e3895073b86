"""Cells that are meant to catch a split that is wrong: aliases, late changes, shared iterators, early exits."""

CASES = """
for x in xs:
    row = [x]
    out.append(row)
    row.append(f(x))
---
for x in xs:
    row = {}
    out.append(row)
    row["a"] = f(x)
    row["b"] = f(row["a"])
---
for x in xs:
    y = g(x)
    z = y
    out.append(y)
    z.append(f(x))
---
for x in xs:
    v = f(x)
    try:
        out.append(1 // (x - 4))
        out.append(v)
    except ZeroDivisionError:
        w = f(v)
        log.append(w)
    finally:
        total += 1
---
for x in xs:
    if x > 3:
        if total > 10:
            break
        total += f(x)
    else:
        total -= f(x)
---
for i in range(5):
    v = f(i)
    def h():
        return v
    out.append(h)
r = [h() for h in out]
---
for x in xs:
    v = f(x)
    out.append(lambda: v)
r = [h() for h in out]
---
for x in xs:
    d[x] = d.get(x, 0) + f(x)
---
for x in xs:
    a = f(x)
    if total > 5:
        a = f(a)
    out.append(a)
    total += 1
---
for x in xs:
    if total > 5:
        a = f(x)
    else:
        a = -f(x)
    b = f(a)
    total += b
---
for x in xs:
    with open("/dev/null") as fh:
        pass
    out.append((fh.closed, f(x)))
---
fh = open("/dev/null", "w")
for x in xs:
    fh.write(str(f(x)))
fh.close()
---
for x in xs:
    s = sum(f(v) for v in range(x))
    out.append(s)
---
for x in xs:
    t = [f(v) for v in range(x) if v in out]
    out.append(len(t))
---
for x in xs:
    out[:] = [f(x)] + out
---
for x in xs:
    acc.seen.append(f(x))
    acc.x = f(acc.x)
---
for x in xs:
    yy = xs[x % 3]
    xs[0] = f(x)
---
for a in rows:
    for b in rows:
        a["x"] = f(b["x"])
---
for a in rows:
    b = rows[0]
    a["x"] = f(b["x"]) + a["x"]
---
m = {"k": rows[0]}
for a in rows:
    a["x"] = f(m["k"]["x"]) + a["x"]
---
for x in xs:
    p = acc
    p.x += f(x)
    out.append(p.double())
---
for x in xs:
    p = [acc][0]
    p.x += f(x)
    out.append(acc.double())
---
for x in xs:
    n = 0
    for j in range(x):
        n += f(j)
        if n > 20:
            out.append(n)
            break
    else:
        out.append(-n)
    d[x] = n
---
for x in xs:
    for j in range(x):
        v = f(j)
        if v in seen:
            continue
        seen.add(v)
        out.append(f(v))
---
for x in xs:
    for x in range(3):
        out.append(f(x))
---
for x in xs:
    k = f(k) % 7
    out.append(f(x))
---
for x in xs:
    try:
        v = fail(x)
    except ValueError as e:
        v = e.args[1]
    else:
        v += f(v)
    out.append(v)
---
for x in xs:
    try:
        total += fail(x)
    except ValueError as e:
        err = e
        out.append(repr(e))
---
for x in xs:
    try:
        for j in range(x):
            out.append(fail(j))
    except ValueError:
        out.append("stop")
---
for x in xs:
    w = fail(x)
    z = f(w)
---
for x in xs:
    if odd(x):
        z = f(x)
    w = fail(x)
    q = f(w)
---
for x in xs:
    print("a", x)
    if total > 20:
        print("big", f(x))
        out.append(f(x))
    print("b", x)
    total += x
---
for x in xs:
    a, *b = g(x, 3)
    out.append(b)
    b.append(f(a))
---
s = ""
for x in xs:
    s += str(f(x))
---
for x in xs:
    c = Counter(str(f(x)))
    c["1"] += 1
    out.append(c)
    for q in c:
        total += c[q]
---
r = []
for w in "a b a c".split():
    if w in d:
        d[w] += f(len(w))
    else:
        d[w] = f(len(w))
---
def step(v):
    v.append(1)
    return len(v)
for x in xs:
    out.append(step(g(x)))
---
def step(v):
    v.append(1)
    return len(v)
for x in xs:
    w = g(x)
    n = step(w)
    out.append((n, w))
---
def step(v):
    v.append(1)
    return len(v)
big = [0]
for x in xs:
    out.append(f(x) + step(big))
---
hist = deque(maxlen=3)
for x in xs:
    hist.append(f(x))
    out.append(sum(hist))
---
import itertools
it = itertools.count()
for x in xs:
    out.append((f(x), next(it)))
---
import itertools
it = itertools.count()
pairs = [list(zip(range(2), it)) for x in xs if f(x)]
---
it = iter(xs)
for x in it:
    y = f(x)
    nxt = next(it, None)
    out.append((y, nxt))
---
it = iter(xs)
for x in it:
    if f(x) > 10:
        break
    out.append(x)
rest = list(it)
---
it = iter(xs)
r = any(f(x) > 10 for x in it)
rest = list(it)
---
for x in xs:
    y = f(x)
    if y == 17:
        raise StopIteration(y)
    out.append(y)
---
for i, row in enumerate(rows):
    row["n"] = f(i)
    rows[i] = dict(row)
---
for x in xs:
    v = f(x) if x not in cache else cache[x]
    cache[x] = v
---
import sys
for x in xs:
    print(f(x), end=" ", file=sys.stderr)
---
for x in xs:
    v = f(x)
    assert v < 17, f(v)
    total += v
---
for x in xs:
    class C:
        val = f(x)
    out.append(C.val)
---
for x in xs:
    global z9
    z9 = f(x)
---
for x in xs:
    r1 = [out.append(f(x)) for _ in range(2)]
---
for x in xs:
    vals = sorted(g(x), key=lambda t: f(t) + total)
    total += len(vals)
---
for x in xs:
    v = [f(x)]
    w = v
    w += [1]
    out.append(v)
---
for x in xs:
    v = xs
    v += [f(x)] if len(v) < 12 else []
---
for x in xs:
    while True:
        v = f(x)
        if v > 3 or total > 3:
            break
        total += 1
    out.append(v)
---
o2 = out.append
for x in xs:
    o2(f(x))
---
o2 = log.append
for x in xs:
    y = f(x)
    o2(y)
r = len(log)
---
st = {"n": 0}
def bump():
    st["n"] += 1
    return st["n"]
for x in xs:
    out.append(f(x) + bump())
---
def outer():
    n = 0
    def inner():
        nonlocal n
        n += 1
        return n
    return inner
h = outer()
for x in xs:
    out.append((f(x), h()))
---
r = {f(x) % 3: x for x in xs}
r2 = {x % 4: f(x) for x in xs for z in range(2)}
---
for x in xs:
    if (n := f(x)) > 10 and (q := f(n)):
        out.append(q)
---
for x in xs:
    out.append(f(x)); log.append(out[-1])
---
for x in sorted(out) or xs:
    out.append(f(x))
---
v = [0] * 8
for i, x in enumerate(xs):
    v[i] += f(x)
---
a1 = xs[:]
b1 = a1
for i in range(len(a1)):
    a1[i] = f(b1[i])
---
class S:
    def __init__(me, x):
        me.x, me.y = x, None
    def work(me):
        me.y = f(me.x)
    def value(me):
        return me.y
ss = [S(x) for x in xs]
for s in ss:
    s.work()
r = [s.value() for s in ss]
del ss, s
---
objs = [[x] for x in xs]
for o in objs:
    if sum(o) % 2:
        out.append(o)
r = all(any(z is o for o in objs) for z in out)
---
import tempfile, os
fd, path = tempfile.mkstemp()
os.close(fd)
for x in xs * 4:
    v = f(x)
    with open(path, "a") as fh:
        fh.write(f"{v} {x}\\n")
text = open(path).read()
os.remove(path)
del path, fd, fh
---
import tempfile, pathlib
path = pathlib.Path(tempfile.mkdtemp()) / "last"
for x in xs * 4:
    path.write_text(str(f(x)))
    out.append(len(path.read_text()))
text = path.read_text()
del path
""".strip().split("\n---\n")
