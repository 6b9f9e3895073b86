"""Functions of the notebook, in every form, run in a worker as they run in the notebook."""
# ruff: noqa: E501 (the cells are data)

import pytest

CELLS = {
    "plain": ("def f(x): return x + 1", "f(x)"),
    "globals_transitive": ("a = 2\ndef g(x): return x * a\ndef f(x): return g(x) + g(1)", "f(x)"),
    "lambda": ("f = lambda x: x * 3", "f(x)"),
    "recursive": ("def f(x): return 1 if x <= 1 else x * f(x - 1)", "f(x)"),
    "mutual": ("def even(x): return x == 0 or odd(x - 1)\ndef odd(x): return x != 0 and even(x - 1)", "even(x)"),
    "defaults": ("def f(x, y=3, *, z=4): return x + y * z", "f(x)"),
    "mutable_default": ("def f(x, y=[1, 2]): return [x, *y]", "f(x)"),
    "closure": ("def make(n):\n    def f(x): return x + n\n    return f\nf = make(5)", "f(x)"),
    "closure_recursive": (
        "def make():\n    def f(x): return 0 if x <= 0 else 1 + f(x - 1)\n    return f\nf = make()",
        "f(x)",
    ),
    "closure_mutual": (
        "def make():\n    def a(x): return x <= 0 or b(x - 1)\n    def b(x): return x > 0 and a(x - 1)\n    return a\n"
        "f = make()",
        "f(x)",
    ),
    "nested_def_names_global": ("k = 7\ndef f(x):\n    def inner(): return x + k\n    return inner()", "f(x)"),
    "comprehension_names_global": ("k = 7\ndef f(x): return [k + i for i in range(x)]", "f(x)"),
    "class_body_in_function": ("k = 7\ndef f(x):\n    class A:\n        y = k\n    return A.y + x", "f(x)"),
    "attribute_is_no_global": ("real = object()\ndef f(x): return x.real", "f(x)"),
    "cache": ("import functools\n@functools.cache\ndef f(x): return 1 if x < 2 else f(x - 1) + f(x - 2)", "f(x)"),
    "lru_cache_in_closure": (
        "import functools\ndef make():\n    @functools.lru_cache(maxsize=8)\n"
        "    def f(x): return 1 if x < 2 else f(x - 1) + f(x - 2)\n    return f\nf = make()",
        "(f(x), f.cache_parameters()['maxsize'])",
    ),
    "wraps": (
        "import functools\ndef deco(g):\n    @functools.wraps(g)\n    def w(*a): return g(*a) + 1\n    return w\n"
        "@deco\ndef f(x):\n    'doc'\n    return x",
        "(f(x), f.__name__, f.__doc__, f.__wrapped__(x))",
    ),
    "partial": ("import functools\ndef g(x, y): return x - y\nf = functools.partial(g, y=3)", "f(x)"),
    "partialmethod_free": ("from operator import itemgetter, attrgetter\nf = itemgetter(0)", "f([x])"),
    "singledispatch": (
        "import functools\n@functools.singledispatch\ndef f(x): return 'other'\n@f.register(int)\ndef _(x): return 'int'",
        "(f(x), f('s'))",
    ),
    "attributes": ("def f(x): return f.scale * x\nf.scale = 9", "f(x)"),
    "annotations": ("def f(x: int, y: 'str' = 'a') -> float: return x", "(f(x), f.__annotations__)"),
    "generator": ("def g(n):\n    for i in range(n): yield i * i", "list(g(x))"),
    "star_import": ("from math import *\ndef f(x): return floor(sqrt(x))", "f(x)"),
    "import_as": (
        "import collections.abc as cabc, math as m\nfrom os.path import join as j",
        "(m.floor(x), j('a', 'b'))",
    ),
    "submodule": ("import xml.dom.minidom", "xml.dom.minidom.parseString('<a/>').documentElement.tagName"),
    "import_inside": ("def f(x):\n    import statistics\n    return statistics.mean([x, x])", "f(x)"),
    "global_in_eval": ("k = 4\ndef f(x): return eval('x + k')", "f(x)"),
    "bound_method": ("class A:\n    def __init__(s): s.k = 3\n    def m(s, x): return s.k + x\nf = A().m", "f(x)"),
    "builtin": ("f = abs", "f(-x)"),
    "container_of_functions": ("def a(x): return x\ndef b(x): return -x\nfs = {'a': a, 'b': b}", "fs['b'](x)"),
    "contextmanager": (
        "import contextlib\n@contextlib.contextmanager\ndef cm(x): yield x * 2\ndef f(x):\n    with cm(x) as y: return y",
        "f(x)",
    ),
    "async": ("import asyncio\nasync def g(x): return x + 1", "asyncio.run(g(x))"),
    "missing_name_is_builtin": ("def f(x): return len(str(x))", "f(x)"),
    "nonlocal_counter": (
        "def make():\n    n = 0\n    def inc(by):\n        nonlocal n\n        n += by\n        return n\n"
        "    def get(): return n\n    return inc, get\ninc, get = make()",
        "(inc(x) - inc(0), get() == inc(0))",
    ),
    "own_module": ("import sys\nk = 3\ndef f(x): return sys.modules['__main__'].k + k", "f(x)"),
    "library_closure": ("import functools, operator\nf = functools.reduce", "f(operator.add, [x, 1])"),
    "numpy_function": ("import numpy as np\nfrom numpy import linalg", "(float(np.sqrt(x)), linalg.det(np.eye(x)))"),
    "vectorize": ("import numpy as np\n@np.vectorize\ndef f(x): return x + 1", "f(np.arange(x)).tolist()"),
    "query": ("import pandas as pd\nlim = 1\ndf = pd.DataFrame({'a': [1, 2, 3]})", "len(df.query('a > @lim')) + x"),
}


