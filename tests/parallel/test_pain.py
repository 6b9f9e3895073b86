"""What goes wrong in workers: the committed prefix, the message, the report and the pool afterwards."""

import re

import pytest
from same import INSIDE

FAILURES = {
    "exit": ("import os", "os._exit(3)", "WorkerDied", "exit code 3"),
    "segfault": ("import ctypes", "ctypes.string_at(0)", "WorkerDied", "SIGSEGV"),
    "memory": ("", "bytearray(1 << 60)", "MemoryError", ""),
    "result": ("import threading", "return threading.Lock()", "ShipError", "`result: _thread.lock`"),
}
UNSHIPPABLE = {
    "cfg['a'][0]: select.epoll": "import select\ncfg = {'a': [select.epoll()]}",
    "m.log: _io.TextIOWrapper": "class M: pass\nm = M()\nm.log = open('/dev/null')",
    "m['g']: generator": "m = {'g': (i for i in range(3))}",
}


@pytest.fixture
def kernel(kernel):
    assert kernel.run("%reset -f\n%parallel auto\nimport paracell").reply["status"] == "ok"
    yield kernel
    after = kernel.run("%%parallel processes 2\nafter = [pow(i, 2) for i in range(20)]")
    assert after.reply["status"] == "ok", after.reply
    assert kernel.run("sum(after)").result == "2470"


@pytest.mark.parametrize("name", FAILURES)
def test_a_failing_worker_leaves_the_prefix_and_says_what_happened(kernel, name):
    first, act, error, text = FAILURES[name]
    assert kernel.run(f"{first}\ndef g(x):\n    if x == 6:\n        {act}\n    return x").reply["status"] == "ok"
    ran = kernel.run("%%parallel processes 2\nout = []\nfor x in range(10):\n    out.append(g(x))")
    assert (ran.reply["status"], ran.reply["ename"]) == ("error", error)
    assert text in ran.reply["evalue"]
    assert kernel.run("out, x").result == "([0, 1, 2, 3, 4, 5], 6)"
    assert kernel.run("r = paracell.last_run().regions[0]; r.ran, r.items").result == "('processes', 6)"


@pytest.mark.parametrize("path", UNSHIPPABLE)
def test_what_cannot_be_sent_is_named_by_its_path_with_the_way_out(kernel, path):
    name = path.split(".")[0].split("[")[0]
    assert kernel.run(UNSHIPPABLE[path]).reply["status"] == "ok"
    assert kernel.run(f"def g(x):\n    return x + ({name} is None)").reply["status"] == "ok"
    cell = "out = []\nfor x in range(10):\n    out.append(g(x))"
    ran = kernel.run(f"%%parallel processes 2\n{cell}")
    assert ran.reply["ename"] == "ShipError" and path in ran.reply["evalue"] and "threads" in ran.reply["evalue"]
    assert kernel.run("out").result == "[]"
    assert kernel.run(f"%%parallel threads 2\n{cell}").reply["status"] == "ok"
    assert kernel.run("out == list(range(10))").result == "True"


@pytest.mark.parametrize("backend", ["processes 2", "threads 4", *INSIDE])
def test_an_interrupt_commits_a_prefix_each_time(kernel, backend):
    for _ in range(2):
        request = kernel.start(
            f"%%parallel {backend}\nimport time\nout = []\nfor x in range(10_000):\n"
            "    time.sleep(0.02)\n    print('going')\n    out.append(abs(x))"
        )
        kernel.wait_text(request, "going")
        kernel.manager.interrupt_kernel()
        assert kernel.finish(request).reply["ename"] == "KeyboardInterrupt"
        assert kernel.run("out == list(range(len(out))), 0 < len(out) < 10_000").result == "(True, True)"
        assert kernel.run("paracell.last_run().regions[0].items == len(out)").result == "True"


@pytest.mark.parametrize("backend", ["processes 2", "threads 4", "serial", *INSIDE])
def test_of_two_thousand_lines_that_workers_print_two_thousand_arrive(kernel, backend):
    ran = kernel.run(f"%%parallel {backend}\nfor i in range(2000):\n    print('line', i)")
    assert ran.text() == "".join(f"line {i}\n" for i in range(2000))


def debugged(kernel, *answers):
    request = kernel.kc.execute("%debug", allow_stdin=True)
    for answer in answers:
        assert kernel.kc.get_stdin_msg(timeout=30)["content"]["prompt"]
        kernel.kc.input(answer)
    return re.sub(r"\x1b\[[0-9;]*m", "", kernel.finish(request).text())


@pytest.mark.parametrize("backend", ["processes 2", "threads 2", "serial", "auto", *INSIDE])
def test_debug_walks_the_frames_of_a_failed_iteration(kernel, backend):
    kernel.run("def half(x):\n    rest, many = x - 3, [x]\n    return 1 // rest")
    ran = kernel.run(f"%%parallel {backend}\nout = []\nfor x in range(6):\n    out.append(half(x))")
    assert ran.reply["ename"] == "ZeroDivisionError"
    shown = debugged(kernel, "w", "p x, rest, len(out)", "p many", "u", "p x, len(out)", "q")
    assert "return 1 // rest" in shown and "out.append(half(x))" in shown and "(3, 0, 3)" in shown and "(3, 3)" in shown
    assert "[3]" in shown or "<list that stayed in the worker; paracell.replay() has it>" in shown
    assert kernel.run("paracell.replay()").reply["ename"] == "ZeroDivisionError"
    assert "(3, 0, [3])" in debugged(kernel, "p x, rest, many", "q")
