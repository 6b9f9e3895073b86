"""``%load_ext paracell`` in IPython on a terminal: a real one, by a pty."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

pexpect = pytest.importorskip("pexpect", reason="pexpect drives the terminal")

DEADLINE = 30


@pytest.fixture(scope="module")
def terminal(jupyter_home) -> Iterator[pexpect.spawn]:
    arguments = ["-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor", "--no-confirm-exit"]
    child = pexpect.spawn(sys.executable, arguments, encoding="utf-8", timeout=DEADLINE, dimensions=(50, 400))
    child.setecho(False)
    child.expect(r"In \[1\]: ")
    cell(child, "%load_ext paracell")
    cell(child, "def f(x):\n    return x * x % 7")
    yield child
    child.sendline("exit")
    child.expect(pexpect.EOF)


def cell(child, text):
    """What the terminal shows for a cell."""
    child.sendline(f"_ = get_ipython().run_cell({text!r})")
    expect(child, r"In \[\d+\]: ")
    return child.before


def expect(child, pattern):
    """Wait for `pattern`; the failure tells all that was shown instead."""
    if child.expect([pattern, pexpect.TIMEOUT, pexpect.EOF]):
        pytest.fail(f"{pattern!r} has not come; {len(child.before)} characters: {child.before[:3000]!r}")


@pytest.mark.parametrize("backend", ["serial", "threads 2", "processes 2", "auto"])
def test_a_cell_means_the_same(terminal, backend):
    shown = cell(
        terminal, f"%%parallel {backend}\nout = []\nfor x in range(5):\n    print('it', x)\n    out.append(f(x))\nout"
    )
    assert "".join(f"it {x}\r\n" for x in range(5)) in shown and "[0, 1, 4, 2, 2]" in shown


def test_errors_notes_and_reports(terminal):
    shown = cell(terminal, "%%parallel processes 2\nout = []\nfor x in range(9):\n    out.append(f(10 // (5 - x)))")
    assert "ZeroDivisionError" in shown and "out.append(f(10 // (5 - x)))" in shown
    shown = cell(terminal, "%%parallel\ns = 1\nfor x in range(9):\n    s = f(s + x)")
    assert "iteration i+1 needs what iteration i wrote" in shown
    shown = cell(terminal, "%%parallel threads 2 --report\nout = [f(x) for x in range(9)]")
    assert "worker 0" in shown and "<svg" not in shown
    assert "did you mean 'processes'?" in cell(terminal, "%%parallel proceses\nx = 1")


def test_an_interrupt_is_one_keyboardinterrupt(terminal):
    loop = "done = []\nfor x in range(10_000):\n    time.sleep(0.02)\n    print('go')\n    done.append(x)"
    text = f"%%parallel processes 2\nimport time\n{loop}"
    terminal.sendline(f"_ = get_ipython().run_cell({text!r})")
    expect(terminal, "go\r\n")
    terminal.sendintr()
    expect(terminal, "KeyboardInterrupt")
    expect(terminal, r"In \[\d+\]: ")
    assert "True" in cell(terminal, "done == list(range(len(done)))")
    assert "[0, 1, 4]" in cell(terminal, "%%parallel processes 2\nout = [f(x) for x in range(3)]\nout")


def test_an_iteration_is_run_again_and_debugged(terminal):
    cell(terminal, "def g(x):\n    y = x - 3\n    return 1 // y")
    cell(terminal, "%%parallel processes 2\nout = []\nfor x in range(6):\n    out.append(g(x))")
    assert "ZeroDivisionError" in cell(terminal, "import paracell\nparacell.replay()")
    terminal.sendline("%debug")
    expect(terminal, "ipdb> ")
    terminal.sendline("p x, y")
    expect(terminal, r"\(3, 0\)")
    expect(terminal, "ipdb> ")
    terminal.sendline("q")
    expect(terminal, r"In \[\d+\]: ")
    cell(terminal, "def g(x):\n    return x")
    assert "goes on with iteration 3" in cell(
        terminal, "%%parallel processes 2 --resume\nout = []\nfor x in range(6):\n    out.append(g(x))"
    )
    assert "[-1, -1, -1, 3, 4, 5]" in cell(terminal, "out")


def test_a_cell_in_the_background(terminal):
    cell(terminal, "import paracell")
    cell(terminal, "%%parallel processes 2 --background\nsquares = []\nfor x in range(5):\n    squares.append(x * x)")
    assert "[0, 1, 4, 9, 16]" in cell(terminal, "paracell.wait()\nsquares")
