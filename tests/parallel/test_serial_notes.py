"""What a notebook's user is told of loops that are not parallel: once in full, with the cell's number and the cost."""

from __future__ import annotations

import pytest

SETUP = "log, out = [], []\ndef logs(x):\n    log.append(x)\n    return x\n"
CELL = "for x in range(9):\n    out.append(logs(x))"


def ok(ran):
    assert ran.reply["status"] == "ok", ran.reply
    return ran


def notes(ran, kind):
    shown = [one for one in ran.of(kind) if one["metadata"].get("paracell", {}).get("note")]
    return [one["data"]["text/plain"] for one in shown]


def test_in_full_first_and_shortly_when_said_before(kernel):
    number = ok(kernel.run(SETUP)).reply["execution_count"]
    ran = ok(kernel.run(f"%%parallel\n{CELL}"))
    (begun,), (ended,) = notes(ran, "display_data"), notes(ran, "update_display_data")
    assert begun.startswith("Line 2 runs serially: could not prove that iterations are independent.\n")
    assert f"  # writes 'log', In [{number}], logs()" in begun
    assert "To make it parallel, if nothing else calls logs():" in begun and "       +     log.append(x)" in begun
    assert ended.startswith("Line 2 ran serially: ") and "9 items in " in ended
    (again,) = notes(ok(kernel.run(f"%%parallel\n{CELL}")), "update_display_data")
    assert again.startswith("Line 2 ran serially, as said before: logs() changes 'log'") and "\n" not in again


def test_what_is_seen_when_the_loop_begins_is_refused_where_that_is_asked_for(kernel):
    ok(kernel.run("cfg = {'r': []}\nsame = cfg['r']\ndef seen(x):\n    return len(cfg['r']) + x"))
    cell = "before = 'has run'\nfor x in range(9):\n    same.append(seen(x))"
    for backend in ("processes 2", "threads 2"):
        ran = kernel.run(f"%%parallel {backend} --otherwise refuse\n{cell}")
        assert ran.reply["ename"] == "NotParallel" and "cfg['r']" in ran.reply["evalue"]
        assert "what stands before it in the cell has run" in ran.reply["evalue"]
    assert ok(kernel.run("before, same")).result == "('has run', [])"
    assert "cfg['r']" in ok(kernel.run("paracell.last_run().refused")).result
    ok(kernel.run(f"%%parallel processes 2\n{cell}"))
    assert ok(kernel.run("same == [0, 2, 4, 6, 8, 10, 12, 14, 16]")).result == "True"


SEEN = [
    (
        "for x in range(9):\n    out.append(pow(len(view), x))",
        "     3 | out.append(pow(len(view), x))  # writes 'out', reads 'view'",
    ),
    ("r = [slow(x) for x in range(9)]\nslow.cache_info()", "line 3 asks how often that was of use"),
]


@pytest.mark.parametrize("backend", ["processes 2", "threads 2", "serial"])
@pytest.mark.parametrize(("loop", "says"), SEEN)
def test_what_is_seen_when_the_loop_begins_has_its_lines_and_its_cost(kernel, backend, loop, says):
    setup = "import functools\nout = []\nview = out\n@functools.cache\ndef slow(x):\n    return pow(x, 2)"
    ok(kernel.run(setup))
    ran = ok(kernel.run(f"%%parallel {backend}\n{loop.replace('range(9)', f'range(len({backend!r}))')}"))
    (ended,) = notes(ran, "update_display_data")
    assert ended.startswith("Line 2 ran serially: ") and says in ended and f"{len(backend)} items in " in ended, ended


def test_what_the_cell_itself_has_made_stands_in_the_cell(kernel):
    made = (
        "class Log:\n    def go(self, x):\n        log.append(x)\n        return pow(x, 2)\nlog, c, out = [], Log(), []"
    )
    ran = ok(
        kernel.run(
            f"%%parallel processes 2 --otherwise serial\n{made}\n!true\nfor x in range(9):\n    out.append(c.go(x))"
        )
    )
    (ended,) = notes(ran, "update_display_data")
    assert "     4 | log.append(x)        # writes 'log', Log.go()" in ended and "In [" not in ended
    assert ok(kernel.run("log == list(range(9)), out[-1]")).result == "(True, 64)"


