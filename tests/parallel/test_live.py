# ruff: noqa: E501
"""Output of the first unfinished iteration appears while it runs, and once."""

import os

import pytest
from same import INSIDE, seen

BACKENDS = ["threads 2", "processes 2", *INSIDE]
CELLS = {
    "for": "out = []\nfor x in range(3):\n    out.append(act(x))",
    "to a file": "import io, types\nfh, out = io.StringIO(), []\nfor x in range(3):\n    fh.write(str(act(x)))\n"
    "out = list(map(int, fh.getvalue()))",
    "to an attribute": "import types\nheld = types.SimpleNamespace(out=[])\nfor x in range(3):\n    held.out.append(act(x))\n"
    "out = held.out",
    "comprehension": "out = [act(x) for x in range(3)]",
    "lazy": "out = list(act(x) for x in range(3))",
}


@pytest.fixture
def gates(tmp_path, kernel):
    """Iteration x waits until somebody has opened gates(x)."""
    for x in range(3):
        os.mkfifo(tmp_path / f"gate{x}")
    kernel.run(f"def wait(x):\n    with open('{tmp_path}/gate' + str(x)) as gate:\n        return gate.read()")

    def open_gate(x):
        (tmp_path / f"gate{x}").write_text("open")

    return open_gate


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", CELLS)
def test_an_iteration_prints_and_displays_while_it_runs(kernel, gates, backend, name):
    kernel.run(
        "def act(x):\n    print('begins', x)\n    display(f'shown {x}')\n    wait(x)\n    print('ends', x)\n    return x"
    )
    request = kernel.start(f"%%parallel {backend}\n{CELLS[name]}")
    kernel.wait_text(request, "begins 0")
    kernel.wait_iopub(request, lambda m: "'shown 0'" in str(m["content"].get("data")))
    for x in range(3):
        gates(x)
    ran = kernel.finish(request)
    expected = []
    for x in range(3):
        expected += [("stdout", f"begins {x}\n"), ("display_data", {"text/plain": f"'shown {x}'"}, {}, {}, None)]
        expected += [("stdout", f"ends {x}\n")]
    assert seen(ran) == _joined(expected)
    assert kernel.run("out").result == "[0, 1, 2]"


def _joined(events):
    found = []
    for event in events:
        if found and found[-1][0] == event[0] == "stdout":
            found[-1] = ("stdout", found[-1][1] + event[1])
        else:
            found.append(event)
    return found


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_the_commit_part_prints_first_comes_first(kernel, gates, backend):
    kernel.run("total = 0\ndef act(x):\n    print('computes', x)\n    wait(x)\n    return x")
    cell = "for x in range(3):\n    print('total', total)\n    total += act(x)"
    request = kernel.start(f"%%parallel {backend}\n{cell}")
    for x in range(3):
        gates(x)
    text = kernel.finish(request).text()
    assert text == "total 0\ncomputes 0\ntotal 0\ncomputes 1\ntotal 1\ncomputes 2\n"


def test_an_iteration_that_runs_again_does_not_show_its_output_twice(kernel, gates, tmp_path):
    kernel.run(
        f"import os\ndef act(x):\n    print('begins', x)\n    if x == 0 and not os.path.exists('{tmp_path}/died'):\n"
        f"        wait(x)\n        os.system('mkdir {tmp_path}/died')\n        os._exit(3)\n"
        "    print('ends', x)\n    return x"
    )
    request = kernel.start("%%parallel processes 2\nout = []\nfor x in range(3):\n    out.append(act(x))")
    kernel.wait_text(request, "begins 0")
    gates(0)
    assert kernel.finish(request).text() == "".join(f"begins {x}\nends {x}\n" for x in range(3))
    assert kernel.run("out").result == "[0, 1, 2]"


def test_an_interrupted_iteration_has_shown_what_it_printed(kernel, gates):
    kernel.run("def act(x):\n    print('begins', x)\n    wait(x)\n    return x")
    request = kernel.start("%%parallel processes 2\nout = []\nfor x in range(3):\n    out.append(act(x))")
    kernel.wait_text(request, "begins 0")
    kernel.manager.interrupt_kernel()
    ran = kernel.finish(request)
    assert ran.reply["ename"] == "KeyboardInterrupt"
    assert ran.text() == "begins 0\n"
