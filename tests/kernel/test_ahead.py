"""What the kernel imports in idle time, and when."""

from kernel_client import Client

from paracell.kernel.ahead import MODULES

LOADED = f"[m in __import__('sys').modules for m in {MODULES}]"


def cells(client: Client) -> None:
    """More turns of the kernel's loop than there are steps."""
    for _ in range(2 * len(MODULES)):
        client.run("pass")


def test_a_kernel_that_has_code_of_its_own_imports_what_parallel_cells_need(fresh: Client) -> None:
    fresh.run("x = 1")
    cells(fresh)
    assert "True" not in fresh.run(LOADED).result, "an open kernel without code stays small"
    fresh.run("def f(x): return x")
    cells(fresh)
    assert "False" not in fresh.run(LOADED).result
    children = fresh.run("len(__import__('psutil').Process().children())").result
    assert children == "0", "no process that the notebook did not ask for"
