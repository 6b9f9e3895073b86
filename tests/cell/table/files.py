"""Files written by iterations."""

from tabled import cells

CELLS = cells(r"""
## file closed by with -> parallel; error: cannot be sent back
for x in xs:
    with open("/dev/null") as fh:
        pass
    out.append((fh.closed, f(x)))

## file of the notebook -> parallel
fh = open("/dev/null", "w")
for x in xs:
    fh.write(str(f(x)))
fh.close()

## log file -> parallel
import tempfile, os
fd, path = tempfile.mkstemp()
os.close(fd)
for x in xs * 4:
    v = f(x)
    with open(path, "a") as fh:
        fh.write(f"{v} {x}\n")
with open(path) as fh:
    text = fh.read()
os.remove(path)
del path, fd, fh

## last writer of a file -> parallel
import tempfile, pathlib
path = pathlib.Path(tempfile.mkdtemp()) / "last"
for x in xs * 4:
    path.write_text(str(f(x)))
    out.append(len(path.read_text()))
text = path.read_text()
del path

## one file by a path that is made in the loop -> parallel
import tempfile, os
from pathlib import Path
name = tempfile.mkdtemp() + "/last"
for x in xs * 4:
    Path(name).write_text(str(f(x)))
text = Path(name).read_text()
del name
""")
