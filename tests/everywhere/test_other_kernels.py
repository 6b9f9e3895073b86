"""``%load_ext paracell`` gives the same under ipykernel and xeus-python: through real kernels."""

from __future__ import annotations

import pytest

BACKENDS = ["serial", "threads 2", "processes 2", "auto"]
WORK = """import numpy as np
from dataclasses import dataclass
@dataclass
class P:
    x: int
def f(x):
    return x * x % 7
def parse(s):
    return int(s)
seen, best, arg = set(), -1, None
"""
CELLS = {
    "append": "out = []\nfor x in range(20):\n    y = f(x)\n    out.append(y)\nout, x, y",
    "reduction": "total, d = 0.1, {}\nfor x in range(20):\n    total += f(x) / 3\n    d[f(x)] = x\ntotal, d",
    "best so far": "for x in range(20):\n    s = f(x)\n    if s > best:\n        best, arg = s, x\nbest, arg",
    "break and else": "for x in range(20):\n    if f(x) == 4:\n        break\nelse:\n    x = None\nx",
    "comprehensions": "[f(x) for x in range(9)], {f(x) for x in range(9)}, {x: f(x) for x in range(9)}",
    "lazy": "g = (f(x) for x in range(50))\nnext(g), any(v == 4 for v in map(f, range(9))), sum(g)",
    "classes": "ps = [P(f(x)) for x in range(5)]\nps, type(ps[0]) is P",
    "arrays": "a = [np.arange(x) * 2.0 for x in range(4)]\n[v.tolist() for v in a]",
    "caught": "bad = []\nfor s in ['1', 'x', '3']:\n    try:\n        bad.append(parse(s))\n"
    "    except ValueError as e:\n        bad.append(str(e))\nbad",
    "prints": "for x in range(9):\n    print('item', x, f(x))\nx",
    "walrus and if": "out = [y for x in range(20) if (y := f(x)) > 1]\nout, y",
    "recurrence": "prev = 1.0\nfor x in range(9):\n    prev = 0.9 * prev + f(x)\nprev",
    "fails": "out = []\nfor x in range(9):\n    out.append(10 // (5 - f(x) - x))",
    "fails in a comprehension": "out = None\nout = [1 // (3 - x) for x in range(9)]",
    "shell and help": "out = [f(x) for x in range(5)]\nwhere = !echo here\nout, where",
    "awaits": "import asyncio\nawait asyncio.sleep(0)\n[f(x) for x in range(5)]",
}


def ok(ran):
    assert ran.reply["status"] == "ok", ran.reply
    return ran


def name(text):
    """xeus-python calls an exception by its repr."""
    return str(text).rpartition(".")[2].removeprefix("<class '").rstrip("'>")


def left(kernel, cell, first=""):
    """What a cell leaves: outcome, printed text, shown value, and the names that it changes."""
    ok(kernel.run(WORK))
    ran = kernel.run(first + cell)
    values = ok(
        kernel.run("repr([(k, v) for k, v in sorted(globals().items()) if k in ('out', 'x', 'd', 'total')])")
    ).result
    shown = [c["data"]["text/plain"] for c in ran.of("execute_result")]
    error = (name(ran.reply["ename"]), ran.reply["evalue"].split("\n")[0]) if ran.reply["status"] == "error" else None
    ok(kernel.run("for k in ('out', 'x', 'y', 'd', 'total', 'g'):\n    globals().pop(k, None)"))
    return error, ran.text(), shown, values


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("cell", list(CELLS.values()), ids=list(CELLS))
def test_a_cell_means_the_same(theirs, cell, backend):
    options = "" if backend in ("auto", "serial") else " --otherwise serial"
    plain = left(theirs, cell)
    assert left(theirs, cell, f"%%parallel {backend}{options} --no-progress\n") == plain


