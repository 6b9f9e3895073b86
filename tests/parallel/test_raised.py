# ruff: noqa: E501
"""What an iteration raises is what the serial cell raises, whatever the exception is made of."""

import sys

import pytest
from same import BACKENDS, means_the_same, ran_on

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


BODIES = {
    "a call": "        out.append(act(x))",
    "an expression": "        v = 1 // (2 - x)\n        out.append(v)",
    "over lines": "        out.append((x,\n            x + 1,\n            1 // (2 - x)))",
    "raised": "        if x == 2:\n            raise ValueError(x)\n        out.append(act(x + 5))",
    "an inner loop": "        for y in range(x):\n            if x * y == 2:\n                raise ValueError(act(9))\n        out.append(x)",
    "the notebook's own": "        v = act(x + 5)\n        out[x - 9].append(v)",
}


if sys.version_info < (3, 11):
    del BODIES["raised"]  # both frames are there: the one above it stays, with the line that asked for the value


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("body", list(BODIES.values()), ids=list(BODIES))
def test_the_traceback_has_the_frames_of_the_serial_cell(kernel, body, backend):
    setup = "def act(x):\n    if x == 2:\n        return 1 // 0\n    return x\n"
    setup += "def frames(t):\n    while t:\n        yield t.tb_frame.f_code.co_name, t.tb_lineno\n        t = t.tb_next"
    cell = f"out = []\ntry:\n    for x in range(4):\n{body}\nexcept Exception as e:\n    seen = list(frames(e.__traceback__))"
    means_the_same(kernel, setup, cell, backend, "out, x, seen")


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_a_loop_defines_has_the_name_that_it_has_in_the_cell(kernel, backend):
    cell = (
        "out = []\nfor x in range(3):\n    def g(y):\n        return lambda: y\n"
        "    out.append((g.__qualname__, g(x).__qualname__, (lambda: x).__qualname__, act(x)))\n"
        "pairs = [((lambda: 1).__qualname__, act(x)) for x in range(3)]"
    )
    means_the_same(kernel, "def act(x):\n    return x", cell, backend, "out, pairs[0][1], g.__qualname__")


HANDLED = {
    "printed": "out = []\nfor x in range(6):\n    try:\n        out.append(fails(x))\n    except ValueError:\n"
    "        traceback.print_exc()\n    except KeyError:\n        pass",
    "logged": "out = []\nfor x in range(6):\n    try:\n        out.append(fails(x))\n    except Exception:\n"
    "        logging.exception('no %s', x)\n    else:\n        out.append('fine')",
    "raised by the line itself": "out = []\nfor x in range(6):\n    try:\n        v = 10 // (x % 4)\n        out.append(v)\n"
    "    except ZeroDivisionError:\n        traceback.print_exc()",
    "in an inner loop": "out = []\nfor x in range(3):\n    for y in range(4):\n        try:\n"
    "            out.append(fails(x + y))\n        except ValueError:\n            traceback.print_exc()",
    "in a handler": "out = []\nfor x in range(6):\n    try:\n        try:\n            out.append(fails(x))\n"
    "        except KeyError:\n            pass\n    except ValueError:\n        try:\n            out.append(fails(3))\n"
    "        except ValueError:\n            traceback.print_exc()",
    "frames": "out = []\nfor x in range(6):\n    try:\n        fails(x)\n    except ValueError as e:\n"
    "        out.append([(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)])",
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", HANDLED)
def test_the_cell_sees_its_own_frames_alone_of_an_error_that_it_handles(kernel, name, backend):
    setup = (
        "import logging, sys, traceback\nlogging.basicConfig(stream=sys.stdout, force=True)\n"
        "def fails(x):\n    if x % 4 == 3:\n        raise ValueError(x)\n    return x\n"
    )
    means_the_same(kernel, setup, HANDLED[name], backend)
    assert ran_on(kernel) == f"['{backend.split()[0]}']"
    kernel.run("import logging\nlogging.root.handlers[:] = []")


@pytest.mark.parametrize("backend", ["processes 2", "threads 2", "serial"])
def test_a_traceback_that_an_iteration_formats_shows_lines_of_other_cells(kernel, backend):
    kernel.run(
        "def inner(x):\n    # why\n    return 1 // x\nclass K:\n    def go(self, x):\n        return [inner(v) for v in (x,)]"
    )
    kernel.run("def outer(x):\n    return K().go(x)")
    kernel.run(
        "import traceback\ndef safe(x):\n    try:\n        return outer(x)\n    except Exception:\n"
        "        return traceback.format_exc()\nplain = [safe(x) for x in range(4)]"
    )
    kernel.run(f"%%parallel {backend}\nout = [safe(x) for x in range(4)]")
    assert kernel.run("out == plain, 'return 1 // x' in out[0], 'K().go(x)' in out[0]").result == "(True, True, True)"
    # Another version of a function stands in another cell.
    kernel.run("def outer(x):\n    'anew'\n\n    return K().go(x)")
    kernel.run("plain = [safe(x) for x in range(4)]")
    kernel.run(f"%%parallel {backend}\nout = [safe(x) for x in range(4)]")
    assert kernel.run("out == plain").result == "True"