@pytest.mark.parametrize("name", CELLS)
def test_function_means_the_same_in_a_worker(nb, name):
    cell, loop = CELLS[name]
    nb.run(cell)
    here = [eval(loop, nb.ns, {"x": x}) for x in (1, 2, 5)]
    nb.run(cell)
    assert nb.map(loop, [1, 2, 5]) == here


def test_only_names_that_are_reached_travel(nb):
    nb.run("import numpy as np\nbig = np.zeros(10**6)\nlock = __import__('threading').Lock()\nsmall = [1]")
    nb.run("def f(x): return (x, small)")
    assert nb.get("f(x)") == (0, [1])
    assert set(nb.shipment.bytes) == {"small"}


def test_unbound_name_is_the_serial_name_error(nb):
    nb.run("def f(x): return missing_thing")
    with pytest.raises(NameError, match="missing_thing"):
        nb.get("f(x)")


def test_deleted_global_is_deleted_in_a_warm_worker(nb):
    nb.run("k = 1\ndef f(x): return k")
    assert nb.get("f(x)") == 1
    nb.run("del k")
    with pytest.raises(NameError):
        nb.get("f(x)")


def test_function_object_is_the_same_in_and_out(nb):
    nb.run("def f(x): return x\nd = {'f': f}\nimport functools\n@functools.cache\ndef c(x): return x")
    assert nb.get("(f is d['f'], f, d['f'], c)") == (True, nb["f"], nb["f"], nb["c"])


def test_function_made_in_a_worker_runs_in_the_notebook(nb):
    nb.run("k = 10\ndef make(n):\n    def g(y): return y + n + k\n    return g")
    made = nb.get("make(5)")
    assert made(1) == 16
    nb.run("k = 20")
    assert made(1) == 26, "its globals are the notebook's"


def test_compute_on_a_whole_task(nb):
    nb.run("k = 2")
    assert nb.map("[k * x for x in items]", [1, 2, 3], whole=True) == [2, 4, 6]


def test_file_and_line_of_frames_are_the_cells(nb):
    nb.run(
        "import sys\n\ndef where():\n    frame = sys._getframe()\n    return frame.f_code.co_filename, frame.f_lineno"
    )
    assert nb.get("where()") == ("<cell 1>", 5)
