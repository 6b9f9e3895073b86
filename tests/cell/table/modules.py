"""The loop changes what every import, and every library, goes by."""

from tabled import cells

CELLS = cells(r"""
## modules put into sys.modules, imported by a function -> environment
import sys, types
def use(x):
    import a_stub
    return a_stub.v * x
sys.modules["a_stub"] = types.SimpleNamespace(v=100)
for x in xs:
    out.append(use(x))
    sys.modules["a_stub"] = types.SimpleNamespace(v=x)
del sys.modules["a_stub"]

## modules put into sys.modules, imported by the loop -> environment
import sys, types
sys.modules["a_stub"] = types.SimpleNamespace(v=100)
for x in xs:
    import a_stub
    y = f(x) * a_stub.v
    out.append(y)
    sys.modules["a_stub"] = types.SimpleNamespace(v=x)
del sys.modules["a_stub"], a_stub

## modules put into sys.modules by a function that imports sys -> environment
import types
def use(x):
    import a_stub
    return a_stub.v * x
def put(v):
    import sys
    sys.modules["a_stub"] = types.SimpleNamespace(v=v)
put(100)
for x in xs:
    out.append(use(x))
    put(x)
__import__("sys").modules.pop("a_stub", None)

## modules put into the table under another name -> environment
import sys, types
from sys import modules as table
def use(x):
    import a_stub
    return a_stub.v * x
sys.modules["a_stub"] = types.SimpleNamespace(v=100)
---
for x in xs:
    out.append(use(x))
    table["a_stub"] = types.SimpleNamespace(v=x)
del table["a_stub"]

## modules put into a table that the cell names -> parallel; told: the whole process
import sys, types
def use(x):
    import a_stub
    return a_stub.v * x
table = sys.modules
table["a_stub"] = types.SimpleNamespace(v=100)
for x in xs:
    out.append(use(x))
    table["a_stub"] = types.SimpleNamespace(v=x)
del table["a_stub"]

## modules put into the table that a function imports -> environment
import types
def use(x):
    import a_stub
    return a_stub.v * x
def put(v):
    from sys import modules
    modules.update(a_stub=types.SimpleNamespace(v=v))
put(100)
for x in xs:
    out.append(use(x))
    put(x)
del __import__("sys").modules["a_stub"]

## modules taken out of sys.modules -> environment
import sys, colorsys
def use(x):
    import colorsys
    return getattr(colorsys, "marked", -1) * x
for x in xs:
    out.append(use(x))
    sys.modules.pop("colorsys", None)
del colorsys

## attribute of a module that a function imports -> parallel; told: the whole process
import json as j
def use(x):
    from json import level
    return level * x
j.level = 4
for x in xs:
    out.append(use(x))
    j.level = x
del j.level, j

## attribute of a module set by setattr in a function that gets the module -> environment
import json
def use(x):
    import json
    return json.level * x
def put(module, x):
    setattr(module, "level", x)
json.level = 4
for x in xs:
    out.append(use(x))
    put(json, x)
del json.level

## attribute of a module set by a function that imports it -> environment
def use(x):
    import json
    return json.level * x
def put(x):
    import json
    json.level = x
put(4)
for x in xs:
    out.append(use(x))
    put(x)

## attribute of a module below another set by a function that imports it -> environment
def use(x):
    import json.decoder
    return json.decoder.level * x
def put(x):
    import json.decoder
    json.decoder.level = x
put(4)
for x in xs:
    out.append(use(x))
    put(x)

## attribute of a module by its name -> environment
import importlib, json
def use(x):
    import json
    return json.level * x
json.level = 4
for x in xs:
    out.append(use(x))
    importlib.import_module("json").level = x
del json.level

## attribute of a module in the table of modules -> environment
import sys, json
def use(x):
    import json
    return json.level * x
json.level = 4
for x in xs:
    out.append(use(x))
    sys.modules["json"].level = x
del json.level

## attribute of a module in its dictionary -> environment
import json
def use(x):
    import json
    return json.level * x
json.level = 4
for x in xs:
    out.append(use(x))
    json.__dict__["level"] = x
del json.level

## reload of a module -> environment
import importlib, colorsys
def use(x):
    import colorsys
    return colorsys.ONE_THIRD * x
colorsys.ONE_THIRD = 5
for x in xs:
    out.append(use(x))
    importlib.reload(colorsys)

## reload of a module by a function -> environment
import colorsys
def use(x):
    import colorsys
    return colorsys.ONE_THIRD * x
def again(module):
    from importlib import reload
    reload(module)
colorsys.ONE_THIRD = 5
for x in xs:
    out.append(use(x))
    again(colorsys)

## finder of modules put into sys.meta_path -> environment
import sys, importlib.abc, importlib.machinery
class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name.startswith("a_found") else None
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        module.v = 5
def use(x):
    try:
        import a_found
    except ImportError:
        return -x
    return a_found.v * x
---
for x in xs:
    out.append(use(x))
    sys.meta_path.insert(0, Finder())
while type(sys.meta_path[0]).__name__ == "Finder":
    del sys.meta_path[0]
sys.modules.pop("a_found", None)

## sys.path that another function imports by -> environment
import sys, tempfile, os
folder = tempfile.TemporaryDirectory()
with open(os.path.join(folder.name, "a_module_on_path.py"), "w") as fh:
    fh.write("v = 5")
def use(x):
    try:
        import a_module_on_path
    except ImportError:
        return -x
    return a_module_on_path.v * x
for x in xs:
    out.append(use(x))
    sys.path.append(folder.name)
while folder.name in sys.path:
    sys.path.remove(folder.name)
folder.cleanup()
sys.modules.pop("a_module_on_path", None)
del folder, fh

## environment for a child of another function -> environment
from os import environ
import subprocess
def use(x):
    return subprocess.run(["sh", "-c", "echo $PARACELL_T"], capture_output=True, text=True).stdout + str(x)
for x in xs[:4]:
    out.append(use(x))
    environ.update(PARACELL_T=str(x))
del environ["PARACELL_T"]

## class of a library that its functions go by -> environment
import json
from json import JSONEncoder
def use(x):
    return json.dumps([x, 1])
for x in xs:
    out.append(use(x))
    JSONEncoder.item_separator = f"{x} "
JSONEncoder.item_separator = ", "

## function of a library that its functions go by -> environment
import json
class Encoder(json.JSONEncoder):
    pass
def use(x):
    import json
    return json.dumps([x], cls=json.encoder.own)
json.encoder.own = Encoder
for x in xs:
    out.append(use(x))
    json.encoder.own.item_separator = f"{x} "
    json.encoder.JSONEncoder.key_separator = ":"
json.encoder.JSONEncoder.key_separator = ": "
del json.encoder.own

## options of a library -> environment
import pandas as pd
s = pd.Series(range(100))
def use(x):
    return len(repr(s)) * x
for x in xs:
    out.append(use(x))
    pd.options.display.max_rows = x * 2 + 4
pd.options.display.max_rows = 60

## options of a library under a name of their own -> environment
import pandas as pd
from pandas import options
s = pd.Series(range(100))
def use(x):
    return len(repr(s)) * x
---
for x in xs:
    out.append(use(x))
    options.display.max_rows = x * 2 + 4
options.display.max_rows = 60

## parameters of a library -> environment
import matplotlib as mpl
def use(x):
    import matplotlib
    return matplotlib.rcParams["lines.linewidth"] * x
for x in xs:
    out.append(use(x))
    mpl.rcParams["lines.linewidth"] = x
mpl.rcParams["lines.linewidth"] = 1.5

## settings of a library by a function that imports it -> environment
import numpy as np
def quiet(how):
    import numpy
    numpy.seterr(divide=how)
def use(x):
    return np.float64(x) / 0
for x in xs[:4]:
    out.append(use(x))
    quiet("ignore")
quiet("warn")

## what mock puts into a module -> environment
import json
from unittest import mock
json.level = 4
def use(x):
    import json
    return json.level * x
p = mock.patch.object(json, "level", 77)
---
for x in xs:
    out.append(use(x))
    if x == 4:
        p.start()
p.stop()
del json.level

## modules put into sys.modules by a loop over a map -> environment environment
import sys, types
def use(x):
    import a_stub
    return a_stub.v * x
sys.modules["a_stub"] = types.SimpleNamespace(v=7)
for v in map(use, xs):
    out.append(v)
    sys.modules["a_stub"] = types.SimpleNamespace(v=v)
del sys.modules["a_stub"]

## modules put into sys.modules by a function in a loop over a generator expression -> environment environment
import types
def use(x):
    import a_stub
    return a_stub.v * x
def put(v):
    import sys
    sys.modules["a_stub"] = types.SimpleNamespace(v=v)
put(7)
for v in (use(x) for x in xs):
    out.append(v)
    put(v)
__import__("sys").modules.pop("a_stub")

## attribute of a module that nobody imports -> parallel
import types
m = types.ModuleType("m")
---
for x in xs:
    out.append(f(x))
    m.last = x

## streams of the process written to -> parallel
import sys
for x in xs:
    out.append(f(x))
    sys.stdout.write(str(x))
    sys.stderr.flush()
""")
