"""Loops that auto runs as they stand: stopped there, they are resumed and replayed all the same."""

import pytest

PRELUDE = """
import paracell
def f(x):
    return x * x
def bad(x):
    if x == 5:
        raise ValueError(x)
    return f(x)
"""
LOOPS = {
    "range": "for x in range(9):\n    out.append({f}(x))",
    "list": "for x in xs:\n    out.append({f}(x))",
    "dict": "for x in dict.fromkeys(xs):\n    out.append({f}(x))",
    "items": "for x, y in dict.fromkeys(xs).items():\n    out.append({f}(x))",
    "enumerate": "for i, x in enumerate(xs, 3):\n    out.append((i, {f}(x)))",
    "zip": "for x, y in zip(xs, xs):\n    out.append(({f}(x), y))",
}


@pytest.mark.parametrize("name", LOOPS)
def test_goes_on(name, notebook):
    cell = "out = []\n" + LOOPS[name] + "\nn = len(out)"
    notebook.ok(PRELUDE)
    notebook.ok("xs = list(range(9))\n" + cell.format(f="f"))
    want = notebook["out"]
    failed = notebook.run("%%parallel\n" + cell.format(f="bad"))
    assert type(failed) is ValueError and len(notebook["out"]) == 5
    assert notebook.said.startswith("Line 3: 5 ") and "iterations are kept" in notebook.said
    assert notebook.run("paracell.replay()").args == (5,)
    notebook.ok("%%parallel --resume\n" + cell.format(f="f"))
    assert notebook["out"] == want and notebook["n"] == 9


def test_a_second_stop_is_counted_from_the_beginning(notebook):
    cell = "out = []\n" + LOOPS["list"]
    notebook.ok(PRELUDE + "\nxs = list(range(9))")
    notebook.run("%%parallel\n" + cell.format(f="bad"))
    notebook.ok("bad = lambda x: 1 // (x - 7)")
    assert type(notebook.run("%%parallel --resume\n" + cell.format(f="bad"))) is ZeroDivisionError
    assert "7 of 9 iterations are kept" in notebook.said
    notebook.ok("%%parallel --resume\n" + cell.format(f="f"))
    assert notebook["out"] == [0, 1, 4, 9, 16, -1, -1, 49, 64]


MANY_LINES = "for x in xs:\n    y = {f}(x)\n" + "    y = y + 1 if y > 99 else y\n" * 8 + "    out.append(y)"


def test_a_long_loop_that_was_over_at_once_goes_on_too(notebook):
    """Nothing is said of it, since to find out whether it is parallel takes longer than it has run."""
    notebook.ok(PRELUDE + "\nxs = list(range(9))")
    cell = "out = []\n" + MANY_LINES
    notebook.run("%%parallel\n" + cell.format(f="bad"))
    assert notebook.said == "" and len(notebook["out"]) == 5
    assert notebook.run("paracell.replay()").args == (5,)
    notebook.ok("%%parallel --resume\n" + cell.format(f="f"))
    assert notebook["out"] == [x * x for x in range(9)]


def test_a_long_loop_that_is_not_parallel_is_refused_with_the_reason(notebook):
    notebook.ok(PRELUDE + "\nxs = list(range(9))")
    cell = "y = 1\nout = []\nfor x in xs:\n" + "    y = bad(y) + x\n" * 9
    notebook.ok("bad = lambda y: 1 // (y - 2)")
    assert type(notebook.run("%%parallel\n" + cell)) is ZeroDivisionError
    refused = notebook.run("%%parallel --resume\n" + cell)
    assert type(refused).__name__ == "NotResumed" and "not parallel" in str(refused)


def test_a_changed_list_is_refused(notebook):
    cell = "out = []\n" + LOOPS["list"]
    notebook.ok(PRELUDE + "\nxs = list(range(9))")
    notebook.run("%%parallel\n" + cell.format(f="bad"))
    notebook.ok("xs[2] = 7")
    assert "item 2 is 7, and was not" in str(notebook.run("%%parallel --resume\n" + cell.format(f="f")))


def test_what_has_no_place_or_no_values_is_refused_with_a_reason(notebook):
    notebook.ok(PRELUDE)
    notebook.run("%%parallel\nout = [bad(x) for x in range(9)]")
    assert "lost" in str(notebook.run("%%parallel --resume\nout = [f(x) for x in range(9)]"))