@pytest.mark.parametrize("backend", ["processes 2", "threads 2"])
def test_progress_is_one_display_that_is_updated(theirs, backend):
    cell = "import time\nout = []\nfor x in range(24):\n    time.sleep(0.05)\n    out.append(x)"
    ran = ok(theirs.run(f"%%parallel {backend}\n{cell}"))
    bars = [m for m in ran.messages if m["content"].get("metadata", {}).get("paracell", {}).get("progress")]
    assert [m["msg_type"] for m in bars] == ["display_data"] + ["update_display_data"] * (len(bars) - 1)
    assert len(bars) > 1 and len({m["content"]["transient"]["display_id"] for m in bars}) == 1
    first, last = (m["content"]["data"] for m in (bars[0], bars[-1]))
    assert "/24" in first["text/plain"] and 'data-state="running"' in first["text/html"]
    assert last["text/plain"].startswith("✓") and 'data-state="finished"' in last["text/html"]
    quiet = ok(theirs.run(f"%%parallel {backend} --no-progress\n{cell}"))
    assert not [m for m in quiet.messages if m["content"].get("metadata", {}).get("paracell", {}).get("progress")]


def notes_of(ran):
    return [d["data"]["text/plain"] for d in ran.of("display_data") if d["metadata"].get("paracell", {}).get("note")]


def test_notes_refusals_reports_and_explanations_are_shown(theirs):
    ok(theirs.run(WORK))
    recurrence = "s = 1\nfor x in range(9):\n    s = f(s + x)"
    assert any(
        "iteration i+1 needs what iteration i wrote" in n for n in notes_of(ok(theirs.run(f"%%parallel\n{recurrence}")))
    )
    refused = theirs.run(f"%%parallel processes 2\n{recurrence}")
    assert (refused.reply["status"], name(refused.reply["ename"])) == ("error", "NotParallel")
    ran = ok(theirs.run("%%parallel threads 2 --report\nout = []\nfor x in range(20):\n    out.append(f(x))"))
    (report,) = [d["data"] for d in ran.of("display_data") if d["metadata"].get("paracell", {}).get("report")]
    assert "worker 0" in report["text/plain"] and "<svg" in report["text/html"]
    ran = ok(theirs.run("%%parallel --explain\nout = [f(x) for x in range(20)]"))
    (shown,) = ran.of("display_data")
    assert "∥" in shown["data"]["text/plain"]


def test_random_numbers_are_the_same_as_in_any_kernel_with_any_backend(theirs):
    draws = []
    for first in ("serial", "processes 2"):
        ok(theirs.run("import random\nrandom.seed(5)"))
        ok(theirs.run(f"%%parallel {first}\nd = [random.random() for _ in range(5)]"))
        draws.append(ok(theirs.run("d")).result)
    assert draws[0] == draws[1]


def test_the_line_magic_and_wrong_words(theirs):
    assert "%%parallel threads 3" in ok(theirs.run("%parallel threads 3")).text()
    ok(theirs.run("%parallel reset"))
    ok(theirs.run("%parallel on"))
    ok(theirs.run("r = [pow(x, 3, 97) for x in range(9)]"))
    ok(theirs.run("%parallel off"))
    assert ok(theirs.run("paracell.last_run().regions[0].items")).result == "9"
    wrong = theirs.run("%%parallel --reprot\nx = 1")
    assert "did you mean '--report'?" in wrong.text("stderr") + wrong.reply.get("evalue", "")


def test_nothing_of_ours_is_left(theirs):
    ok(theirs.run("%%parallel processes 2\nz = [pow(x, 2, 7) for x in range(9)]"))
    assert ok(theirs.run("import builtins; [n for n in dir(builtins) if 'paracell' in n]")).result == "[]"
    assert ok(theirs.run("[n for n in dir() if '_paracell' in n]")).result == "[]"


def test_output_of_descriptors_stays_where_it_was(theirs):
    ran = ok(theirs.run("%%parallel threads 2\nfor x in range(3):\n    print('py', x)\nprint('end')"))
    assert ran.text() == "py 0\npy 1\npy 2\nend\n"


