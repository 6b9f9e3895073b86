"""What the notebook has set in libraries and in its process before the loop: workers have it, too."""

from tabled import cells

CELLS = cells(r"""
## formatter of numpy's -> parallel
import numpy as np
np.set_printoptions(formatter={"float": lambda v: f"<{v:.1f}>"})
---
r = [repr(np.array([x, 2.0])) for x in xs]
np.set_printoptions(formatter=None)

## formatter of numpy's that is gone again -> parallel
import numpy as np
r = [repr(np.array([x, 2.0])) for x in xs]

## function for numpy's errors -> parallel
import numpy as np
def handler(kind, flag):
    print("numpy:", kind)
np.seterrcall(handler)
np.seterr(divide="call")
---
r = [float((np.array([x + 1.0]) / 0)[0]) for x in xs]
_ = np.seterrcall(None)
_ = np.seterr(divide="warn")

## size of numpy's buffers -> parallel
import numpy as np
np.setbufsize(16 * 100)
---
r = [(f(x), np.getbufsize()) for x in xs]
_ = np.setbufsize(8192)

## folder of temporary files -> parallel
import tempfile
tempfile.tempdir = "/tmp/paracell_t"
def use(x):
    import tempfile
    return tempfile.gettempdir(), f(x)
---
r = [use(x) for x in xs]
tempfile.tempdir = None

## folder of temporary files that nobody has asked for -> parallel
import tempfile
tempfile.tempdir = None
---
r = [(f(x), tempfile.gettempdir()) for x in xs]

## opener of URLs -> parallel
import io, urllib.request, urllib.response
class Own(urllib.request.BaseHandler):
    def own_open(self, request):
        return urllib.response.addinfourl(io.BytesIO(b"hello"), {}, request.full_url)
urllib.request.install_opener(urllib.request.build_opener(Own()))
---
r = [urllib.request.urlopen("own://x%d" % x).read() for x in xs]
urllib.request.install_opener(None)

## opener of URLs that does not pickle -> parallel; processes: cannot be sent
import io, threading, urllib.request, urllib.response
class Own(urllib.request.BaseHandler):
    def __init__(self):
        self.lock = threading.Lock()
    def own_open(self, request):
        return urllib.response.addinfourl(io.BytesIO(b"hello"), {}, request.full_url)
urllib.request.install_opener(urllib.request.build_opener(Own()))
---
r = [urllib.request.urlopen("own://x%d" % x).read() for x in xs]
urllib.request.install_opener(None)

## opener of URLs that no iteration asks for -> parallel
import threading, urllib.request
class Own(urllib.request.BaseHandler):
    def __init__(self):
        self.lock = threading.Lock()
urllib.request.install_opener(urllib.request.build_opener(Own()))
---
r = [f(x) for x in xs]
urllib.request.install_opener(None)

## garbage that is not collected -> parallel
import gc
gc.disable()
gc.set_threshold(5000, 20, 20)
---
r = [(f(x), gc.isenabled(), gc.get_threshold()[0]) for x in xs]
gc.enable()
gc.set_threshold(700, 10, 10)

## lines of tracebacks -> parallel
import sys, traceback
sys.tracebacklimit = 1
def use(x):
    try:
        fail(4)
    except ValueError:
        return traceback.format_exc().count("File")
---
r = [use(x) for x in xs]
del sys.tracebacklimit

## limits of the process -> parallel
import resource
old = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (900, old[1]))
---
r = [(f(x), resource.getrlimit(resource.RLIMIT_NOFILE)[0]) for x in xs]
resource.setrlimit(resource.RLIMIT_NOFILE, old)

## interval of threads -> parallel
import sys
sys.setswitchinterval(0.125)
---
r = [(f(x), sys.getswitchinterval()) for x in xs]
sys.setswitchinterval(0.005)

## stacks of threads -> parallel
import threading
_ = threading.stack_size(1 << 20)
def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)
def use(x):
    found = []
    one = threading.Thread(target=lambda: found.append(deep(x)))
    one.start()
    one.join()
    return found
---
r = [use(x) for x in xs]
_ = threading.stack_size(0)

## mask of new files -> parallel
import os, tempfile
folder = tempfile.mkdtemp()
old = os.umask(0o027)
def use(x):
    path = f"{folder}/{x}"
    with open(path, "w"):
        pass
    return os.stat(path).st_mode
---
r = [use(x) for x in range(5)]
_ = os.umask(old)
import shutil
shutil.rmtree(folder)
del folder

## codecs that the notebook has registered -> parallel; processes: the encoding
import codecs
def find(name):
    return codecs.lookup("utf-16") if name == "a_codec_of_mine" else None
codecs.register(find)
---
r = [("abc%d" % x).encode("utf-16") == codecs.lookup("a_codec_of_mine").encode("abc%d" % x)[0] for x in xs]
codecs.unregister(find)

## codecs that nobody knows -> parallel
import codecs
def use(x):
    try:
        return codecs.lookup("a_codec_of_nobody")
    except LookupError:
        return -x
---
r = [use(x) for x in xs]

## handler of encoding errors -> parallel; processes: the error handler
import codecs
codecs.register_error("a_handler_of_mine", lambda e: ("?!", e.end))
---
r = [("ä%d" % x).encode("ascii", "a_handler_of_mine") for x in xs]

## handler of encoding errors in the place of Python's -> parallel
import codecs
old = codecs.lookup_error("replace")
codecs.register_error("replace", lambda e: ("?!", e.end))
---
r = [("ä%d" % x).encode("ascii", "replace") for x in xs]
codecs.register_error("replace", old)

## adapters and converters of sqlite's -> parallel
import sqlite3
class Point:
    def __init__(self, v):
        self.v = v
sqlite3.register_adapter(Point, lambda p: f"point {p.v}")
sqlite3.register_converter("shouted", lambda b: b.decode().upper())
def use(x):
    db = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES)
    db.execute("create table t (a shouted)")
    db.execute("insert into t values (?)", (Point(x),))
    return db.execute("select a from t").fetchone()
---
r = [use(x) for x in xs]

## types of files -> parallel
import mimetypes
mimetypes.add_type("mine/type", ".mine")
def use(x):
    return f(x), mimetypes.guess_type("a.mine"), mimetypes.guess_extension("mine/type")
---
r = [use(x) for x in xs]
mimetypes.init()

## types of files that are gone again -> parallel
import mimetypes
r = [(f(x), mimetypes.guess_type("a.mine")) for x in xs]

## option of pandas' that is a function -> parallel
import pandas as pd
pd.set_option("display.float_format", "{:.1f}!".format)
---
r = [repr(pd.Series([1.5, x])) for x in xs]
pd.reset_option("display.float_format")

## context of decimal that threads begin with -> parallel
import decimal, threading
decimal.DefaultContext.prec = 7
def use(x):
    found = []
    one = threading.Thread(target=lambda: found.append(str(decimal.Decimal(x) / 7)))
    one.start()
    one.join()
    return found
---
r = [use(x) for x in xs]
decimal.DefaultContext.prec = 28

## context for HTTPS -> parallel
import ssl
ssl._create_default_https_context = ssl._create_unverified_context
def use(x):
    return f(x), ssl._create_default_https_context.__name__
---
r = [use(x) for x in xs]
ssl._create_default_https_context = ssl.create_default_context

## reducers of objects for copies -> parallel
import copy, copyreg
class Kept:
    def __init__(self, v):
        self.v = v
def reduce(one):
    return Kept, (one.v + 1,)
copyreg.pickle(Kept, reduce)
---
r = [copy.copy(Kept(x)).v for x in xs]
_ = copyreg.dispatch_table.pop(Kept)

## classes of the notebook in an abstract class of a library -> parallel
import collections.abc as kinds
import numbers, array
class Row:
    pass
class Column:
    pass
kinds.Sequence.register(Row)
kinds.Set.register(Column)
_ = numbers.Real.register(array.array)
def use(x):
    return f(x), isinstance(Row(), kinds.Sequence), issubclass(Column, kinds.Set), issubclass(array.array, numbers.Real)
---
r = [use(x) for x in xs]

## class of the notebook for a generic function of a library -> parallel
import pkgutil
class Own:
    pass
@pkgutil.iter_importer_modules.register(Own)
def listed(importer, prefix=""):
    return ["mine"]
---
r = [(f(x), list(pkgutil.iter_importer_modules(Own()))) for x in xs]

## handlers of signals -> parallel
import os, signal
def handler(number, frame):
    raise KeyError(number)
signal.signal(signal.SIGUSR1, handler)
signal.signal(signal.SIGUSR2, signal.SIG_IGN)
def use(x):
    return f(x), callable(signal.getsignal(signal.SIGUSR1)), signal.getsignal(signal.SIGUSR2) == signal.SIG_IGN
---
r = [use(x) for x in xs]
_ = signal.signal(signal.SIGUSR1, signal.SIG_DFL)
_ = signal.signal(signal.SIGUSR2, signal.SIG_DFL)

## hooks of sys -> finalizer
import sys
old = sys.excepthook, sys.unraisablehook
def hook(*raised):
    print("hook", raised[0].__name__)
def unraisable(raised):
    print("unraisable", raised.exc_value)
sys.excepthook, sys.unraisablehook = hook, unraisable
class Bad:
    def __del__(self):
        raise ValueError("in del")
def use(x):
    sys.excepthook(ValueError, ValueError(x), None)
    Bad()
    return x
---
r = [use(x) for x in xs]
sys.excepthook, sys.unraisablehook = old

## hook of errors of sys -> parallel
import sys
old = sys.excepthook
def hook(*raised):
    print("hook", raised[0].__name__)
sys.excepthook = hook
def use(x):
    sys.excepthook(ValueError, ValueError(x), None)
    return f(x)
---
for x in xs:
    out.append(use(x))
sys.excepthook = old

## factory of log records -> parallel
import logging
old = logging.getLogRecordFactory()
def factory(*args, **options):
    record = old(*args, **options)
    record.msg = f"made: {record.msg}"
    return record
logging.setLogRecordFactory(factory)
def use(x):
    return logging.getLogger("a_logger").makeRecord("a", 10, "f", 1, f"m{x}", (), None).getMessage()
---
r = [use(x) for x in xs]
logging.setLogRecordFactory(logging.LogRecord)

## memory that is traced -> parallel; interpreters: _tracemalloc
import tracemalloc
tracemalloc.start()
---
r = [(f(x), tracemalloc.is_tracing()) for x in xs]
tracemalloc.stop()

## names in XML -> parallel
import xml.etree.ElementTree as ET
ET.register_namespace("mine", "http://mine")
---
r = [ET.tostring(ET.Element("{http://mine}a%d" % x)) for x in xs]

## names of character sets -> parallel
import email.charset
email.charset.add_alias("mine", "utf-8")
---
r = [(f(x), str(email.charset.Charset("mine"))) for x in xs]
del email.charset.ALIASES["mine"]

## format of archives -> parallel
import shutil
def packed(base_name, base_dir, **options):
    return base_name + ".mine"
shutil.register_archive_format("mine", packed, description="mine")
---
r = [(f(x), ("mine", "mine") in shutil.get_archive_formats()) for x in xs]
shutil.unregister_archive_format("mine")

## start of processes -> parallel
import multiprocessing
multiprocessing.set_start_method("forkserver", force=True)
---
r = [(f(x), multiprocessing.get_start_method()) for x in xs]
multiprocessing.set_start_method(None, force=True)

## stdin put in its place -> interactive
import sys, io
old = sys.stdin
sys.stdin = io.StringIO("a\nb\n")
def use(x):
    return f(x), sys.stdin.readline()
---
r = [use(x) for x in xs]
sys.stdin = old

## stdin that fileinput reads, which has one state for all threads -> environment
import sys, io, fileinput
old = sys.stdin, sys.argv[:]
sys.stdin = io.StringIO("a\nb\n")
sys.argv[1:] = []
def use(x):
    with fileinput.input() as lines:
        return f(x), list(lines)
---
r = [use(x) for x in xs]
sys.stdin, sys.argv[:] = old

## stdin that a library reads in one iteration -> parallel; processes: sys.stdin
import sys, io, code
old = sys.stdin
sys.stdin = io.StringIO("a\nb\n")
def use(x):
    return f(x), code.InteractiveConsole().raw_input() if x == 4 else ""
---
r = [use(x) for x in xs]
sys.stdin = old

## stdin imported by its name -> parallel; told: talks to the user
from sys import stdin as words
r = [(f(x), words.isatty()) for x in xs]
words = None

## policy of event loops -> parallel
import asyncio
class Mine(asyncio.DefaultEventLoopPolicy):
    pass
old = asyncio.get_event_loop_policy()
asyncio.set_event_loop_policy(Mine())
async def wait(x):
    return x, type(asyncio.get_event_loop_policy()).__name__
---
r = [asyncio.run(wait(x)) for x in xs]
asyncio.set_event_loop_policy(old)

## policy of event loops that does not pickle -> parallel; processes: event_loop_policy
import asyncio, threading
class Mine(asyncio.DefaultEventLoopPolicy):
    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()
old = asyncio.get_event_loop_policy()
asyncio.set_event_loop_policy(Mine())
def use(x):
    loop = asyncio.new_event_loop()
    loop.close()
    return x
---
r = [use(x) for x in xs]
asyncio.set_event_loop_policy(old)

## processors that the notebook may use -> parallel parallel
import os
old = os.sched_getaffinity(0)
def use(x):
    return f(x), len(os.sched_getaffinity(0))
---
r = [use(x) for x in xs]
os.sched_setaffinity(0, [min(old)])
d["after"] = [use(x) for x in xs]
os.sched_setaffinity(0, old)

## lines of a file that there is not -> parallel; processes: the lines
import linecache
linecache.cache["a_file_of_mine"] = (8, None, ["one\n", "two\n"], "a_file_of_mine")
def use(x):
    return f(x), linecache.getline("a_file_of_mine", 2)
---
r = [use(x) for x in xs]
del linecache.cache["a_file_of_mine"]

## lines of code that the notebook has made, in a traceback -> parallel
import linecache, traceback
source = "def g(x):\n    return 1 // (x * 0)\n"
linecache.cache["<made>"] = (len(source), None, source.splitlines(True), "<made>")
exec(compile(source, "<made>", "exec"), globals())
def use(x):
    try:
        return g(x)
    except ZeroDivisionError:
        return traceback.format_exc()
---
r = [use(x) for x in xs]
del linecache.cache["<made>"]

## lines that nobody has -> parallel
import linecache
r = [(f(x), linecache.getline("a_file_of_nobody", 2)) for x in xs]
""")
