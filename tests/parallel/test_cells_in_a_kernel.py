"""Parallel cells as a user meets them: through a real client, in this kernel."""

import re

import pytest
from same import INSIDE

HEAVY = """
def f(x):
    s = 0
    for i in range(20_000):
        s += i ^ x
    return s
"""
BACKENDS = ["serial", "threads 2", "processes 2", *INSIDE]


def ok(ran):
    assert ran.reply["status"] == "ok", ran.reply
    return ran


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_cell_leaves_what_the_serial_cell_leaves(kernel, backend):
    ok(kernel.run(HEAVY))
    cell = "out = []\nfor x in range(50):\n    y = f(x)\n    out.append(y)\ntotal = sum(out)\n(len(out), total, x, y)"
    plain = ok(kernel.run(cell)).result
    assert ok(kernel.run(f"%%parallel {backend}\n{cell}")).result == plain
    ran = ok(kernel.run("r = paracell.last_run().regions[0]; (r.ran, r.reason, r.items, r.line)")).result
    assert ran == repr((backend.split()[0], None, 50, 3))


@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_of_ours_stays_in_the_namespace_or_the_builtins(kernel, backend):
    ok(kernel.run("import builtins\nbefore = set(dir(builtins)), set(dir())"))
    ok(kernel.run(f"%%parallel {backend}\nfor x in range(9):\n    z = divmod(x, 4)[0] ** 2\n    print(z)"))
    new = ok(kernel.run("sorted(set(dir(builtins)) - before[0]), sorted(set(dir()) - before[1] - {'before'})")).result
    names = eval(new)
    assert names[0] == []
    assert [name for name in names[1] if not name.startswith("_")] == ["x", "z"]
    assert not [name for name in names[1] if "paracell" in name]


HIDDEN = [
    ("import itertools\nc = [itertools.count()]\ndef h(x): return x and c", "'c[0]' (a itertools.count) moves on"),
    ("log = []\nfs = dict(a=lambda x: log.append(x))\ndef h(x): return fs['a'](x)", "changes 'log'"),
    ("log = []\nfs = [log.append]\ndef h(x): return fs[0](x)", "the loop changes 'log' inside code"),
]


@pytest.mark.parametrize(("setup", "reason"), HIDDEN)
def test_what_threads_would_share_keeps_the_loop_serial_and_is_named(kernel, setup, reason):
    ok(kernel.run(setup))
    ok(kernel.run("%%parallel threads 2\nr = [h(x) for x in range(5)]"))
    report = eval(ok(kernel.run("paracell.last_run().regions[0].reason")).result)
    assert reason in " ".join(report.split())
    assert ok(kernel.run("log if 'log' in dir() else [0, 1, 2, 3, 4]")).result == "[0, 1, 2, 3, 4]"


@pytest.mark.parametrize("backend", BACKENDS)
def test_prints_appear_in_iteration_order(kernel, backend):
    cell = "squares = []\nfor x in range(40):\n    print('item', x)\n    squares.append(x * x)"
    ran = ok(kernel.run(f"%%parallel {backend}\n{cell}"))
    assert ran.text() == "".join(f"item {x}\n" for x in range(40))


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_lowest_failing_iteration_raises_and_the_lower_ones_are_committed(kernel, backend):
    ok(kernel.run("def g(x):\n    if x >= 7:\n        raise ValueError(f'no {x}')\n    return x * 10"))
    ran = kernel.run(f"%%parallel {backend}\nout = []\nfor x in range(30):\n    out.append(g(x))")
    assert ran.reply["status"] == "error"
    assert (ran.reply["ename"], ran.reply["evalue"].splitlines()[0]) == ("ValueError", "no 7")
    text = "\n".join(ran.reply["traceback"])
    assert "out.append(g(x))" in uncoloured(text) and "line 4" in uncoloured(text)
    assert ok(kernel.run("out, x")).result == repr(([0, 10, 20, 30, 40, 50, 60], 7))


def uncoloured(text):
    import re

    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_a_redefined_function_takes_effect_at_once(kernel):
    cell = "%%parallel processes 2\nout = [h(x) for x in range(8)]"
    for factor in (1, 2, 3):
        ok(kernel.run(f"def h(x):\n    return x * {factor}"))
        ok(kernel.run(cell))
        assert ok(kernel.run("out")).result == repr([x * factor for x in range(8)])


def test_an_interrupt_is_one_keyboardinterrupt_and_the_workers_stay(kernel):
    ok(kernel.run("%%parallel processes 2\nwarm = [x * x for x in range(100)]"))
    ok(kernel.run("import os"))
    request = kernel.start(
        "%%parallel processes 2\npids = []\nfor x in range(10_000):\n"
        "    import os, time\n    print('go', flush=True)\n    time.sleep(0.05)\n"
        "    pids.append(int(os.readlink('/proc/self')))"
    )
    kernel.wait_text(request, "go")
    kernel.manager.interrupt_kernel()
    ran = kernel.finish(request)
    assert (ran.reply["status"], ran.reply.get("ename")) == ("error", "KeyboardInterrupt")
    assert len(ran.of("error")) == 1
    ok(kernel.run("%%parallel processes 2\nimport os\nafter = {int(os.readlink('/proc/self')) for _ in range(200)}"))
    assert ok(kernel.run("len(after) in (1, 2) and os.getpid() not in after")).result == "True"


