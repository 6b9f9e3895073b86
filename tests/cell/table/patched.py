"""What the notebook has put into libraries' modules and classes, and into the table of modules: workers have it, too,
or it is said."""

from tabled import cells

CELLS = cells(r"""
## function put into a library that a function imports -> parallel
import json
old = json.dumps
json.dumps = lambda v: f"mine{v}"
def use(x):
    import json
    return json.dumps(x)
---
r = [use(x) for x in xs]
json.dumps = old

## function put into a library and taken out again -> parallel
import json
r = [json.dumps(x) for x in xs]

## function put into a library by a function that imports it -> parallel
def setup():
    import calendar
    calendar.isleap = lambda year: True
def use(x):
    from calendar import monthrange
    return monthrange(2001 + x, 2)
import calendar
old = calendar.isleap
setup()
---
r = [use(x) for x in xs]
calendar.isleap = old

## number put into a class of a library -> parallel
import http.client
http.client.HTTPConnection.debuglevel = 3
def use(x):
    import http.client
    return http.client.HTTPConnection("h").debuglevel, f(x)
---
r = [use(x) for x in xs]
http.client.HTTPConnection.debuglevel = 0

## method put into a class of a library -> parallel
import json
from json import JSONEncoder
old = JSONEncoder.default
setattr(JSONEncoder, "default", lambda self, o: repr(o))
---
r = [json.dumps([x, {1}]) for x in xs]
JSONEncoder.default = old

## method put into a class that a worker does not have when the job comes -> parallel
import fractions
def doubled(self):
    return self * 2
fractions.Fraction.doubled = doubled
def use(x):
    from fractions import Fraction
    return Fraction(x, 3).doubled()
---
r = [use(x) for x in xs]
del fractions.Fraction.doubled

## function that mock puts into a library around the loop -> parallel parallel
import json
from unittest import mock
def fake(v):
    return f"fake{v}"
def use(x):
    return json.dumps(x)
with mock.patch("json.dumps", fake):
    for x in xs:
        out.append(use(x))
with mock.patch.object(json, "dumps", fake):
    r = [use(x) for x in xs]

## mock in a library, which counts its calls -> parallel; processes: is a mock
import json
from unittest import mock
m = mock.MagicMock(return_value="m")
def use(x):
    return json.dumps(x)
with mock.patch.object(json, "dumps", m):
    for x in xs:
        out.append(use(x))
n = m.call_count
del m

## what does not pickle, put into a library -> parallel; processes: cannot be sent
import json, threading
json.lock = threading.Lock()
def use(x):
    with json.lock:
        return f(x)
---
r = [use(x) for x in xs]
del json.lock

## what does not pickle, put into a library where no iteration asks for it -> parallel
import json, threading
json.a_lock_of_mine = threading.Lock()
---
r = [f(x) for x in xs]
del json.a_lock_of_mine

## module that the notebook has made -> parallel; processes: sys.modules
import sys, types
sys.modules["a_stub"] = types.SimpleNamespace(v=7)
def use(x):
    import a_stub
    return a_stub.v * x
---
r = [use(x) for x in xs]
del sys.modules["a_stub"]

## module that the notebook has made, in the place of another -> parallel; processes: sys.modules
import sys, types, colorsys
sys.modules["colorsys"] = types.ModuleType("colorsys")
sys.modules["colorsys"].ONE_THIRD = 7
def use(x):
    from colorsys import ONE_THIRD
    return ONE_THIRD * x
---
r = [use(x) for x in xs]
sys.modules["colorsys"] = colorsys

## module that the notebook has hidden -> parallel; processes: sys.modules
import sys
sys.modules["colorsys"] = None
def use(x):
    try:
        import colorsys
    except ImportError:
        return -x
    return x
---
r = [use(x) for x in xs]
del sys.modules["colorsys"]

## module that the notebook has made, asked for by its name -> parallel; processes: the module
import sys, types, importlib
sys.modules["a_stub"] = types.SimpleNamespace(v=7)
def use(x):
    try:
        return importlib.import_module("a_stub").v * x
    except ImportError:
        return None
---
r = [use(x) for x in xs]
del sys.modules["a_stub"]

## module that a finder of the notebook's finds -> parallel; processes: the module
import sys, importlib.abc, importlib.machinery
class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name == "a_found" else None
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
sys.meta_path.insert(0, Finder())
---
r = [use(x) for x in xs]
del sys.meta_path[0]
_ = sys.modules.pop("a_found", None)
_ = None

## module that nobody has -> parallel
def use(x):
    try:
        import a_module_of_nobody
    except ImportError:
        return -x
r = [use(x) for x in xs]

## module that a finder for a folder finds -> parallel; processes: the module
import sys, importlib, importlib.machinery
class Finder:
    def __init__(self, path):
        if path != "mine:":
            raise ImportError
    def find_spec(self, name, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name == "a_found_four" else None
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        module.v = 5
sys.path_hooks.insert(0, Finder)
sys.path.append("mine:")
def use(x):
    try:
        import a_found_four
    except ImportError:
        return -x
    return a_found_four.v * x
---
r = [use(x) for x in xs]
_ = sys.path_hooks.pop(0), sys.path.pop(), sys.modules.pop("a_found_four", None), sys.path_importer_cache.pop("mine:")
_ = None

## module that a finder of the notebook's finds in another's place -> parallel; processes: as the notebook finds it
import sys, importlib.machinery
_ = sys.modules.pop("tabnanny", None)
class Finder:
    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name == "tabnanny" else None
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        module.verbose = 5
sys.meta_path.insert(0, Finder())
def use(x):
    import tabnanny
    return f(x), tabnanny.verbose
---
r = [use(x) for x in xs]
_ = sys.meta_path.pop(0), sys.modules.pop("tabnanny", None)
_ = None

## module that workers had before a finder finds another -> parallel parallel; processes: as the notebook finds it
import sys, importlib.machinery
class Finder:
    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name == "colorsys" else None
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        module.ONE_THIRD = 5
def use(x):
    import colorsys
    return f(x), colorsys.ONE_THIRD
---
r = [use(x) for x in xs]
_ = sys.modules.pop("colorsys", None)
sys.meta_path.insert(0, Finder())
d["after"] = [use(x) for x in xs]
_ = sys.meta_path.pop(0), sys.modules.pop("colorsys", None)
_ = None

## modules beside those that a finder of the notebook's finds -> parallel
import sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        return None
sys.meta_path.insert(0, Finder())
def other(x):
    import sched
    return f(x), sched.__name__
---
r = [other(x) for x in xs]
del sys.meta_path[0]

## attribute of a library that no cell's text sets -> parallel; processes: the attribute
import fractions
exec("fractions.limited = fractions.Fraction.limit_denominator")
def use(x):
    return fractions.limited(fractions.Fraction(x, 7), 3)
---
r = [use(x) for x in xs]
exec("del fractions.limited")

## attribute of a library that nobody has -> parallel
import fractions
def use(x):
    return fractions.a_number_of_nobody * x
---
try:
    r = [use(x) for x in xs]
except AttributeError as error:
    out.append(str(error))
""")
