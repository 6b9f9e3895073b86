"""``last_run()`` and ``--report``: what a run tells programs and people, whatever became of it."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
from same import INSIDE

BACKENDS = ["serial", "threads 2", "processes 2", *INSIDE]
WORK = """import paracell, json
def f(x):
    s = 0
    for i in range(3_000):
        s += i ^ x
    return s
table = list(range(50_000))
"""
CELL = """out = []
for x in range(60):
    y = f(x) + table[x]
    out.append(y)
squares = [f(k) for k in range(20)]
"""


def ok(ran):
    assert ran.reply["status"] == "ok", ran.reply
    return ran


def told(kernel):
    return json.loads(ok(kernel.run("import json; print(json.dumps(paracell.last_run().to_dict()))")).text())


@pytest.mark.parametrize("backend", BACKENDS)
def test_everything_that_a_program_may_ask(kernel, backend):
    ok(kernel.run(WORK))
    ok(kernel.run(f"%%parallel {backend}\n{CELL}"))
    run = told(kernel)
    assert (run["backend"], run["refused"]) == (backend.split()[0], None)
    loop, comprehension = run["regions"]
    assert [r["line"] for r in run["regions"]] == [3, 6]
    assert (loop["ran"], loop["reason"], loop["error"]) == (backend.split()[0], None, None)
    assert (loop["items"], comprehension["items"]) == (60, 20)
    assert loop["workers"] == (1 if backend == "serial" else 2)
    assert loop["variables"]["x"] == "loop" and loop["variables"]["out"] == "committed"
    assert loop["source"] == "for x in range(60):" and loop["seconds"] > 0 and loop["serial_estimate"] > 0
    assert [line["part"] for line in loop["explain"]] == ["commit", "compute", "commit"]
    if backend in ("processes 2", *INSIDE):
        assert loop["bytes_in"] > 0 and loop["bytes_out"] > 0 and loop["broadcast"]["table"] > 100_000
    else:
        assert loop["bytes_in"] == loop["bytes_out"] == 0 and loop["broadcast"] == {}


def test_what_workers_have_is_not_sent_again(kernel):
    ok(kernel.run("import os\nmany = bytearray(os.urandom(300_000))"))
    cell = "%%parallel processes 2\nout = [len(many) + x for x in range(20)]"
    sent = []
    for between in ("pass", "pass", "many[7] ^= 1"):
        ok(kernel.run(between))
        ok(kernel.run(cell))
        sent.append(told(kernel)["regions"][0]["bytes_read"])
    assert sent[0] > 300_000 and sent[1] < 100_000 and sent[2] > 300_000


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_timeline_covers_every_iteration_once(kernel, backend):
    ok(kernel.run(WORK))
    ok(kernel.run(f"%%parallel {backend}\n{CELL}"))
    for region, items in zip(told(kernel)["regions"], (60, 20), strict=True):
        spans = region["timeline"]
        covered = [i for span in spans for i in range(span["first"], span["first"] + span["items"])]
        assert sorted(covered) == list(range(items))
        assert sum(span["tasks"] for span in spans) == region["tasks"]
        for one, other in pairwise(spans):
            assert one["worker"] < other["worker"] or one["ended"] <= other["begun"] + 1e-6
        assert min(span["begun"] for span in spans) >= 0 and max(s["ended"] for s in spans) <= region["seconds"] + 1
        assert 0 < region["utilisation"] <= 1 and 0 < region["efficiency"] <= 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_slowest_item_is_found(kernel, backend):
    ok(kernel.run("import threading\ndef wait(x):\n    threading.Event().wait(0.2 if x == 'slow' else 0.001)"))
    ok(
        kernel.run(
            f"%%parallel {backend} --chunk 1\nfor x in ['a', 'b', 'slow', 'c', 'd', 'e', 'f', 'g']:\n    y = wait(x)"
        )
    )
    slowest = told(kernel)["regions"][0]["slowest"]
    assert slowest[0]["iteration"] <= 2 < slowest[0]["iteration"] + slowest[0]["items"]
    assert slowest[0]["seconds"] >= 0.2 and len(slowest) <= 5 and slowest[0]["item"] is None


@pytest.mark.parametrize("backend", BACKENDS)
def test_after_an_exception_later_regions_were_not_reached(kernel, backend):
    ok(kernel.run("def g(x):\n    return 1 // (5 - x)"))
    ran = kernel.run(
        f"%%parallel {backend}\nout = []\nfor x in range(9):\n    out.append(g(x))\nz = [g(k) for k in out]"
    )
    assert ran.reply["ename"] == "ZeroDivisionError"
    first, second = told(kernel)["regions"]
    assert (first["ran"], first["items"], first["error"]) == (backend.split()[0], 5, "ZeroDivisionError")
    assert (second["ran"], second["items"], second["line"]) == (None, 0, 5)


def test_after_an_interrupt(kernel):
    ok(kernel.run("%%parallel processes 2\nwarm = [pow(x, 2, 7) for x in range(9)]"))
    request = kernel.start(
        "%%parallel processes 2\nfor x in range(10_000):\n    import time\n    print('go')\n    y = time.sleep(0.05)"
    )
    kernel.wait_text(request, "go")
    kernel.manager.interrupt_kernel()
    assert kernel.finish(request).reply["ename"] == "KeyboardInterrupt"
    (region,) = told(kernel)["regions"]
    assert region["error"] == "KeyboardInterrupt" and region["items"] < 10_000 and region["timeline"]


def test_after_a_refusal(kernel):
    ok(kernel.run("state = 1\ndef step(s, x):\n    return (s * 31 + x) % 1009"))
    cell = "y = [step(1, x) for x in range(3)]\nfor x in range(10):\n    state = step(state, x)"
    assert kernel.run(f"%%parallel processes 2\n{cell}").reply["ename"] == "NotParallel"
    run = told(kernel)
    assert "state" in run["refused"] and [r["ran"] for r in run["regions"]] == [None, None]
    assert run["regions"][0]["reason"] is None and "state" in run["regions"][1]["reason"]
    ok(kernel.run(f"%%parallel processes 2 --otherwise serial\n{cell}"))
    assert [r["ran"] for r in told(kernel)["regions"]] == ["processes", "serial"]


def report_of(ran):
    (data,) = [d["data"] for d in ran.of("display_data") if d["metadata"].get("paracell", {}).get("report")]
    return data["text/plain"], data["text/html"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_report_is_one_display_in_two_forms(kernel, backend):
    ok(kernel.run(WORK))
    text, html = report_of(ok(kernel.run(f"%%parallel {backend} --report\n{CELL}")))
    assert "line 3: 60 items" in text and "line 6: 20 items" in text
    assert re.search(r"worker 0 +│.{60}│ +\d+%", text) and "efficiency" in text and "slowest: " in text
    assert ("shipped: " in text and "broadcast: " in text and "table" in text) == (backend in ("processes 2", *INSIDE))
    assert html.count("<svg") == 2 and "for x in range(60):" in html and "var(--jp-" in html
    (value,) = ok(kernel.run("import paracell; paracell.last_run()")).of("execute_result")
    assert (value["data"]["text/plain"], value["data"]["text/html"]) == (text, html)


def test_what_is_committed_takes_its_time_in_the_serial_cell_too(kernel):
    ok(
        kernel.run(
            "import time\ndef f(x):\n    return x\ndone = []\ndef slow(x):\n    time.sleep(0.01)\n    done.append(x)"
        )
    )
    ok(kernel.run("%%parallel processes 2\nfor x in range(20):\n    y = f(x)\n    slow(y + len(done))"))
    assert told(kernel)["regions"][0]["serial_estimate"] > 0.2


def test_a_report_escapes_what_it_shows_and_survives_a_broken_repr(kernel):
    ok(kernel.run("class Odd:\n    def __repr__(self):\n        raise ValueError\nodd = ['<b>&', Odd()]"))
    text, html = report_of(
        ok(kernel.run("%%parallel threads 2 --report --chunk 1\nfor x in odd:\n    y = str(type(x)).upper()"))
    )
    assert "<Odd instance at" in text and "&lt;b&gt;&amp;" in html and "<b>&" not in html


def test_a_report_comes_after_an_exception_too(kernel):
    ran = kernel.run("%%parallel processes 2 --report\nfor x in [3, 2, 1, 0]:\n    y = 1 // x")
    assert ran.reply["ename"] == "ZeroDivisionError" and "ended by ZeroDivisionError" in report_of(ran)[0]


def test_explain_is_a_display_and_is_told_to_programs(kernel):
    ran = ok(kernel.run(f"%%parallel --explain\n{CELL}"))
    (shown,) = [d["data"] for d in ran.of("display_data")]
    assert "  ∥     y = f(x) + table[x]" in shown["text/plain"] and "out: committed" in shown["text/plain"]
    assert "∥" in shown["text/html"] and "nothing has been run" in shown["text/html"]
    run = told(kernel)
    assert [r["ran"] for r in run["regions"]] == [None, None]
    assert run["regions"][0]["explain"][1] == {
        "line": 4,
        "part": "compute",
        "text": "    y = f(x) + table[x]",
        "operands": [],
    }


@pytest.mark.parametrize(
    ("body", "regions"),
    [
        ("out.append(f(y))", [("for", None)]),
        ("n = f(n + y) % 7", [("for", "loop-carried"), ("map", None)]),
        ("n = f(n + y) % 7; f = abs", [("for", "loop-carried")]),
    ],
)
def test_what_a_loop_goes_over_is_told_of_if_the_loop_leaves_it_to_workers(kernel, body, regions):
    ok(kernel.run(f"{WORK}n, out = 0, []"))
    ok(kernel.run(f"%%parallel\nfor y in map(f, range(3)):\n    {body}"))
    run = told(kernel)
    assert [(r["ran"], r["items"]) for r in run["regions"]] == [("serial", 3)] * len(regions)
    assert all(r["reason"] for r in run["regions"])


def test_a_loop_over_a_map_that_is_not_parallel_leaves_the_map_to_workers(kernel):
    ok(kernel.run("%%parallel processes 2\n[abs(x) for x in range(9)]"))  # workers are there
    ok(
        kernel.run(
            "import paracell\ndef spin(n):\n    total = 0\n"
            "    for i in range(n):\n        total += i % 7\n    return total"
        )
    )
    ok(kernel.run("n = 0"))
    ok(kernel.run("%%parallel\nfor y in map(spin, [300_000] * 60):\n    n = (3 * n + y) % 1009"))
    loop, over = told(kernel)["regions"]
    assert (loop["ran"], over["ran"], over["items"]) == ("serial", "processes", 60)
    assert (
        kernel.run("print(n)").text()
        == kernel.run("n = 0\nfor y in map(spin, [300_000] * 60):\n    n = (3 * n + y) % 1009\nprint(n)").text()
    )


def test_transformers_of_the_users_may_leave_places_open(kernel):
    """IPython fills in where nodes stand; it is spared that only where nobody else has touched the tree."""
    ok(
        kernel.run("""import ast
class More(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.BinOp(ast.Constant(node.value), ast.Add(), ast.Constant(1)) if type(node.value) is int else node
more = More()""")
    )
    for at in ("0", "len(get_ipython().ast_transformers)"):
        ok(kernel.run(f"get_ipython().ast_transformers.insert({at}, more)"))
        try:
            ran = kernel.run("%%parallel\nout = []\nfor x in [1, 2, 3]:\n    out.append(x)\nprint(out)")
        finally:
            kernel.run("get_ipython().ast_transformers.remove(more)")
        assert ok(ran).text().strip() == "[2, 3, 4]"