def test_a_dead_worker_is_an_error_that_names_item_and_signal_and_the_next_cell_runs(kernel):
    ok(
        kernel.run(
            "import os, signal\ndef die(x):\n    if x == 5:\n        held = b'x' * 300_000_000\n"
            "        os.kill(int(os.readlink('/proc/self')), signal.SIGKILL)\n    return x"
        )
    )
    ran = kernel.run("%%parallel processes 2\nout = []\nfor x in range(10):\n    out.append(die(x))")
    assert (ran.reply["status"], ran.reply["ename"]) == ("error", "WorkerDied")
    assert "iteration 5 (item 5)" in ran.reply["evalue"]
    assert re.search(r"SIGKILL \(pid \d+, up to [34]\d\d MB in use\)", ran.reply["evalue"])
    assert ok(kernel.run("out")).result == "[0, 1, 2, 3, 4]"
    ok(kernel.run("%%parallel processes 2\nout = [x + 1 for x in range(5)]"))
    assert ok(kernel.run("out")).result == "[1, 2, 3, 4, 5]"


CARRIED = """def step(state, x):
    return (state * 31 + x) % 1009
state = 1
for x in range(10):
    state = step(state, x)"""


def test_a_named_backend_refuses_what_is_not_parallel_before_anything_runs(kernel):
    ok(kernel.run("state = 'untouched'"))
    ran = kernel.run(f"%%parallel processes 2\n{CARRIED}")
    assert (ran.reply["status"], ran.reply["ename"]) == ("error", "NotParallel")
    assert "state = step(state, x)" in ran.reply["evalue"]
    assert ok(kernel.run("state")).result == "'untouched'"


def test_auto_runs_what_is_not_parallel_serially_and_says_so(kernel):
    ok(kernel.run(CARRIED))
    plain = ok(kernel.run("state")).result
    ran = ok(kernel.run(f"%%parallel\n{CARRIED}"))
    assert ok(kernel.run("state")).result == plain
    (note,) = [shown for shown in ran.of("display_data") if shown["metadata"].get("paracell", {}).get("note")]
    assert "state" in note["data"]["text/plain"]
    assert ok(kernel.run("r = paracell.last_run().regions[0]; r.ran, 'state' in r.reason")).result == "('serial', True)"


def test_a_wrong_word_is_a_usage_error_and_nothing_runs(kernel):
    ran = kernel.run("%%parallel proceses 2\nx = 1\nfor i in range(3): print(i)")
    assert (ran.reply["status"], ran.reply["ename"]) == ("error", "UsageError")
    assert "did you mean 'processes'" in ran.reply["evalue"]
    assert ran.text() == "" and ok(kernel.run("'x' in globals()")).result == "False"


def test_the_last_expression_is_displayed_and_numbered(kernel):
    ran = ok(kernel.run("%%parallel processes 2\n[x * x for x in range(5)]"))
    assert ran.result == "[0, 1, 4, 9, 16]"
    assert ok(kernel.run("_")).result == "[0, 1, 4, 9, 16]"


def test_shell_escapes_other_magics_and_await_outside_regions_work(kernel):
    ran = ok(
        kernel.run(
            "%%parallel processes 2\nimport asyncio\n!echo hello\nawait asyncio.sleep(0)\n"
            "out = [x + 1 for x in range(4)]\n%who_ls int"
        )
    )
    assert "hello" in ran.text()
    assert ok(kernel.run("out")).result == "[1, 2, 3, 4]"


def test_time_over_parallel_and_parallel_over_time_are_the_same(kernel):
    for first, second in (("%%time", "%%parallel processes 2"), ("%%parallel processes 2", "%%time")):
        ran = ok(kernel.run(f"{first}\n{second}\nout = [x * 3 for x in range(6)]"))
        assert "Wall time" in ran.text()
        assert ok(kernel.run("out, paracell.last_run().regions[0].ran")).result == "([0, 3, 6, 9, 12, 15], 'processes')"
        ok(kernel.run("del out"))


def test_explain_shows_the_plan_and_runs_nothing(kernel):
    ran = ok(kernel.run("%%parallel --explain\nout = []\nfor x in range(3):\n    out.append(x ** 2)\n    print(x)"))
    (shown,) = [d["data"]["text/plain"] for d in ran.of("display_data")]
    assert "out.append" in shown and "loop" in shown
    assert ok(kernel.run("'out' in globals()")).result == "False"


def test_help_explains_the_line(kernel):
    ran = ok(kernel.run("%%parallel?"))
    text = ran.reply["payload"][0]["data"]["text/plain"]
    assert "--otherwise" in text and "processes" in text


