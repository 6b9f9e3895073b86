"""What Python's compiler warns of is said once, as in the serial cell, whatever a plan makes of a loop's body."""

from __future__ import annotations

import pytest
from same import BACKENDS, means_the_same, ran_on

SETUP = "import warnings\ndef act(x):\n    return x + 1\n"
LOOP = "out = []\nfor x in range(4):\n    "
CELLS = {
    "by identity": LOOP + "y = act(x)\n    if y is 2:\n        y = 0\n    out.append(y)",
    "twice on a line": LOOP + "out.append((act(x) is 2, act(x) is not 'a'))",
    "an assertion that is always true": LOOP + "y = act(x)\n    assert (y, 'oh')\n    out.append(y)",
    "a break out of finally": LOOP + "for y in range(3):\n        try:\n            z = act(y)\n"
    "        finally:\n            break\n    out.append(z)",
    "a comprehension": "out = [act(x) is 2 for x in range(4)]",
    "the last expression": "out = 1\n[act(x) is 2 for x in range(4)]",
    "a generator expression": "out = any(act(x) is 9 for x in range(4))",
    "map": "out = list(map(lambda x: act(x) is 2, range(4)))",
    "a function in the body": LOOP + "def g():\n        return act(x) is 2\n    out.append(g())",
    "in another statement": "out = []\nif out is not 1:\n    for x in range(4):\n        out.append(act(x) is 2)\n"
    "else:\n    out is 3",
    "outside of the loop": "a = 1 is 1\nout = []\nfor x in range(4) if a is not 2 else []:\n"
    "    out.append(act(x))\na is 3",
    "nothing to compute": LOOP + "out.append(x is 3)",
    "between others": f"print('before')\n{LOOP}print(x)\n    out.append(act(x) is 2)\nprint('after')",
    "an escape": LOOP + "out.append((act(x), '\\d'))",
    "ignored by the cell": "warnings.simplefilter('ignore')\nout = [act(x) is 2 for x in range(4)]",
    "an error by the cell": f"print('before')\nwarnings.simplefilter('error')\n{LOOP}act(x) is 2",
}


@pytest.fixture
def filtered(kernel):
    """A kernel whose filters a test may change."""
    keep = "import warnings\nbuiltins_ = __import__('builtins')\nbuiltins_.kept_filters = warnings.filters[:]\n"
    assert kernel.run(keep + "warnings.resetwarnings()").reply["status"] == "ok"
    yield kernel
    kernel.run("import warnings\nwarnings.resetwarnings()\nwarnings.filters[:] = __import__('builtins').kept_filters")


@pytest.mark.parametrize("backend", [*BACKENDS, "auto"])
@pytest.mark.parametrize("name", CELLS)
def test_the_same_is_said(filtered, name, backend):
    means_the_same(filtered, SETUP + "warnings.simplefilter('default')", CELLS[name], backend)


@pytest.mark.parametrize("backend", [*BACKENDS, "auto"])
@pytest.mark.parametrize("action", ["ignore", "always", "once", "module", "error"])
def test_filters_act_as_in_the_serial_cell(filtered, action, backend):
    for name in ("by identity", "a comprehension", "an escape", "in another statement"):
        means_the_same(
            filtered, SETUP + f"warnings.resetwarnings(); warnings.simplefilter({action!r})", CELLS[name], backend
        )


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_warning_that_the_user_records_is_recorded_once(filtered, backend):
    setup = SETUP + (
        "warnings.simplefilter('always')\nsaid = []\n"
        "def shown(message, category, filename, lineno, file=None, line=None):\n"
        "    said.append((str(message), category, lineno))\nwarnings.showwarning = shown"
    )
    try:
        means_the_same(filtered, setup, CELLS["between others"], backend, "out, said")
    finally:
        filtered.run("import warnings\nwarnings.showwarning = warnings._showwarning_orig")


@pytest.mark.parametrize("backend", [*BACKENDS, "auto"])
def test_python_does_not_forget_what_it_has_said_before(filtered, backend):
    setup = SETUP + "warnings.simplefilter('default')\ndef said(x):\n    warnings.warn('said')\n    return x\nsaid(1)"
    means_the_same(filtered, setup, "out = []\nfor x in range(4):\n    out.append(said(x) is 2)", backend)


def test_nothing_is_said_twice_when_a_loop_goes_on_elsewhere(filtered):
    setup = SETUP + "import time\nwarnings.simplefilter('default')\ndef act(x):\n    time.sleep(0.01)\n    return x"
    for name in ("by identity", "a comprehension", "in another statement"):
        cell = CELLS[name].replace("range(4)", "range(60)")
        means_the_same(filtered, setup, cell, "auto 2")
        assert ran_on(filtered) == "['threads']"


@pytest.mark.parametrize("action", ["default", "error"])
def test_functions_of_cells_before_are_looked_at_in_silence(filtered, action):
    """Their cells were compiled before, and said it then."""
    escape = "def escapes(x):\n    return '\\d', act(x)\ndef compares(x):\n    return escapes(x), x is 2\n"
    setup = f"{SETUP}warnings.simplefilter('ignore')"
    for first in ("# plain", "%%parallel processes 2"):
        filtered.run(setup)
        filtered.run(escape)
        filtered.run(f"warnings.simplefilter({action!r})")
        ran = filtered.run(f"{first}\nout = []\nfor x in range(4):\n    out.append(compares(x))")
        assert (ran.reply["status"], ran.text("stderr")) == ("ok", "")
    assert ran_on(filtered) == "['processes']"


def test_a_cell_in_the_background_says_it_once(filtered):
    filtered.run(SETUP + "warnings.simplefilter('default')\naside = act")
    filtered.run(
        "%%parallel serial --background\nout = [aside(x) is 2 for x in range(4)]\n[aside(x) is 3 for x in out]"
    )
    assert filtered.run("len(out)").result == "4"
    messages = [content for parent in filtered.by_parent.values() for m in parent if (content := m["content"])]
    said = "".join(content["text"] for content in messages if content.get("name") == "stderr")
    assert (said.count("\n  out = [aside(x) is 2"), said.count("\n  [aside(x) is 3")) == (1, 1)
