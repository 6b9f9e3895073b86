"""Names whose values stay in the worker until the loop is over: bound several times, in inner loops, under a condition,
in an iteration that is left half-way, and where they cannot be sent at all."""

from tabled import cells

CELLS = cells(r"""
## stays: in both branches -> parallel; processes: lock
import threading
for x in xs:
    if x > 3:
        lock = threading.Lock()
        y = f(x)
    else:
        lock = threading.RLock()
        y = f(x) + 1
    out.append(y)

## stays: none at first -> parallel; processes: lock
import threading
for x in xs:
    lock = None
    if x > 3:
        lock = threading.Lock()
    out.append(f(x))

## stays: twice -> parallel; processes: lock
import threading
for x in xs:
    lock = threading.RLock()
    lock = threading.Lock()
    out.append(f(x))

## stays: in an inner loop -> parallel
import threading
for x in xs:
    for i in range(3):
        if x % 2:
            lock = threading.Lock()
        out.append(f(i))

## stays: bound anew after an error -> parallel; processes: lock
import threading
for x in xs:
    try:
        lock = threading.Lock()
        y = fail(x)
    except ValueError:
        lock = None
        y = 0
    out.append(y)

## stays: a frame that is filtered -> parallel
import pandas as pd
for x in xs:
    df = pd.DataFrame({"a": range(x)})
    df = df[df.a > 1]
    out.append(df.a.sum())

## stays: in a block that is read -> parallel; processes: fh
for x in xs:
    with open("/dev/null") as fh:
        text = fh.read()
        text = text.strip()
        n = len(text) + x
    out.append(n)

## stays: an iteration left half-way -> parallel
for x in xs:
    t = f(x)
    if x == 4:
        out[99] = f(x)
    t = f(t)
    out.append(f(x))

## stays: an iteration left in a branch -> parallel
for x in xs:
    if x > 2:
        t = f(x)
        if x == 4:
            out[99] = f(x)
        t = f(t)
    else:
        t = [f(x)]

## stays: left in an inner loop -> parallel
for x in xs:
    for i in range(3):
        t = f(i) + x
        if x == 4 and i == 1:
            out[99] = f(x)
        out.append(f(x))

## stays: left in an inner loop of an inner one -> parallel
for x in xs:
    for i in range(3):
        for j in range(2):
            t = [f(i) + x + j]
            u = t
            if x == 4 and i == 1 and j == 1:
                out[99] = f(x)
            out.append(f(x))

## stays: left in a later row than bound -> parallel
for x in xs:
    for i in range(3):
        if i == 1:
            t = [f(i) + x]
            v = f(i)
            v = f(v + x)
        if x == 4 and i == 2:
            out[99] = f(x)
        out.append(f(x))

## stays: a break between two bindings -> parallel
for x in xs:
    t = f(x)
    out.append(f(x))
    if len(out) > 3:
        break
    t = f(x + 1)
    t = f(t)

## stays: bound again where the loop says so -> parallel
for x in [*xs, 3]:
    t = f(x)
    if x not in seen:
        t = f(x + 1)
        seen.add(x)

## stays: two names of what an iteration left half-way had -> parallel
for x in xs:
    t = [f(x)]
    u = {"t": t}
    if x == 4:
        out[99] = f(x)
    t, u = f(t[0]), f(x)
    out.append(f(x))

## stays: a lock when the iteration fails -> parallel; processes: lock
import threading
for x in xs:
    lock = threading.Lock()
    y = fail(x)
    out.append(y)

## stays: a connection when the second statement fails -> parallel; processes: con
import sqlite3
for x in xs:
    con = sqlite3.connect(":memory:")
    print(x)
    con.execute("create table t (a)" if x != 4 else "nonsense")
    out.append(f(x))

## stays: a lock that is made anew when the iteration fails -> parallel; processes: lock
import threading
for x in xs:
    lock = threading.RLock()
    y = fail(x)
    lock = threading.Lock()
    out.append(y)
""")
