"""State that is carried from iteration to iteration through files; settings that the loop's own body changes."""

from tabled import cells

CELLS = cells(r"""
## file that the loop writes, read in a function -> parallel; processes: a.txt; threads: a.txt
import os, tempfile
place = tempfile.mkdtemp()
def use(x):
    path = os.path.join(place, "a.txt")
    if not os.path.exists(path): return x
    with open(path) as file: return int(file.read()) + x
---
for x in xs:
    v = use(x)
    with open(os.path.join(place, "a.txt"), "w") as fh:
        fh.write(str(v))
    out.append(v)
del place, fh

## file that a function of the commit writes -> parallel; processes: a.pkl; threads: a.pkl
import os, pickle, tempfile
place = os.path.join(tempfile.mkdtemp(), "a.pkl")
def use(x):
    with open(place, "rb") as file: return pickle.load(file) + x
def put(v):
    with open(place, "wb") as file: pickle.dump(v, file)
put(1)
---
for x in xs:
    v = use(x)
    put(v)
    out.append(v)
del place

## file that is asked for, made by the loop later on -> parallel; processes: flag; threads: flag
import os, tempfile
place = os.path.join(tempfile.mkdtemp(), "flag")
def use(x): return os.path.exists(place), x
---
for x in xs:
    out.append(use(x))
    if len(out) == 1:
        open(place, "w").close()
del place

## folder that is listed and filled -> parallel; processes: filled; threads: filled
import os, tempfile
place = os.path.join(tempfile.mkdtemp(), "filled")
os.mkdir(place)
def use(x): return len(os.listdir(place)) + x
---
for x in xs:
    out.append(use(x))
    open(os.path.join(place, str(len(out))), "w").close()
del place

## folder that is removed with all that is in it -> parallel; processes: inside; threads: inside
import os, shutil, tempfile
place = tempfile.mkdtemp()
os.mkdir(os.path.join(place, "inside"))
def use(x): return os.path.isdir(os.path.join(place, "inside")), x
def tidy(): shutil.rmtree(place)
---
for x in xs:
    out.append(use(x))
    if len(out) == 1: tidy()
del place

## file that is copied over -> parallel; processes: now; threads: now
import os, shutil, tempfile
place = tempfile.mkdtemp()
for name in ("1", "2", "now"):
    with open(os.path.join(place, name), "w") as fh: fh.write(name)
def use(x):
    with open(os.path.join(place, "now")) as file: return file.read(), x
def copied(n): shutil.copy(os.path.join(place, str(1 + n % 2)), os.path.join(place, "now"))
---
for x in xs:
    out.append(use(x))
    copied(len(out))
del place, fh

## file that was open before, written on by the loop -> parallel; processes: log.txt; threads: log.txt
import os, tempfile
place = os.path.join(tempfile.mkdtemp(), "log.txt")
def use(x):
    with open(place) as file: return len(file.read()) + x
---
with open(place, "w") as fh:
    for x in xs:
        v = use(x)
        fh.write("line\n"); fh.flush()
        out.append(v)
del place, fh

## database that the loop fills through a connection of its own -> parallel; processes: q.db; threads: q.db
import os, sqlite3, tempfile
place = os.path.join(tempfile.mkdtemp(), "q.db")
con = sqlite3.connect(place)
con.execute("create table t (v)")
def use(x):
    mine = sqlite3.connect(place)
    try: return mine.execute("select count(*) from t").fetchone()[0] + x
    finally: mine.close()
---
for x in xs:
    v = use(x)
    con.execute("insert into t values (?)", (v,)); con.commit()
    out.append(v)
con.close()
del place, con

## database that a function fills -> parallel; processes: q.db; threads: q.db
import os, sqlite3, tempfile
from contextlib import closing
place = os.path.join(tempfile.gettempdir(), f"{os.getpid()}.q.db")
def use(x):
    with closing(sqlite3.connect(place)) as con:
        return con.execute("select count(*) from t").fetchone()[0] + x
def put(v):
    with closing(sqlite3.connect(place)) as con, con:
        con.execute("insert into t values (?)", (v,))
with closing(sqlite3.connect(place)) as con: con.execute("create table t (v)")
---
for x in xs:
    v = use(x)
    put(v)
    out.append(v)
con = None
os.remove(place)

## database of an iteration's own -> parallel
import sqlite3
def use(x):
    con = sqlite3.connect(":memory:")
    con.execute("create table t (v)")
    con.execute("insert into t values (?)", (x,))
    found = con.execute("select v from t").fetchone()[0]
    con.close()
    return found
---
for x in xs:
    out.append(use(x))

## shelf -> writes-file
import os, shelve, tempfile
place = os.path.join(tempfile.mkdtemp(), "shelf")
def use(x):
    with shelve.open(place) as shelf:
        shelf["n"] = shelf.get("n", 0) + x
        return shelf["n"]
---
for x in xs:
    out.append(use(x))
del place

## files of each iteration's own -> parallel
import os, json, tempfile
place = tempfile.mkdtemp()
for i in range(10):
    with open(os.path.join(place, f"{i}.in"), "w") as fh: json.dump(i, fh)
def use(x):
    with open(os.path.join(place, f"{x}.in")) as file: v = json.load(file)
    os.makedirs(os.path.join(place, "made"), exist_ok=True)
    with open(os.path.join(place, "made", f"{x}.out"), "w") as file: json.dump(v * 2, file)
    return v
---
for x in range(10):
    out.append(use(x))
del place, fh

## read by workers, written by the loop -> parallel
import os, tempfile
place = tempfile.mkdtemp()
for i in range(10):
    with open(os.path.join(place, f"{i}.in"), "w") as fh: fh.write(str(i))
def use(x):
    with open(os.path.join(place, f"{x}.in")) as file: return int(file.read())
def put(x, v):
    with open(os.path.join(place, f"{x}.out"), "w") as file: file.write(str(v))
    with open(os.path.join(place, "all"), "a") as file: file.write(str(v))
---
for x in range(10):
    v = use(x)
    put(x, v)
    out.append(v)
with open(os.path.join(place, "all")) as fh: text = fh.read()
del place, fh

## folders and files of a while -> parallel
import os, tempfile
def use(x):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "a"), "w") as file: file.write(str(x))
        return sorted(os.listdir(folder)), os.path.getsize(os.path.join(folder, "a"))
---
for x in xs:
    out.append(use(x))

## kept in a file of its own, if it is not there -> parallel
import os, json, tempfile
place = tempfile.mkdtemp()
def use(x):
    path = os.path.join(place, f"{x}.json")
    if os.path.exists(path):
        with open(path) as file: return json.load(file)
    with open(path, "w") as file: json.dump(x * 2, file)
    return x * 2
---
for x in range(8):
    out.append(use(x))
del place

## module imported in a task while the loop fills the folder that it is looked for in -> parallel
import os, sys, tempfile
place = tempfile.mkdtemp()
def use(x):
    import wave
    with open(os.devnull) as file: return file.read() + wave.__name__ + str(x)
---
sys.path.insert(0, place)
for x in xs:
    v = use(x)
    with open(os.path.join(place, str(len(out))), "w") as fh: fh.write(v)
    out.append(v)
del sys.path[0], place, fh

## file removed on a condition of the loop's -> parallel; processes: gone; threads: gone
import os, tempfile
place = os.path.join(tempfile.mkdtemp(), "gone")
open(place, "w").close()
def there(x): return os.path.isfile(place), x
remove = os.remove
---
for x in xs:
    out.append(there(x))
    if len(out) == 1:
        os.remove(place)
del place

## function that writes a file, on a condition of the loop's -> parallel
import os, tempfile
place = tempfile.mkdtemp()
def save(x):
    with open(os.path.join(place, str(x)), "w") as file: file.write("x")
    return x
---
for x in xs:
    v = f(x)
    if len(out) < 3:
        out.append(save(x))
made = sorted(os.listdir(place))
del place

## name bound to what such a function gives, on a condition of the loop's -> parallel
import os, tempfile
place = tempfile.mkdtemp()
def save(x):
    with open(os.path.join(place, str(x)), "w") as file: file.write("x")
    return x
---
for x in xs:
    v = f(x)
    if len(out) < 3:
        saved = save(x)
        out.append(saved)
made = sorted(os.listdir(place))
del place

## call for its effect, on a condition of the loop's -> parallel
import os, tempfile
place = tempfile.mkdtemp()
---
for x in range(8):
    v = f(x)
    if len(out) < 3:
        os.mkdir(f"{place}/{x}")
    out.append(v)
made = sorted(os.listdir(place))
del place

## settings around what is carried -> parallel
import numpy as np
def use(x): return np.float64(x)
---
rest = np.float64(0)
try:
    for x in xs:
        with np.errstate(all="raise"):
            rest = use(x) / rest
except FloatingPointError as error:
    out.append(str(error))

## context of decimal around what is carried -> parallel
import decimal
exact = decimal.Context(prec=5)
def use(x): return decimal.Decimal(x) / 7
---
rest = decimal.Decimal(0)
for x in xs:
    with decimal.localcontext(exact):
        rest = rest + use(x)

## context of decimal that is set inside, around what is carried -> carried
import decimal
def use(x): return decimal.Decimal(x) / 7
---
rest = decimal.Decimal(0)
for x in xs:
    with decimal.localcontext() as context:
        context.prec = 5
        rest = rest + use(x)
del context

## warnings ignored around what is carried -> parallel
import warnings
def use(x):
    warnings.warn(f"w{x}")
    return x
---
for x in xs:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        total += use(x)
        if total > 10: warnings.warn("much")

## warnings ignored around what is only put away -> parallel
import warnings
def use(x):
    warnings.warn(f"w{x}")
    return x
---
for x in xs:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out.append(use(x))

## warnings that are errors every other time -> reads-changed
import warnings
def use(x):
    try: warnings.warn("w")
    except UserWarning: return "raised"
    return x
---
for x in xs:
    with warnings.catch_warnings():
        warnings.simplefilter("error" if len(out) % 2 else "ignore")
        out.append(use(x))

## context of decimal set by a function -> environment
import decimal
def use(x): return decimal.Decimal(x) / 7
def put(n): decimal.setcontext(decimal.Context(prec=5 + n))
---
kept = decimal.getcontext()
for x in xs:
    out.append(use(x))
    put(len(out))
decimal.setcontext(kept)
del kept

## traps of decimal set by what is carried -> environment
import decimal
def use(x):
    try: return decimal.Decimal(x) / 0
    except decimal.DivisionByZero: return "trapped"
---
for x in xs:
    out.append(use(x))
    decimal.getcontext().traps[decimal.DivisionByZero] = len(out) % 2 == 0
decimal.getcontext().traps[decimal.DivisionByZero] = True

## level of the root logger -> environment
import logging
def use(x): return logging.getLogger("paracell.of.rows").getEffectiveLevel()
---
for x in xs:
    out.append(use(x))
    logging.getLogger().setLevel(10 + len(out))
logging.getLogger().setLevel(logging.WARNING)

## logger of a function -> parallel
import logging
def use(x):
    logging.getLogger("paracell.of.rows").info("x %s", x)
    return x * 2
---
for x in xs:
    out.append(use(x))

## variable of the environment for children only -> environment
import os, subprocess
def use(x): return subprocess.run("echo $PARACELL_ROW", shell=True, capture_output=True, text=True).stdout
---
for x in xs[:2]:
    out.append(use(x))
    os.putenv("PARACELL_ROW", str(len(out)))
os.unsetenv("PARACELL_ROW")

## limit of csv's fields -> environment
import csv
def use(x): return csv.field_size_limit() + x
---
for x in xs:
    out.append(use(x))
    csv.field_size_limit(131072 + len(out))
csv.field_size_limit(131072)
""")
