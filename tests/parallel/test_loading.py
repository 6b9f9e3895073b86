"""What workers would have to import counts under ``auto``, where they do not have it from a fork or an earlier cell."""

from __future__ import annotations

import sys
import types

import pytest

from paracell.backends import forksafe, loading, machine


@pytest.fixture
def library(monkeypatch):
    """A class of a library with many modules, and a function of another that uses it."""
    for name in ["vast", *(f"vast.part{i}" for i in range(400)), "sklearn", "scipy"]:
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    return type("Model", (), {"__module__": "vast.part3"}), types.FunctionType(
        (lambda: 0).__code__, {"__name__": "sklearn"}
    )


class Workers:
    def __init__(self, serving):
        self.pool = types.SimpleNamespace(serving=lambda: serving)


def test_packages_are_counted_that_workers_were_not_sent(library):
    model, function = library
    names = {"Model": model, "one": model(), "n": 3, "xs": [1], "math": sys}
    assert loading.missing(names, ()) == ["vast"] and 0.9 < loading.seconds(["vast"]) < 1.1
    assert loading.missing(names, {"Model"}) == []
    assert loading.missing({"fit": function}, ()) == ["sklearn", "scipy"]
    assert loading.missing({"n": 3, "math": sys}, ()) == [] and loading.seconds([]) == 0
    for item in (model(), (3, model())):
        assert loading.missing({"n": 3}, (), item) == ["vast"]


@pytest.mark.parametrize(("serving", "unsafe", "counts"), [(2, None, True), (0, "a thread", True), (0, None, False)])
def test_forks_have_what_the_notebook_has(library, serving, unsafe, counts, monkeypatch):
    monkeypatch.setattr(forksafe, "reason", lambda: unsafe)
    mine = machine.Machine(Workers(serving))
    namespace = {"Model": library[0]}
    assert (mine.broadcast(["Model"], namespace) > 0.9) == counts
    assert mine.loads == (["vast"] if counts else [])
    mine.loaded.add("vast")
    assert mine.broadcast(["Model"], namespace, library[0]()) < 0.01
    mine.loaded.clear()
    mine.sent = lambda: {"Model"}
    assert mine.broadcast(["Model"], namespace) < 0.01
    mine.shutdown()
