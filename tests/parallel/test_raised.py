# ruff: noqa: E501
"""What an iteration raises is what the serial cell raises, whatever the exception is made of."""

import sys

import pytest
from same import BACKENDS, means_the_same

LOOP = "out = []\nfor x in range(4):\n    out.append(act(x))"
CAUGHT = """out, e = [], None
try:
    for x in range(4):
        out.append(act(x))
except BaseException as error:
    e = error"""
LOOK = (
    "type(e).__name__, e.args, {k: v for k, v in vars(e).items() if k != '__notes__'}, repr(e.__cause__), "
    "repr(e.__context__), type(e) is globals().get(type(e).__name__, type(e))"
)
RAISES = {
    "its own __init__": "class E(Exception):\n    def __init__(self, a, b):\n        super().__init__(a)\n        self.b = b",
    "its own __reduce__ that raises": "class E(Exception):\n    def __reduce__(self):\n        raise TypeError('never')",
    "large": "class E(ValueError):\n    def __init__(self, a, b):\n        super().__init__('x' * 300_000)\n"
    "        self.data = bytes(1_000_000)",
    "keyboard interrupt": "E = KeyboardInterrupt",
    "system exit": "E = SystemExit",
    "stop iteration": "E = StopIteration",
    "generator exit": "E = GeneratorExit",
    "memory": "E = MemoryError",
    "os error": "E = FileNotFoundError",
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", RAISES)
def test_class_arguments_attributes_and_links(kernel, name, backend):
    setup = f"{RAISES[name]}\ndef act(x):\n    if x == 2:\n        try:\n            {{}}['k']\n        except KeyError as k:\n"
    setup += "            raise E(1, 2) from k\n    return x"
    means_the_same(kernel, setup, CAUGHT, backend, f"out, x, {LOOK}")


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("error", ["KeyboardInterrupt", "SystemExit", "StopIteration", "RecursionError"])
def test_uncaught_it_ends_the_cell_as_the_serial_one(kernel, error, backend):
    setup = f"import warnings\nwarnings.simplefilter('ignore')\ndef act(x):\n    if x == 2:\n        raise {error}\n    return x"
    means_the_same(kernel, setup, LOOP, backend, "out, x")
    means_the_same(kernel, setup, "out = 0\nr = [act(x) for x in range(4)]", backend)
    kernel.run("warnings.resetwarnings()")


@pytest.mark.parametrize("backend", BACKENDS)
def test_text_that_raises_and_items_that_have_none(kernel, backend):
    setup = (
        "class E(Exception):\n    def __str__(self):\n        raise ValueError('no text')\n"
        "class Item:\n    def __init__(self, x):\n        self.x = x\n    def __repr__(self):\n        raise TypeError\n"
        "def act(item):\n    if item.x == 2:\n        raise E\n    return item.x\nitems = [Item(i) for i in range(4)]"
    )
    means_the_same(kernel, setup, "out = []\nfor i in items:\n    out.append(act(i))", backend, "out, i is items[2]")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_keyboard_interrupt_that_the_body_catches_is_its_own_affair(kernel, backend):
    setup = "def act(x):\n    try:\n        raise KeyboardInterrupt\n    except KeyboardInterrupt:\n        return -x"
    means_the_same(kernel, setup, LOOP, backend, "out, x")


@pytest.mark.parametrize("backend", BACKENDS)
def test_as_deep_as_the_notebook_goes(kernel, backend):
    setup = "import sys\nsys.setrecursionlimit(20_000)\ndef deep(n):\n    return n and 1 + deep(n - 1)\n"
    means_the_same(kernel, setup + "def act(x):\n    return deep(12_000)", LOOP, backend)
    setup += "sys.setrecursionlimit(3000)\ndef act(x):\n    return deep(10**9 if x == 2 else 9)"
    means_the_same(kernel, setup, LOOP, backend)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups came with Python 3.11")
@pytest.mark.parametrize("backend", BACKENDS)
def test_groups_are_split_by_except_star(kernel, backend):
    setup = (
        "def act(x):\n    if x == 2:\n        raise ExceptionGroup('g', [ValueError(1), TypeError(2)])\n    return x"
    )
    cell = "out = []\ntry:\n    for x in range(4):\n        out.append(act(x))\n"
    cell += "except* ValueError as e:\n    v = repr(e)\nexcept* TypeError as e:\n    t = repr(e)"
    means_the_same(kernel, setup, cell, backend, "out, x, v, t")


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_note_prints_nothing_and_is_short(kernel, backend):
    setup = (
        "class Item:\n    def __repr__(self):\n        print('looked at')\n        return 'y' * 10**6\n"
        "def act(item):\n    raise ValueError('no')\nitems = [Item()]"
    )
    means_the_same(kernel, setup, "out = []\nfor i in items:\n    out.append(act(i))", backend)
    kernel.run(setup)
    kernel.run(
        f"%%parallel {backend}\ntry:\n    r = [act(i) for i in items]\nexcept ValueError as e:\n    notes = e.__notes__"
    )
    assert kernel.run("len(notes), len(notes[0]) < 300").result == "(1, True)"
