"""Libraries that the notebook has loaded are loaded in a worker when it needs them, with the notebook's settings."""

import decimal
import os
import shutil
import sys
import warnings

import IPython.core.completer
import numpy as np
import pandas as pd
import pytest

from paracell.run.iterables import package


def loaded(nb, library):
    return nb.worker.ask("call", f"{library!r} in __import__('sys').modules")


@pytest.mark.parametrize(
    ("library", "change", "name"),
    [
        ("numpy", "numpy.seterr(all='raise')", "numpy's settings"),
        ("pandas", "pandas.set_option('display.max_rows', 7)", "pandas' options"),
    ],
)
def test_a_library_has_the_notebooks_settings_and_changes_of_them_are_noticed(fresh, library, change, name):
    fresh.run("def f(x):\n    return x")
    assert fresh.result("f(x)", [1]).values == [1]
    assert not loaded(fresh, library)
    settings = {"numpy": "numpy.geterr()['divide']", "pandas": "pandas.get_option('display.width')"}[library]
    fresh.run(f"def f(x):\n    import {library}\n    {change}\n    return {settings}")
    with np.errstate(divide="ignore"), pd.option_context("display.width", 77):
        result = fresh.result("f(x)", [1])
    assert result.values == [{"numpy": "raise", "pandas": 77}[library]] and result.changed == (name,)


def test_an_idle_worker_loads_what_many_loops_will_need(fresh):
    fresh.run("def f(x):\n    return x")
    for _ in range(2):
        assert fresh.result("f(x)", [1]).changed == ()
        fresh.worker.ask("call", "receiver.idle()")
        assert loaded(fresh, "numpy") and not loaded(fresh, "pandas")


def test_a_worker_that_was_told_of_a_job_prepares_for_it_when_idle_and_makes_nothing(fresh, tmp_path, monkeypatch):
    fresh.run(f"class P:\n    def __setstate__(self, state):\n        open({str(tmp_path / 'made')!r}, 'w').close()")
    fresh.run("p = P()\np.x = 1\ndef f(x):\n    return x")
    with monkeypatch.context() as elsewhere:
        elsewhere.chdir(tmp_path)
        fresh.worker.define(fresh.shipper.job(fresh.job("p.x"), fresh.ns))
    fresh.worker.ask("call", "receiver.idle()")
    assert loaded(fresh, "numpy") and not (tmp_path / "made").exists()
    assert fresh.worker.ask("call", "__import__('os').getcwd()") == str(tmp_path)
    assert fresh.result("f(x)", [1]).values == [1]
    assert fresh.worker.ask("call", "__import__('os').getcwd()") == os.getcwd()


def test_an_idle_worker_imports_the_packages_of_a_job_but_no_code_of_the_user(fresh, tmp_path, monkeypatch):
    (tmp_path / "own_of_user.py").write_text("x = 1")
    monkeypatch.syspath_prepend(tmp_path)
    fresh.run("import own_of_user, yaml\ndef f(x):\n    return x, own_of_user.x, yaml.dump")
    job = fresh.job("f(x)")
    job.options["package"] = package([pd.Series([1])])
    fresh.worker.define(fresh.shipper.job(job, fresh.ns))
    fresh.worker.ask("call", "receiver.idle()")
    assert [loaded(fresh, one) for one in ("yaml", "pandas", "own_of_user")] == [True, True, False]


@pytest.mark.parametrize(
    ("iterable", "found"),
    [
        ([pd.Series([1])], "pandas"),
        (pd.DataFrame({"a": [1]}).groupby("a"), "pandas"),
        ((np.ones(1),), "numpy"),
        ([], "builtins"),
        (range(3), "builtins"),
    ],
)
def test_the_package_of_items_is_told_without_taking_one(iterable, found):
    assert package(iterable) == found


def test_a_filter_about_a_librarys_warnings_does_not_load_it(fresh):
    category = IPython.core.completer.ProvisionalCompleterWarning
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", category=category)
        fresh.run("def f(x):\n    return x")
        assert fresh.result("f(x)", [1]).values == [1]
        assert not loaded(fresh, "IPython")
        fresh.run(
            "import warnings\ndef f(x):\n    from IPython.core.completer import ProvisionalCompleterWarning as W\n"
            "    warnings.filters[:] = [one for one in warnings.filters if one[2] is not W]  # as when it is loaded\n"
            "    warnings.warn('other')\n    warnings.warn('this', W)"
        )
        error = fresh.result("f(x)", [1]).error
    assert type(error) is category and str(error) == "this"


def test_a_filter_about_a_class_that_has_lost_its_name_is_kept(fresh, monkeypatch):
    module = type(sys)("elsewhere")
    monkeypatch.setitem(sys.modules, "elsewhere", module)
    exec("class Odd(UserWarning): pass", module.__dict__)
    odd = module.Odd
    del module.Odd
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", odd)
        fresh.run("import warnings\ndef f(x):\n    warnings.warn('other')\n    return x")
        assert fresh.result("f(x)", [1]).values == [1]


def test_decimals_context_is_the_notebooks_though_it_is_loaded_by_the_task(fresh):
    fresh.run("def f(x):\n    from decimal import Decimal\n    return Decimal(1) / x")
    assert not loaded(fresh, "decimal")
    with decimal.localcontext() as context:
        context.clear_flags()
        result = fresh.result("f(x)", [3])
        assert result.values == [decimal.Decimal("0.3333333333333333333333333333")]
        assert set(result.signals) == {"Inexact", "Rounded"} and result.changed == ()
        context.prec = 5
        assert fresh.get("f(x)", items=[3]) == decimal.Decimal("0.33333")
        fresh.run("def f(x):\n    import decimal\n    decimal.getcontext().prec = x")
        assert fresh.result("f(x)", [5]).changed == ()
        assert fresh.result("f(x)", [6]).changed == ("decimal.getcontext()",)


def test_decimals_context_travels_to_a_worker_that_has_not_loaded_it(fresh):
    fresh.run("def f(x):\n    import decimal\n    return decimal.getcontext().prec, str(decimal.Decimal(x) / 7)")
    with decimal.localcontext() as context:
        context.prec = 4
        assert fresh.get("f(x)", items=[1]) == (4, "0.1429")


def test_a_directory_that_was_made_anew_is_entered(nb, tmp_path, monkeypatch):
    def make():
        (tmp_path / "run").mkdir()
        monkeypatch.chdir(tmp_path / "run")
        (tmp_path / "run" / "a.txt").write_text("here")

    nb.run("def f(x):\n    with open('a.txt') as file:\n        return file.read()")
    make()
    assert nb.get("f(x)") == "here"
    shutil.rmtree(tmp_path / "run")
    make()
    assert nb.get("f(x)") == "here"
