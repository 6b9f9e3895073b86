"""What the kernel imports in idle time, and when."""

from types import SimpleNamespace

import pytest
from IPython import version_info
from kernel_client import Client

from paracell.kernel import ahead, tracebacks

LOADED = f"[m in __import__('sys').modules for m in {ahead.MODULES}]"
OF_ERRORS = f"[m in __import__('sys').modules for m in {tracebacks.MODULES}]"


def test_a_kernel_imports_what_parallel_cells_need_before_it_has_code(fresh: Client) -> None:
    for _ in range(2 * len(ahead.MODULES)):  # more turns of the kernel's loop than there are steps
        fresh.run("pass")
    assert "False" not in fresh.run(LOADED).result
    if version_info >= (9,):  # IPython 8 loads them itself
        assert "True" not in fresh.run(OF_ERRORS).result, "an open kernel without code stays small"
    children = fresh.run("len(__import__('psutil').Process().children())").result
    assert children == "0", "no process that the notebook did not ask for"


class Loop:
    """Stands for an event loop: what it is to call next, and after how many seconds."""

    due = None

    def call_later(self, seconds, function):
        self.due = seconds, function
        return SimpleNamespace(cancel=lambda: setattr(self, "due", None))

    def turn(self):
        """The next call."""
        due, self.due = self.due, None
        if due is not None:
            due[1]()


class Kernel:
    def __init__(self, imported):
        self.loop, self.busy, self.imported = Loop(), False, imported
        self.shell = SimpleNamespace(user_ns={"In": []}, user_ns_hidden={"In"})
        self.ahead = ahead.Ahead(self.loop, self.shell, lambda: not self.busy)

    @property
    def after(self):
        return self.loop.due and self.loop.due[0]


@pytest.fixture
def kernel(monkeypatch):
    monkeypatch.setattr(ahead, "MODULES", ("cell", "run"))
    monkeypatch.setattr(tracebacks, "MODULES", ("lexer", "stack"))
    imported = []
    monkeypatch.setattr(ahead.importlib, "import_module", imported.append)
    monkeypatch.setattr(tracebacks, "rehearse", imported.append)
    return Kernel(imported)


def test_a_request_waits_for_one_import_at_most(kernel):
    kernel.ahead.begin()
    kernel.loop.turn()
    assert (kernel.imported, kernel.after) == (["cell"], 0)
    kernel.busy = True
    kernel.loop.turn()
    assert (kernel.imported, kernel.after) == (["cell"], None)
    kernel.busy = False
    assert not kernel.ahead.look()
    kernel.loop.turn()
    assert (kernel.imported, kernel.after) == (["cell", "run"], None)


def test_what_errors_need_waits_for_code_and_for_a_pause(kernel):
    kernel.ahead.begin()
    kernel.loop.turn(), kernel.loop.turn()
    assert not kernel.ahead.look() and kernel.after is None
    kernel.shell.user_ns["f"] = len.__class__
    assert not kernel.ahead.look() and kernel.after == ahead.QUIET
    assert not kernel.ahead.look() and kernel.after == ahead.QUIET, "another cell: the pause begins anew"
    for left in (0, 0, None):
        kernel.loop.turn()
        assert kernel.after == left
    assert kernel.imported == ["cell", "run", "lexer", "stack", kernel.shell]
    assert kernel.ahead.look(), "all is done"


def test_code_that_comes_while_imports_are_under_way_counts_as_well(kernel):
    kernel.ahead.begin()
    kernel.shell.user_ns["f"] = len.__class__
    kernel.ahead.look()
    kernel.loop.turn()
    assert kernel.after == 0
    kernel.loop.turn()
    assert kernel.after == ahead.QUIET


def test_an_import_that_fails_is_the_first_cells_to_report(kernel, monkeypatch):
    def fail(name):
        raise ImportError(name)

    monkeypatch.setattr(ahead.importlib, "import_module", fail)
    kernel = Kernel([])
    kernel.ahead.begin()
    kernel.loop.turn()
    assert kernel.after is None and not kernel.ahead.look()