def test_an_interrupt_is_one_keyboardinterrupt_and_the_workers_stay(theirs):
    if theirs.kind == "xeus-python":
        pytest.skip("xeus-python (0.19, from PyPI) never answers a plain cell that was interrupted either")
    request = theirs.start(
        "%%parallel processes 2\ndone = []\nfor x in range(10_000):\n    import time\n"
        "    time.sleep(0.02)\n    print('go')\n    done.append(x)"
    )
    theirs.wait_text(request, "go")
    theirs.manager.interrupt_kernel()
    assert theirs.finish(request).reply["ename"] == "KeyboardInterrupt"
    assert ok(theirs.run("done == list(range(len(done)))")).result == "True"
    ok(theirs.run("%%parallel processes 2\nout = [pow(x, 2) for x in range(4)]"))
    assert ok(theirs.run("out")).result == "[0, 1, 4, 9]"


def test_zz_reloading_and_unloading(theirs):
    ok(theirs.run(WORK))
    ok(theirs.run("%reload_ext paracell"))
    ok(theirs.run("%%parallel processes 2\nout = [f(x) for x in range(4)]"))
    ok(theirs.run("%unload_ext paracell"))
    gone = theirs.run("%%parallel processes 2\nout = 'ran'")
    assert "not found" in gone.text("stderr") + str(gone.reply.get("evalue", ""))
    assert ok(theirs.run("out")).result == "[0, 1, 4, 2]"
    ok(theirs.run("%load_ext paracell"))
    ok(theirs.run("%%parallel processes 2\nout = [f(x) for x in range(3)]"))
    assert ok(theirs.run("out")).result == "[0, 1, 4]"


def test_what_cannot_be_sent_is_there_in_forks_or_named(theirs):
    ok(theirs.run("import threading\nclass Model: pass\nm = Model(); m.lock = threading.Lock(); m.k = 2"))
    ok(theirs.run("def g(x):\n    with m.lock:\n        print('item', x)\n        return x * m.k"))
    ran = ok(theirs.run("%%parallel processes 2 --otherwise serial\nout = [g(x) for x in range(6)]"))
    assert ran.text() == "".join(f"item {x}\n" for x in range(6))
    assert ok(theirs.run("out")).result == "[0, 2, 4, 6, 8, 10]"
    ran = ok(theirs.run("r = paracell.last_run().regions[0]; print(r.start, r.reason)"))
    how = " ".join(ran.text().split())
    # xeus-python has native threads that nobody knows.
    assert how.startswith("fork") if theirs.kind == "ipykernel" else "native threads run" in how


@pytest.mark.parametrize("asking", ["input('?')", "getpass.getpass()", "ask(x)"])
def test_what_asks_the_user_is_refused_whatever_the_kernel_has_in_its_place(theirs, asking):
    ok(theirs.run("import getpass\ndef ask(x):\n    return input(str(x))"))
    for first in ("threads 2", "processes 2"):
        ran = theirs.run(f"%%parallel {first}\nout = []\nfor x in range(3):\n    out.append({asking})")
        assert name(ran.reply["ename"]) == "NotParallel" and "interactive" in ran.reply["evalue"], ran.reply


@pytest.mark.parametrize("backend", ["threads 2", "processes 2"])
def test_output_is_cleared_by_the_kernels_own_function_also_afterwards(theirs, backend):
    cell = (
        "from IPython.display import clear_output\nfor x in range(3):\n    print(x ** 2)\n    clear_output(wait=True)"
    )
    kinds = []
    for first in ("", f"%%parallel {backend}\n", ""):
        ran = ok(theirs.run(first + cell))
        kinds.append([kind for kind in ran.kinds if kind in ("clear_output", "stream")])
        assert "\x1b" not in ran.text()
    assert kinds[0].count("clear_output") == 3 and kinds[1:] == [kinds[0]] * 2
