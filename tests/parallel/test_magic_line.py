"""The first line of a cell, and ``%parallel``, through a real client."""

from __future__ import annotations

import pytest

SQUARES = "r = [pow(x, 3, 97) for x in range(9)]"
RAN = "[(r.ran, r.line) for r in paracell.last_run().regions]"


def ok(ran):
    assert ran.reply["status"] == "ok", ran.reply
    return ran


@pytest.fixture(autouse=True)
def forget(kernel):
    yield
    kernel.run("%parallel reset")


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        (f"%%parallel serial\n{SQUARES}", 2),
        (f"\n\n%%parallel serial\n{SQUARES}", 2),
        (f"# why\n\n%%parallel serial\n\n# what\n{SQUARES}", 6),
        (f"%%time\n%%parallel serial\n{SQUARES}", 2),
        (f"%%parallel serial\n%%time\n{SQUARES}", 2),
        (f"%%parallel serial\n\n# timed\n%%time\n{SQUARES}", None),
        (f"%%capture\n%%parallel serial\n{SQUARES}", 2),
        (f"%%parallel serial\n\n    if True:\n        {SQUARES}\n    done = True", 4),
        (f"%%parallel serial\r\nif True:\r\n    pass\r\n{SQUARES}\r\n", None),
    ],
)
def test_where_the_line_may_stand(kernel, cell, line):
    ok(kernel.run(cell))
    ((ran, at),) = eval(ok(kernel.run(RAN)).result)
    assert ran == "serial" and line in (at, None)
    assert ok(kernel.run("r == [pow(x, 3, 97) for x in range(9)]")).result == "True"


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("ran = True\n%%parallel serial\ny = [1 for _ in range(3)]", "has to stand above the code of its cell"),
        ("%%parallel serial\n%%parallel serial\ny = [1 for _ in range(3)]", "has to stand above the code"),
        ("%%parallel ray 4\nran = True", "there is no ray backend yet"),
        ("%%parallel --reprot\nran = True", "did you mean '--report'?"),
    ],
)
def test_a_wrong_line_is_an_error_before_anything_runs(kernel, cell, says):
    ok(kernel.run("ran = False"))
    ran = kernel.run(cell)
    assert ran.reply["status"] == "error" and ran.reply["ename"] == "UsageError"
    assert says in ran.text("stderr")
    assert ok(kernel.run("ran")).result == "False"


def test_an_empty_cell_does_nothing(kernel):
    assert ok(kernel.run("%%parallel")).of("stream", "display_data", "error") == []
    assert ok(kernel.run("%%parallel serial\n\n# nothing\n")).of("stream", "display_data", "error") == []


def test_question_marks_show_the_help(kernel):
    for asked in ("%%parallel?", "%parallel?"):
        (page,) = ok(kernel.run(asked)).reply["payload"]
        assert "--timeout SECONDS" in page["data"]["text/plain"] or "%parallel on" in page["data"]["text/plain"]


def test_on_runs_the_loops_of_every_cell_until_off(kernel):
    ok(kernel.run("%parallel on"))
    ran = ok(kernel.run(f"{SQUARES}\nr[:3]"))
    assert ran.result == "[0, 1, 8]"
    assert "off" in ok(kernel.run("%parallel off")).text()
    assert ok(kernel.run("r0 = paracell.last_run().regions[0]; (r0.line, r0.items)")).result == "(1, 9)"
    before = ok(kernel.run("id(paracell.last_run())")).result
    ok(kernel.run(SQUARES))
    assert ok(kernel.run("id(paracell.last_run())")).result == before


@pytest.mark.parametrize(
    "cell",
    [
        "%%bash\necho hello",
        "print('hello')",
        "%%time\nprint('hello')",
        "import asyncio\nawait asyncio.sleep(0)\nprint('hello')",
        "!echo hello",
        "for word in ['hel', 'lo']: print(word, end='')\nprint()",
        "async def one():\n    return 'hello'\nprint([await one() for _ in range(1)][0])",
    ],
)
def test_on_changes_nothing_in_cells_that_have_no_use_for_it(kernel, cell):
    ok(kernel.run("%parallel on"))
    ran = ok(kernel.run(cell))
    assert "hello" in ran.text()
    assert not [d for d in ran.of("display_data") if "note" in d["metadata"].get("paracell", {})]


def test_on_says_nothing_of_loops_that_tie_iterations_together(kernel):
    ok(kernel.run("%parallel processes 2"))
    ok(kernel.run("%parallel on"))
    ran = ok(kernel.run("s = 1\nfor x in range(5):\n    s = pow(s + x, 3, 1009)\ns"))
    assert ran.of("display_data") == []
    reason = ok(kernel.run("%parallel off")) and ok(kernel.run("paracell.last_run().regions[0].reason")).result
    assert "needs what iteration i wrote" in reason


def test_an_error_under_on_names_its_line_and_cell_number(kernel):
    ok(kernel.run("%parallel on"))
    ran = kernel.run("out = []\nfor x in range(9):\n    out.append(1 // (5 - x))")
    assert ran.reply["ename"] == "ZeroDivisionError"
    from test_cells_in_a_kernel import uncoloured

    text = uncoloured("\n".join(ran.reply["traceback"]))
    assert f"Cell In[{ran.reply['execution_count']}], line 3" in text and "out.append(1 // (5 - x))" in text
    assert ok(kernel.run("out, x")).result == "([0, 0, 0, 0, 1], 5)"


@pytest.mark.parametrize(
    "loop",
    [
        "out = []\nfor x in items:\n    out.append(kind(x))",
        "out = [kind(x) for x in items]",
        "out = [str(x) if x != 4 else threading.Lock() for x in range(40)]\nout = list(map(kind, out))",
    ],
)
def test_what_cannot_be_sent_runs_here_where_serial_is_allowed(kernel, loop):
    ok(kernel.run("import threading\nitems = [*range(20), threading.Lock(), *range(20)]"))
    ok(kernel.run("def kind(x):\n    return type(x).__name__"))
    assert kernel.run(f"%%parallel processes 2\n{loop}").reply["ename"] == "ShipError"
    plain = ok(kernel.run(f"{loop}\nout")).result
    ran = ok(kernel.run(f"%%parallel processes 2 --otherwise serial\n{loop}\nout"))
    said = "".join(one["data"]["text/plain"] for one in ran.of("display_data"))
    assert ran.result == plain and "goes on serially" in said and "_thread.lock" in said
