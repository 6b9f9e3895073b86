"""``--timeout``, ``--retries`` and ``--check`` on every backend, through a real client."""

from __future__ import annotations

import re

import pytest
from same import INSIDE

BACKENDS = ["serial", "threads 2", "processes 2", *INSIDE]


def ok(ran):
    assert ran.reply["status"] == "ok", ran.reply
    return ran


SPIN = """
import time
def work(x):
    if x == 'forever':
        while True:
            time.sleep(0.001)
    return x
"""


@pytest.mark.parametrize("backend", [*BACKENDS, "auto"])
@pytest.mark.parametrize(
    "body",
    ["out = []\nfor x in items:\n    out.append(work(x))", "out = [work(x) for x in items]"],
    ids=["for", "comprehension"],
)
def test_an_iteration_that_takes_too_long_is_a_timeouterror_of_its_own(kernel, backend, body):
    ok(kernel.run(SPIN))
    ok(kernel.run("items = ['a', 'b', 'forever', 'c']\nout = None"))
    ran = kernel.run(f"%%parallel {backend} --timeout 0.3\n{body}")
    assert ran.reply["ename"] == "TimeoutError", ran.reply
    assert ran.reply["evalue"].startswith("iteration 2 (item 'forever') took longer than 0.3 s")
    want = "[['a', 'b']]" if body.startswith("out = []") else "[None]"
    assert ok(kernel.run("[out]")).result == want
    ok(kernel.run("items = ['a', 'c']\n%parallel reset\nout = None"))
    ok(kernel.run(f"%%parallel {backend} --timeout 5\n{body}"))
    assert ok(kernel.run("out")).result == "['a', 'c']"


def test_code_that_does_not_stop_is_ended_with_its_worker_and_the_pool_goes_on(kernel):
    ok(
        kernel.run(
            "import time\ndef deaf(x):\n    while x == 3:\n        try:\n            while True: time.sleep(0.01)\n"
            "        except Exception: pass\n    return x"
        )
    )
    ran = kernel.run("%%parallel processes 2 --timeout 0.2\nout = []\nfor x in range(6):\n    out.append(deaf(x))")
    assert ran.reply["ename"] == "TimeoutError"
    assert "iteration 3 (item 3)" in ran.reply["evalue"] and "its worker process was ended" in ran.reply["evalue"]
    assert ok(kernel.run("out")).result == "[0, 1, 2]"
    ok(kernel.run("%%parallel processes 2\nout = [deaf(x) for x in range(3)]"))
    assert ok(kernel.run("out")).result == "[0, 1, 2]"


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_timeouterror_can_be_caught_where_the_call_stands(kernel, backend):
    ok(kernel.run(SPIN))
    cell = (
        "out = []\nfor x in ['a', 'forever', 'b']:\n    try:\n        out.append(work(x))\n"
        "    except TimeoutError:\n        out.append('late')"
    )
    ok(kernel.run(f"%%parallel {backend} --timeout 0.3\n{cell}"))
    assert ok(kernel.run("out")).result == "['a', 'late', 'b']"


