"""What iterations that were computed ahead of time have done to files is as if they had not been."""

from tabled import cells

CELLS = cells(r"""
## one path computed from two items -> parallel parallel; processes: at the same time; threads: at the same time
import os, tempfile
folder = tempfile.mkdtemp()
def save(x):
    with open(f"{folder}/{x // 2}.txt", "w") as file:
        file.write(str(x))
    return x
for x in range(12):
    out.append(save(x))
r = [open(f"{folder}/{k}.txt").read() for k in range(6)]
del folder

## counts that iterations keep in a file -> parallel; processes: at the same time; threads: at the same time
import os, tempfile
folder = tempfile.mkdtemp()
def count(x):
    path = f"{folder}/{x // 20}.txt"
    n = 0
    if os.path.exists(path):
        with open(path) as file:
            n = int(file.read())
    with open(path, "w") as file:
        file.write(str(n + 1))
    return n
for x in range(12):
    out.append(count(x))
r = open(f"{folder}/0.txt").read()
del folder

## what there may be only once beside a path of two items -> parallel; processes: same time; threads: same time
import os, tempfile
folder = tempfile.mkdtemp()
def save(x):
    os.mkdir(f"{folder}/d{x}")
    with open(f"{folder}/d{x}/own", "x") as file:
        file.write(str(x))
    with open(f"{folder}/c{x // 2}", "w") as file:
        file.write(str(x))
    return x
for x in range(12):
    out.append(save(x))
r = sorted(os.listdir(folder))
del folder

## files of iterations behind a break -> parallel
import os, tempfile
folder = tempfile.mkdtemp()
def save(x):
    with open(f"{folder}/{x}", "w") as file:
        file.write(str(x))
    return x
for x in range(30):
    v = save(x)
    out.append(v)
    if v == 3 and out:
        break
r = sorted(os.listdir(folder))
del folder

## files of iterations behind one that fails -> parallel
import os, tempfile
folder = tempfile.mkdtemp()
def save(x):
    with open(f"{folder}/{x}", "w") as file:
        file.write(str(x))
    if x == 4:
        raise ValueError(x)
    return x
try:
    for x in range(30):
        out.append(save(x))
except ValueError:
    pass
r = sorted(os.listdir(folder))
del folder

## files that were there, of iterations behind one that fails -> parallel parallel
import os, tempfile
from pathlib import Path
folder = tempfile.mkdtemp()
for k in range(30):
    _ = Path(f"{folder}/{k}").write_text("old")
def save(x):
    with open(f"{folder}/{x}", "a" if x % 2 else "w") as file:
        file.write(str(x))
    os.rename(f"{folder}/{x}", f"{folder}/{x}.new")
    if x == 4:
        raise ValueError(x)
    return x
---
try:
    for x in range(30):
        out.append(save(x))
except ValueError:
    pass
r = [(name, open(f"{folder}/{name}").read()) for name in sorted(os.listdir(folder))]
del folder

## files of values that nobody has taken -> parallel
import os, tempfile
folder = tempfile.mkdtemp()
def save(x):
    with open(f"{folder}/{x}", "w") as file:
        file.write(str(x))
    return x
r = any(save(x) == 3 for x in range(30))
n = sorted(os.listdir(folder))
del folder

## file that the loop writes between two iterations -> parallel; processes: state; threads: state
import os, tempfile
name = tempfile.mkdtemp() + "/state"
def use(x):
    if os.path.exists(name):
        with open(name) as file:
            return file.read()
    return "none"
for x in range(20):
    v = use(x)
    out.append(v)
    if x in (5, 11):
        with open(name, "w") as fh:
            fh.write(str(x))
del name, fh

## links to one file -> parallel; processes: at the same time; threads: at the same time
import os, tempfile
folder = tempfile.mkdtemp()
open(f"{folder}/t", "w").close()
for k in range(12):
    os.symlink(f"{folder}/t", f"{folder}/l{k}")
def add(x):
    n = os.stat(f"{folder}/l{x}").st_size
    with open(f"{folder}/l{x}", "w") as file:
        file.write("x" * (n + 1))
    return n
---
for x in range(12):
    out.append(add(x))
r = open(f"{folder}/t").read()
del folder

## names of one file -> parallel; processes: at the same time; threads: at the same time
import os, tempfile
folder = tempfile.mkdtemp()
open(f"{folder}/t", "w").close()
for k in range(12):
    os.link(f"{folder}/t", f"{folder}/l{k}")
def add(x):
    n = os.stat(f"{folder}/l{x}").st_size
    with open(f"{folder}/l{x}", "w") as file:
        file.write("x" * (n + 1))
    return n
---
for x in range(12):
    out.append(add(x))
r = open(f"{folder}/t").read()
del folder

## array saved under one path by two items -> parallel; processes: at the same time; threads: at the same time
import numpy as np, os, tempfile
folder = tempfile.mkdtemp()
def save(x):
    np.save(f"{folder}/{x // 2}.npy", np.arange(x + 1))
    return x
for x in range(12):
    out.append(save(x))
r = np.load(f"{folder}/3.npy").tolist()
del folder

## file that iterations of a comprehension add to, before one that fails -> parallel parallel
import os, tempfile
folder = tempfile.mkdtemp()
mode = "aa"[:1]
def save(x):
    with open(f"{folder}/{x}", mode) as file:
        file.write(str(x))
    if x == 5:
        raise ValueError(x)
    return x
---
try:
    r = [save(x) for x in range(12)]
except ValueError:
    pass
r = [(name, open(f"{folder}/{name}").read()) for name in sorted(os.listdir(folder))]
del folder

## file that a map's function adds to, before one that fails -> trivial parallel parallel
import os, tempfile
folder = tempfile.mkdtemp()
mode = "aa"[:1]
def save(x):
    with open(f"{folder}/{x}", mode) as file:
        file.write(str(x))
    if x == 5:
        raise ValueError(x)
    return x
---
try:
    for v in map(save, range(12)): out.append(v)
except ValueError:
    pass
r = [(name, open(f"{folder}/{name}").read()) for name in sorted(os.listdir(folder))]
del folder

## file of several items, added to in map -> trivial parallel parallel; processes: at the same; threads: at the same
import os, tempfile
folder = tempfile.mkdtemp()
mode = "aa"[:1]
def save(x):
    with open(f"{folder}/{x//4}", mode) as file:
        file.write(str(x))
    if x == 5:
        raise ValueError(x)
    return x
---
try:
    for v in map(save, range(12)): out.append(v)
except ValueError:
    pass
r = [(name, open(f"{folder}/{name}").read()) for name in sorted(os.listdir(folder))]
del folder

## folder that there may be only once, made by a map's function, before one that fails -> trivial parallel parallel
import os, tempfile
folder = tempfile.mkdtemp()
def save(x):
    os.mkdir(f"{folder}/{x}")
    if x == 5:
        raise ValueError(x)
    return x
---
try:
    for v in map(save, range(12)): out.append(v)
except ValueError:
    pass
r = [(name, os.listdir(f"{folder}/{name}")) for name in sorted(os.listdir(folder))]
del folder
""")
