"""Objects whose classes answer for any attribute are not asked for one while a cell is planned: that may do much."""

from __future__ import annotations

import ast
import functools

import pytest

from paracell.attributes import attribute, module_of, package_of
from paracell.cell import plan

CELLS = [
    "for n in xs:\n    out.append(getattr(h, n))\n    h.z = out[-1]\n    setattr(h, n, 1)",
    "for n in xs:\n    out.append(h(f(n)))",
    "for n in xs:\n    h(n)\n    out.append(f(n))",
    "for n in xs:\n    h = f(h, n)",
    "out = [f(h, n) for n in xs]",
    "out = list(map(h, xs))",
]
SETUP = """
asked, out, xs = [], [], ["a", "b"]
class Hooks:
    def __getattr__(self, name):
        asked.append(name)
        raise AttributeError(name)
    def __call__(self, x):
        return x
def f(*values):
    return values
h = Hooks()
"""


@pytest.mark.parametrize("cell", CELLS)
def test_planning_asks_for_no_attribute(cell):
    namespace = {"__name__": "__main__"}
    exec(SETUP, namespace)
    plan(cell, "<cell>", namespace).explain()
    assert namespace["asked"] == []


class Plain:
    copy = 3

    def method(self):
        pass


class Hooked(Plain):
    __slots__ = ("slot",)

    def __getattr__(self, name):
        raise AssertionError(name)

    @property
    def shown(self):
        raise AssertionError


class All(Plain):
    def __getattribute__(self, name):
        raise AssertionError(name)


@pytest.mark.parametrize("kind", [Plain, Hooked, All])
def test_attributes_that_need_no_code_are_found(kind):
    value = kind()
    assert attribute(value, "copy") == 3 and attribute(value, "missing") is None and attribute(value, "no", 4) == 4
    assert attribute(value, "method") is not None and attribute(value, "__module__") == __name__


def test_what_would_run_code_is_not_there():
    assert attribute(Hooked(), "shown") is None and attribute(Hooked(), "slot", 1) == 1


def test_of_functions_and_classes_they_are_what_they_are():
    assert attribute(functools.wraps(len)(lambda: 0), "__wrapped__") is len and attribute([].append, "__self__") == []
    assert attribute(Hooked, "copy") == 3


def test_a_class_tells_its_module_whatever_its_instances_and_its_metaclass_say():
    class Meta(type):
        def __getattribute__(cls, name):
            raise AssertionError

    class Asked(metaclass=Meta):
        pass

    class Mute:  # as Cython's functions are
        __module__ = property(lambda self: 3)

    assert module_of(Asked) == __name__ and package_of(type(ast.parse(""))) == "ast"
    assert module_of(Mute) == package_of(Mute) == ""