def test_what_the_cell_itself_has_made_and_is_known_when_the_loop_begins_stands_in_the_cell(kernel):
    """What `go` is nobody knows before that: nothing is refused, and the loop runs serially."""
    made = (
        "class Log:\n    def go(self, x):\n        log.append(x)\n        return pow(x, 2)\n"
        "log, out = [], []\ngo = Log().go"
    )
    ran = ok(kernel.run(f"%%parallel processes 2\n{made}\nfor x in range(9):\n    out.append(go(x))"))
    (ended,) = notes(ran, "update_display_data")
    assert ended.startswith("Line 8 ran serially: ") and "In [" not in ended, ended
    assert "     4 | log.append(x)" in ended and "writes 'log', Log.go()" in ended, ended
    assert ok(kernel.run("log == list(range(9)), out[-1]")).result == "(True, 64)"


def test_a_refused_cell_says_that_nothing_has_run(kernel):
    ok(kernel.run(SETUP))
    ran = kernel.run(f"%%parallel processes\n{CELL}\n{CELL}")
    assert ran.reply["ename"] == "NotParallel"
    text = ran.reply["evalue"]
    assert text.count("To make it parallel") == 1 and "Line 4 is not parallel, as said before" in text
    assert text.endswith("Nothing has run. To run it serially: %%parallel auto, or --otherwise serial.")
    assert ok(kernel.run("out")).result == "[]"


def test_why_prints_the_pages_of_the_last_cell(kernel):
    ok(kernel.run(SETUP))
    ok(kernel.run(f"%%parallel\n{CELL}"))
    ran = ok(kernel.run("paracell.why()"))
    assert ran.text().startswith("changes-global: could not prove that iterations are independent\n")


HIDDEN_LOOPS = {
    "column.apply(heavy)": "`column.apply(heavy)` loops inside of a library: `[heavy(x) for x in column]` would be a "
    "loop.",
    "r = frame.a.apply(lambda v: heavy(v) + 1).sum()": "`[heavy(v) + 1 for v in frame.a]` would be a loop.",
    "frame.apply(heavy, axis=1)": "`[heavy(row) for _, row in frame.iterrows()]` would be a loop.",
    "print(pool.map(os.path.exists, paths, chunksize=3))": "`[os.path.exists(x) for x in paths]` would be a loop.",
    "r = everything([1, 2])": "everything() has one: written into the cell, it is looked at.",
    "def here(xs):\n    for x in xs:\n        x\nhere([1])": "here() has one: written into the cell, it is looked at.",
    "frame.apply(heavy, raw=True)": "classes and while loops.",
    "column.apply(lambda v, *more: v)": "classes and while loops.",
    "heavy(3)": "classes and while loops.",
}


@pytest.mark.parametrize("cell", HIDDEN_LOOPS)
def test_a_loop_that_hides_is_named(cell, kernel):
    ok(
        kernel.run(
            "import os\nclass Any:\n    def __getattr__(self, name):\n        return self\n"
            "    def __call__(self, *args, **options):\n        return self\n"
            "frame = column = pool = Any()\npaths = []\ndef heavy(x):\n    return x\n"
            "def everything(xs):\n    return [heavy(x) for x in xs]"
        )
    )
    (said,) = notes(ok(kernel.run(f"%%parallel\n{cell}")), "display_data")
    assert said.startswith("Nothing in this cell runs in parallel") and said.endswith(HIDDEN_LOOPS[cell])


@pytest.mark.parametrize("line", ["%%parallel", "%%parallel processes 2"])
def test_a_cell_without_a_loop_says_so(line, kernel):
    for cell in (
        "best = max(range(9), key=abs)",
        "x = 3\nwhile x:\n    x -= 1",
        "def f(xs):\n    return [x for x in xs]",
    ):
        (said,) = notes(ok(kernel.run(f"{line}\n{cell}")), "display_data")
        assert said.startswith("Nothing in this cell runs in parallel: it has no for loop")
    assert not notes(ok(kernel.run(f"{line}\nr = [abs(x) for x in range(9)]")), "display_data")
    ok(kernel.run("%parallel on"))
    assert not notes(ok(kernel.run("best = max(range(9), key=abs)")), "display_data")
    ok(kernel.run("%parallel off"))
