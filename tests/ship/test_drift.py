"""What a worker notices of its own run: everything that the next iteration would have seen changed."""

import decimal

import pytest

CHANGES = [
    ("n = 1", "global n; n = x + 1", "n"),
    ("def k(x): return x", "k.__code__ = (lambda x: 2).__code__", "k"),
    ("class K: pass", "K.n = x", "K"),
    ("class K:\n    reg = []", "K.reg.append(x)", "K"),
    ("def k(x, a=[]):\n    return a", "k(x).append(1)", "k"),
    ("def k(x): return x\nk.n = 0", "k.n += 1", "k"),
    ("def make():\n    n = []\n    return lambda x: n.append(x)\nk = make()", "k(x)", "make.<locals>.<lambda>"),
    ("import os", "os.environ['PARACELL_DRIFT'] = 'x'", "os.environ"),
    ("import os", "os.environ.pop('HOME')", "os.environ"),
    ("import os", "os.chdir('/')", "the working directory"),
    ("import sys", "sys.path.append('x')", "sys.path"),
    ("import sys", "sys.setrecursionlimit(12345)", "the recursion limit"),
    ("import warnings", "warnings.simplefilter('ignore')", "the warning filters"),
    ("import decimal", "decimal.getcontext().prec = 7", "decimal.getcontext()"),
    ("import numpy as np", "np.seterr(all='raise')", "numpy's settings"),
    ("import numpy as np", "np.set_printoptions(precision=3)", "numpy's settings"),
    ("import pandas as pd", "pd.set_option('display.max_rows', 7)", "pandas' options"),
    ("import numpy as np\na = np.zeros(10)", "a[x] = 1", "a"),
    ("import numpy as np\na = np.zeros(100_000)", "a[x] = 1", "a"),
    ("import numpy as np\na = np.zeros(1_000_000)", "a[-1 - x] = 1", "a"),
    ("import numpy as np\na = np.zeros(1_000_000)", "a[x] = 0", None),
    ("import pandas as pd\ndf = pd.DataFrame({'a': [1]})", "df.at[0, 'a'] = x + 1", "df"),
    ("import random, json", "json.loads('1')", None),
]


@pytest.mark.parametrize(("prelude", "change", "name"), CHANGES)
def test_noticed_and_put_back(nb, prelude, change, name):
    nb.run(f"{prelude}\ndef f(x):\n    {change}\n    return x")
    for _ in range(2):
        result = nb.result("f(x)", [1])
        assert result.error is None and result.values == [1]
        assert result.changed == (() if name is None else (name,)) and not result.late
        nb.shipper.invalidate(nb.shipment.changed)


@pytest.mark.parametrize(("prelude", "change", "name"), CHANGES)
def test_what_a_task_has_changed_that_was_cut_off_is_put_back(nb, prelude, change, name):
    nb.run(
        f"{prelude}\ndef f(x):\n    if x:\n        {change}\n        raise KeyboardInterrupt('cut off')\n    return x"
    )
    assert nb.result("f(x)", [0]).changed == ()
    assert nb.result("f(x)", [1]) is None
    result = nb.result("f(x)", [0])
    assert result.changed == ((name,) if name in ("a", "df") else ())
    nb.shipper.invalidate(nb.shipment.changed)
    assert nb.result("f(x)", [0]).changed == ()


def test_surroundings_that_were_being_set_when_a_task_was_cut_off_are_set_by_the_next_one(nb, monkeypatch):
    nb.run("import decimal, os\ndef f(x):\n    return decimal.getcontext().prec, os.environ.get('PARACELL_DRIFT')")
    assert nb.get("f(x)") == (28, None)
    with decimal.localcontext() as context:
        context.prec = 5
        monkeypatch.setenv("PARACELL_DRIFT", "x")
        cut = "lambda *setting: (_ for _ in ()).throw(KeyboardInterrupt('cut off'))"
        nb.worker.ask("call", f"receiver._surroundings.__dict__.update(_decimal={cut})")
        assert nb.result("f(x)") is None
        nb.worker.ask("call", "receiver._surroundings.__dict__.pop('_decimal') and None")
        assert nb.get("f(x)") == (5, "x")


def test_a_change_of_items_is_noticed(nb):
    nb.run("def f(x):\n    x.append(1)\n    return len(x)")
    result = nb.result("f(x)", [[1]])
    assert result.values == [2] and result.changed == ("items",)


def test_a_users_module_is_loaded_anew(nb, tmp_path, monkeypatch):
    (tmp_path / "drifting.py").write_text(
        "calls = []\ncount = 0\ndef f(x):\n    global count\n    count += 1\n    calls.append(x)\n    return count\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    nb.run("import drifting")
    for _ in range(2):
        result = nb.result("drifting.f(x)", [1])
        assert result.values == [1] and result.changed == ("drifting.calls", "drifting.count")
    nb.ns.clear()


def test_an_import_is_no_change(nb):
    nb.run("def f(x):\n    import sqlite3, wave, colorsys\n    return x")
    assert nb.result("f(x)", [1]).changed == ()


def test_a_frame_that_is_read_is_no_change(nb):
    nb.run(
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': [1.5, 2.5]})\ndf['c'] = 'x'\ndf['d'] = 2\n"
        "def f(x):\n    df.describe(); df.sum(numeric_only=True); df.groupby('c').a.sum(); df['a'].mean(); df.values\n"
        "    return float(df.loc[0, 'b'])"
    )
    assert nb.result("f(x)", [1]).changed == ()


def test_a_variable_that_is_added_beside_an_import_is_a_change(nb):
    nb.run(
        "import os\ndef f(x):\n    import pyclbr, mailbox\n"
        "    os.environ.setdefault('PARACELL_DRIFT', 'x')\n    return x"
    )
    assert nb.result("f(x)", [1]).changed == ("os.environ",)


def test_memo_tables_of_the_standard_library_are_no_change(nb):
    nb.run("from functools import singledispatch\n@singledispatch\ndef show(v): return 'any'\n")
    nb.run("@show.register\ndef _(v: int): return 'int'\n")
    nb.run(
        "from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass Shape(Protocol):\n"
        "    def area(s): ...\n"
    )
    nb.run("class Square:\n    def area(s): return 4\n")
    for source, want in (("show(x)", "int"), ("show([x])", "any"), ("isinstance(Square(), Shape)", True)):
        result = nb.result(source)
        assert result.values == [want] and result.changed == ()
