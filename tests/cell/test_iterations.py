"""The items of a task, with and without the extension: what is asked between two iterations, and when."""

import importlib.util
import sys
import time
from types import ModuleType

import pytest

from paracell.run import iterations as native


def _without():
    """The module as a subinterpreter has it."""
    stand_in = ModuleType("paracell._native")
    stand_in.item_done = lambda count=1: None
    kept = sys.modules["paracell._native"]
    sys.modules["paracell._native"] = stand_in
    try:
        spec = importlib.util.spec_from_file_location("paracell.run.iterations_without", native.__file__)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.modules["paracell._native"] = kept
    return module


WITHOUT = _without()
assert native.Iterations.__module__ == "paracell._native" and WITHOUT.Iterations is not native.Iterations
both = pytest.mark.parametrize("kind", [native.Iterations, WITHOUT.Iterations], ids=["native", "python"])


def asked(kind, items, waits, each=None):
    """After how many iterations somebody was asked, who answers with `waits`, one after the other."""
    given, found, answers = [], [], iter(waits)

    def between():
        found.append(len(given))
        return next(answers, 100.0)

    made = kind(iter(items), between, False)
    for item in made:
        given.append(item)
        if each is not None:
            each(item, made)
    return given, found


@both
def test_behind_the_first_and_the_last(kind):
    assert asked(kind, range(5), []) == ([0, 1, 2, 3, 4], [1, 5])
    assert asked(kind, [7], []) == ([7], [1])
    assert asked(kind, [], []) == ([], [])


@both
def test_behind_each(kind):
    assert asked(kind, range(4), [0.0] * 9) == ([0, 1, 2, 3], [1, 2, 3, 4])


@both
def test_once_the_time_has_passed(kind):
    assert asked(kind, range(6), [0.01], lambda item, _: item == 3 and time.sleep(0.02))[1] == [1, 4, 6]


@both
def test_when_it_was_told_to(kind):
    assert asked(kind, range(6), [float("inf")], lambda item, made: item == 2 and made.ask())[1] == [1, 3, 6]


@both
def test_ends_where_it_is_told(kind):
    assert asked(kind, range(6), [0.0, 0.0, None]) == ([0, 1, 2], [1, 2, 3])


@both
def test_what_is_raised_goes_through(kind):
    def items():
        yield 1
        raise KeyError("items")

    def between():
        raise ValueError("between")

    with pytest.raises(KeyError):
        list(kind(items(), lambda: 1.0, False))
    with pytest.raises(ValueError, match="between"):
        list(kind(iter([1, 2]), between, False))
    with pytest.raises(TypeError):
        next(kind(3, between, False))