def notes(ran):
    return [
        shown["data"]["text/plain"]
        for shown in ran.of("display_data")
        if shown["metadata"].get("paracell", {}).get("note")
    ]


def test_a_value_that_cannot_travel_is_named_with_its_path(kernel):
    ok(kernel.run("import threading\nclass Model:\n    pass\nm = Model(); m.lock = threading.Lock(); m.k = 2"))
    cell = "out = [pow(m.k, x) for x in range(5)]"
    ran = kernel.run(f"%%parallel processes 2 --start spawn\n{cell}")
    assert ran.reply["ename"] == "ShipError" and "m.lock" in ran.reply["evalue"] and "threads" in ran.reply["evalue"]
    ran = ok(kernel.run(f"%%parallel processes 2 --start spawn --otherwise serial\n{cell}"))
    assert "m.lock" in notes(ran)[0]
    assert ok(kernel.run("out, paracell.last_run().regions[0].ran")).result == "([1, 2, 4, 8, 16], 'serial')"


def test_what_workers_changed_unseen_is_undone_and_said_by_name(kernel):
    ok(kernel.run("import bisect\nranked = []\ndef rank(x):\n    {'f': bisect.insort}['f'](ranked, x)\n    return x"))
    ran = ok(kernel.run("%%parallel processes 2\nout = [rank(x) for x in range(8)]"))
    assert any("'ranked'" in note for note in notes(ran)), notes(ran)
    assert ok(kernel.run("out == ranked == list(range(8))")).result == "True"


def test_a_plain_recurrence_is_refused_by_its_name(kernel):
    logistic = "x = 0.5\norbit = []\nfor i in range(10):\n    x = 3.9 * x * (1 - x)\n    orbit.append(x)"
    ran = kernel.run(f"%%parallel processes 2\n{logistic}")
    assert ran.reply["ename"] == "NotParallel" and "'x'" in ran.reply["evalue"]


def test_values_of_which_only_the_last_matters_do_not_travel(kernel):
    cell = (
        "out = []\nfor x in range(30):\n    try:\n        big = bytes([x]) * 1_000_000\n"
        "        if x > 20: raise KeyError(x)\n"
        "    except KeyError:\n        continue\n    small = big.count(1)\n    out.append(pow(small + 1, x))"
    )
    ok(kernel.run(cell))
    plain = ok(kernel.run("len(big), big[0], small, x, len(out)")).result
    ok(kernel.run("del big, small, x, out"))
    ok(kernel.run(f"%%parallel processes 2\n{cell}"))
    assert ok(kernel.run("len(big), big[0], small, x, len(out)")).result == plain
    assert int(ok(kernel.run("paracell.last_run().regions[0].bytes_out")).result) < 4_000_000


@pytest.mark.parametrize("backend", BACKENDS)
def test_logging_through_the_notebooks_handlers_comes_in_order(kernel, backend):
    """The handler holds the stream as it was when the handler was made."""
    ok(kernel.run("import logging\nlog = logging.getLogger('cells')\nlog.handlers[:] = [logging.StreamHandler()]"))
    cell = "r = []\nfor i in range(12):\n    log.warning('item %d', i)\n    r.append(pow(i, 2))"
    plain = ok(kernel.run(cell)).text("stderr")
    assert plain.count("item") == 12
    assert ok(kernel.run(f"%%parallel {backend}\n{cell}")).text("stderr") == plain


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_warning_shows_the_cells_line(kernel, backend):
    cell = "import warnings\nwarnings.simplefilter('always')\nfor i in range(2):\n    warnings.warn(f'odd {pow(i, 2)}')"
    text = ok(kernel.run(f"%%parallel {backend}\n{cell}")).text("stderr")
    assert text.count("UserWarning: odd") == 2 and text.count("\n  warnings.warn(f'odd {pow(i, 2)}')") == 2
    ok(kernel.run("warnings.resetwarnings()"))


def test_a_traceback_shows_no_code_of_ours(kernel):
    ran = kernel.run("%%parallel processes 2\nd = {}\nfor n in range(9):\n    d[n] = 1 / abs(n - 5)")
    shown = uncoloured("\n".join(ran.reply["traceback"]))
    assert ran.reply["ename"] == "ZeroDivisionError" and "d[n] = 1 / abs(n - 5)" in shown
    assert "paracell/" not in shown


@pytest.mark.parametrize("asking", ["input('?')", "getpass.getpass()", "ask(x)"])
@pytest.mark.parametrize("backend", ["threads 2", "processes 2"])
def test_what_asks_the_user_is_refused_although_the_kernel_has_an_input_of_its_own(kernel, backend, asking):
    ok(kernel.run("import getpass\ndef ask(x):\n    return input(str(x))"))
    ran = kernel.run(f"%%parallel {backend}\nout = []\nfor x in range(3):\n    out.append({asking})")
    assert ran.reply["ename"] == "NotParallel" and "why('interactive')" in ran.reply["evalue"]
