"""Tracebacks show people their own code: no frame of paracell's, whatever the error is and wherever it fell."""

import re

import pytest
from test_cells_in_a_kernel import ok, uncoloured

FUNCTIONS = """
import os, threading, time
lock = threading.Lock()
def going(x):
    print('going')
    time.sleep(0.02)
    return x
def dies(x):
    if x == 3:
        os._exit(7)
    return x
def long(x):
    while True:
        pass
"""
LOOPS = [
    "out = [{f}(x) for x in range(10_000)]",
    "out = []\nfor x in range(10_000):\n    out.append({f}(x))",
    "out = sum({f}(x) for x in range(10_000))",
    "out = sum(map({f}, range(10_000)))",
]


@pytest.fixture(autouse=True)
def functions(kernel):
    ok(kernel.run(FUNCTIONS))


def shown(ran):
    """The lines that name frames, and the last line."""
    (error,) = ran.of("error")
    lines = uncoloured("\n".join(error["traceback"])).splitlines()
    assert not [line for line in lines if "hidden" in line]
    return [line.split(",")[0] for line in lines if re.match(r"(File|Cell) ", line)], lines[-1]


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("backend", ["processes 2", "threads 2"])
def test_an_interrupt_while_workers_compute(kernel, backend, loop):
    request = kernel.start(f"%%parallel {backend}\n{loop.format(f='going')}")
    kernel.wait_text(request, "going")
    kernel.manager.interrupt_kernel()
    frames, last = shown(kernel.finish(request))
    assert len(frames) == 1 and frames[0].startswith("Cell In[") and last.startswith("KeyboardInterrupt")


@pytest.mark.parametrize("loop", LOOPS)
def test_a_worker_that_dies(kernel, loop):
    frames, last = shown(kernel.run(f"%%parallel processes 2\n{loop.format(f='dies')}"))
    assert len(frames) == 1 and frames[0].startswith("Cell In[") and "exit code 7" in last


@pytest.mark.parametrize("loop", LOOPS)
def test_what_cannot_be_sent(kernel, loop):
    ok(kernel.run("def locked(x):\n    return lock.locked()"))
    ran = kernel.run(f"%%parallel processes 2 --start spawn\n{loop.format(f='locked')}")
    frames, last = shown(ran)
    assert len(frames) == 1 and frames[0].startswith("Cell In[") and last.startswith("ShipError: `lock: _thread.lock`")
    (error,) = ran.of("error")
    assert "cannot pickle" in "\n".join(error["traceback"]), "what has led to it is said, too"


@pytest.mark.parametrize("backend", ["serial", "processes 2", "threads 2"])
def test_a_time_that_is_up(kernel, backend):
    ran = kernel.run(f"%%parallel {backend} --timeout 0.2\n{LOOPS[1].format(f='long')}")
    frames, _ = shown(ran)
    assert ran.reply["ename"] == "TimeoutError" and len(frames) == 2
    assert all(frame.startswith("Cell In[") for frame in frames)


@pytest.mark.parametrize(
    "loop", ["for x in 5:\n    abs(x)", "[abs(x) for x in 5]", "sum(abs(x) for x in 5)", "list(map(abs, 5))"]
)
@pytest.mark.parametrize("backend", ["auto", "processes 2", "threads 2"])
def test_what_has_no_items(kernel, backend, loop):
    frames, last = shown(kernel.run(f"%%parallel {backend}\n{loop}"))
    assert len(frames) == 1 and last == "TypeError: 'int' object is not iterable"


def test_what_is_wrong_with_what_is_installed_is_said_and_the_next_cell_is_read(kernel):
    """An error that left the hook would take it out of IPython, and every later cell would run as if it had no line."""
    ok(kernel.run("from paracell.session import Session\nkept = Session.transform\nSession.transform = None"))
    ran = ok(kernel.run("%%parallel serial\nout = [abs(x) for x in range(4)]\nout"))
    assert "The cell runs serially: paracell does not work" in ran.text("stderr") and ran.result == "[0, 1, 2, 3]"
    ok(kernel.run("Session.transform = kept"))
    ok(kernel.run("%%parallel serial\nout = [divmod(x, 2) for x in range(4)]"))
    assert ok(kernel.run("import paracell; paracell.last_run().regions[0].items")).result == "4"


@pytest.mark.parametrize("backend", ["processes 2", "threads 2"])
def test_functions_are_named_with_what_they_take(kernel, backend):
    """As IPython does it for the serial cell: `in parse(text, base, *more)`."""
    ok(
        kernel.run(
            "def parse(text, /, base=10, *more, strict, **options):\n    whole = int(text, base)\n    return whole"
        )
    )
    ok(
        kernel.run(
            "class Reader:\n    def read(self, text):\n        return parse(text, strict=True)\nreader = Reader()"
        )
    )
    loop = "out = []\nfor text in ['1', 'two']:\n    out.append(reader.read(text))"
    said = []
    for line in ("#", f"%%parallel {backend}"):
        (error,) = kernel.run(f"{line}\n{loop}").of("error")
        lines = uncoloured("\n".join(error["traceback"])).splitlines()
        said.append([line.partition(", ")[2] for line in lines if line.startswith("Cell In[")])
    assert said[0] == said[1] == ["line 4", "line 3, in Reader.read(self, text)", said[0][2]]
    assert said[0][2].startswith("line 2, in parse(text, base, strict, *more, **options)")


HANDLED = """
class Bad:
    def __init__(self, x):
        self.x = x
    def __hash__(self):
        return 10 // self.x
def cleans(x):
    try:
        return 10 // x
    finally:
        done = True
def again(x):
    try:
        return 10 // x
    except ZeroDivisionError as error:
        raise KeyError(x) from error
"""


@pytest.mark.parametrize("call", ["cleans(x)", "again(x)", "hash(Bad(x))"])
@pytest.mark.parametrize("backend", ["serial", "processes 2", "threads 2"])
def test_a_function_that_has_handled_the_error_stands_where_it_does_in_the_serial_cell(kernel, backend, call):
    ok(kernel.run(HANDLED))
    texts = []
    for first in ("# the first line", f"%%parallel {backend}"):
        ran = kernel.run(f"{first}\nout = [{call} for x in [5, 2, 0, 1]]")
        (error,) = ran.of("error")
        text = (
            re.sub(r"In\[\d+\]", "In[]", uncoloured("\n".join(error["traceback"])))
            .replace(f"# {first}", "#")
            .replace(first, "#")
        )
        texts.append([line.rstrip() for line in text.splitlines() if "in iteration 2" not in line])
    assert [line for line in texts[1] if line] == [line for line in texts[0] if line]