FLAKY = """
import os, subprocess, tempfile
folder = tempfile.mkdtemp()
def flaky(x, times):
    "Fails so often for an item; processes count together, in files."
    path = os.path.join(folder, str(x))
    subprocess.run(['sh', '-c', 'printf . >> ' + path])
    print('try', x)
    tries = os.path.getsize(path)
    if tries <= times:
        raise OSError(f'{x} failed {tries} times')
    return x
"""


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "body",
    ["out = []\nfor x in range(5):\n    out.append(flaky(x, x % 3))", "out = [flaky(x, x % 3) for x in range(5)]"],
    ids=["for", "comprehension"],
)
def test_an_iteration_that_raises_is_tried_again_and_leaves_one_output(kernel, backend, body):
    ok(kernel.run(FLAKY))
    ran = ok(kernel.run(f"%%parallel {backend} --retries 2\n{body}"))
    assert ran.text() == "".join(f"try {x}\n" for x in range(5))
    assert ok(kernel.run("out")).result == "[0, 1, 2, 3, 4]"
    assert (
        ok(kernel.run("[os.path.getsize(os.path.join(folder, str(x))) for x in range(5)]")).result == "[1, 2, 3, 1, 2]"
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_when_tries_are_used_up_the_last_exception_counts(kernel, backend):
    ok(kernel.run(FLAKY))
    ran = kernel.run(f"%%parallel {backend} --retries 1\nout = []\nfor x in range(5):\n    out.append(flaky(x, x))")
    assert (ran.reply["ename"], ran.reply["evalue"].splitlines()[0]) == ("OSError", "2 failed 2 times")
    assert ok(kernel.run("out")).result == "[0, 1]"


def test_a_try_after_a_timeout_and_after_a_death(kernel):
    ok(
        kernel.run(
            "import os, subprocess, tempfile, time, signal\nfolder = tempfile.mkdtemp()\ndef once(x):\n"
            "    path = os.path.join(folder, str(x))\n    subprocess.run(['sh', '-c', 'printf . >> ' + path])\n"
            "    tries = os.path.getsize(path)\n    if x == 1 and tries == 1: time.sleep(60)\n"
            "    if x == 2 and tries <= 2: os.kill(int(os.readlink('/proc/self')), signal.SIGKILL)\n    return x, tries"
        )
    )
    ok(kernel.run("%%parallel processes 2 --timeout 0.5 --retries 1\nout = [once(x) for x in range(4)]"))
    assert ok(kernel.run("out[1:3]")).result == "[(1, 2), (2, 3)]"


@pytest.mark.parametrize("start", ["spawn", "fork"])
@pytest.mark.parametrize("size", [1, 4])
def test_files_of_a_dead_worker_are_as_they_were_when_its_task_runs_again(kernel, tmp_path, start, size):
    ok(
        kernel.run(
            f"import os, signal\nfrom pathlib import Path\nfolder = Path({str(tmp_path)!r})\nmode = 'ab'[0]\n"
            "def act(x):\n    (folder / f'made{x}').mkdir()\n"
            "    with open(folder / f'log{x}', mode) as file:\n        file.write(f'{x} begins, ')\n"
            "    if x in (3, 9) and not os.system(f'mkdir {folder}/died{x} 2>/dev/null'):\n"
            "        os.kill(int(os.readlink('/proc/self')), signal.SIGKILL)\n"
            "    with open(folder / f'log{x}', mode) as file:\n        file.write(f'{x} ends')\n    return x"
        )
    )
    for loop in ("out = [act(x) for x in range(12)]", "out = []\nfor x in range(12):\n    out.append(act(x))"):
        ok(kernel.run(f"%%parallel processes 2 --start {start} --chunk {size}\n{loop}"))
        assert ok(kernel.run("out == list(range(12)), paracell.last_run().regions[0].reason")).result == "(True, None)"
        logs = {one.name: one.read_text() for one in tmp_path.iterdir() if one.is_file()}
        assert logs == {f"log{x}": f"{x} begins, {x} ends" for x in range(12)}
        ok(kernel.run("import shutil\nshutil.rmtree(folder)\nfolder.mkdir()"))


@pytest.mark.parametrize("backend", ["serial", "threads 2", "processes 2"])  # with arrays: not in interpreters
def test_checked_iterations_that_are_the_same_say_nothing(kernel, backend):
    ok(kernel.run("import numpy as np\nclass P:\n    def __init__(self, x): self.x = x"))
    cell = (
        "out = []\nfor x in range(8):\n    print(x)\n    p = P(np.array([x, np.nan]))\n    out.append(p)\n"
        "z = {k: {'a': pow(k, 2)} for k in range(4)}"
    )
    ran = ok(kernel.run(f"%%parallel {backend} --check 20 --no-progress\n{cell}"))
    assert ran.text() == "".join(f"{x}\n" for x in range(8)) and ran.of("display_data") == []
    assert ok(kernel.run("len(out), [p.x[0] for p in out] == list(range(8)), z[3]")).result == "(8, True, {'a': 9})"
    assert ok(kernel.run("[r.checked for r in paracell.last_run().regions]")).result == "[8, 4]"


@pytest.mark.parametrize("backend", ["threads 2", "processes 2", *INSIDE])
def test_an_iteration_that_differs_is_an_error_that_names_it(kernel, backend):
    ok(kernel.run("import os\nmain = os.readlink('/proc/thread-self')"))
    ok(
        kernel.run(
            "def odd(x):\n    here = os.readlink('/proc/thread-self') == main\n    return x if here or x < 2 else x + 1"
        )
    )
    ran = kernel.run(f"%%parallel {backend} --check 10\nout = []\nfor x in range(4):\n    out.append(odd(x))")
    assert ran.reply["ename"] == "CheckFailed"
    assert ran.reply["evalue"].startswith("iteration 2 (item 2): odd(x) is 3 from a worker and 2 here")
    assert ok(kernel.run("out")).result == "[0, 1]"
    assert ok(kernel.run("paracell.last_run().regions[0].error")).result == "'CheckFailed'"


@pytest.mark.parametrize(
    "cell", ["out = [odd(x) for x in range(4)]", "out = []\nfor x in range(4):\n    out.append(odd(x))"]
)
def test_both_values_are_shown_as_they_are(kernel, cell):
    ok(kernel.run("import os\ndef odd(x):\n    return x, int(os.readlink('/proc/self'))"))
    ran = kernel.run(f"%%parallel processes 2 --check 10\n{cell}")
    assert re.search(r" is \(0, \d+\) from a worker and \(0, \d+\) here", ran.reply["evalue"]), ran.reply["evalue"]


def test_what_cannot_be_compared_is_said(kernel):
    ran = ok(kernel.run("%%parallel threads 2 --check 2\nout = [iter([x * 2]) for x in (g for g in range(2))]"))
    assert ok(kernel.run("[next(o) for o in out]")).result == "[0, 2]"
    ok(kernel.run("import threading\ndef lock(x):\n    return threading.Lock()"))
    ran = ok(kernel.run("%%parallel threads 2 --check 2\nlocks = [lock(x) for x in range(2)]"))
    (note,) = [d["data"]["text/plain"] for d in ran.of("display_data")]
    assert "not checked: iteration 0" in note and "cannot be compared" in note
