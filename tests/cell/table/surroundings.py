"""What belongs to the process."""

from tabled import cells

CELLS = cells(r"""
## environ write -> parallel; processes: fell back; open: threads race
import os
for x in xs:
    os.environ["PARACELL_T"] = str(f(x))
r = os.environ.pop("PARACELL_T")

## chdir in loop -> parallel; told: 'os'
import os, tempfile
before = os.getcwd()
dirs = [tempfile.gettempdir(), "/"]
for dd in dirs:
    os.chdir(dd)
    out.append(os.path.basename(os.getcwd()))
os.chdir(before)
""")
