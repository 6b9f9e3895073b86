"""A worker starts with what it needs to unpickle and run tasks: each import is time in every user's first cell."""

import json
import subprocess
import sys

import pytest

from paracell.run.job import Job
from paracell.run.trial import Choice

KERNELS = {"IPython", "paracell.cell", "paracell.kernel", "paracell.session", "paracell.run.runtime", "asyncio"}
SLOW = {
    "ast",
    "cloudpickle",
    "dataclasses",
    "datetime",
    "decimal",
    "inspect",
    "linecache",
    "logging",
    "numpy",
    "pathlib",
    "platform",
    "tokenize",
    "traceback",
    "uuid",
}
"""Some milliseconds each, or what brings them."""

RARE = {
    "cloudpickle",
    "ctypes",
    "dataclasses",
    "decimal",
    "html",
    "paracell.backends.threads",
    "paracell.cell.edits",
    "paracell.cell.explain",
    "paracell.cell.reasons",
    "paracell.cell.refusals",
    "paracell.cell.rest",
    "paracell.check",
    "paracell.report.view",
    "platform",
    "uuid",
}
"""What a first cell has no use for: loops that are not parallel, options, other backends."""

FIRST_CELL = r"""
import json, sys
from IPython.core.interactiveshell import InteractiveShell
import paracell

shell = InteractiveShell.instance(history_length=0)
paracell.load_ipython_extension(shell)
shell.run_cell("def f(x):\n    return x * x\nxs = list(range(1000))")
shell.run_cell("import sys\ndef loaded(x):\n    return list(sys.modules)")
before = set(sys.modules)
shell.run_cell_magic("parallel", "processes 2", "out = [f(x) for x in xs]")
assert shell.user_ns["out"] == [x * x for x in range(1000)]
kernel = sorted(set(sys.modules) - before)
shell.run_cell_magic("parallel", "processes 2", "out = [loaded(x) for x in range(8)]")
print(json.dumps([kernel, shell.user_ns["out"][-1]]), file=sys.__stdout__)
"""


def run(code):
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.fixture(scope="module")
def first_cell():
    """(modules that a first parallel cell has loaded in the notebook's process, those of a worker after it)."""
    return [set(names) for names in json.loads(run(FIRST_CELL)[-1])]


def test_a_worker_imports_nothing_of_the_kernels_side_and_nothing_slow():
    code = "import sys, paracell.worker as w; w.Callbacks(); print(*sorted(sys.modules), file=sys.__stdout__)"
    loaded = set(run(code)[-1].split())
    assert "paracell.run.task" in loaded
    assert not loaded & (KERNELS | SLOW)


def test_a_worker_that_has_run_tasks_has_loaded_no_more_of_it(first_cell):
    _, loaded = first_cell
    assert "paracell.run.task" in loaded
    assert not loaded & (KERNELS | SLOW)


def test_a_first_cell_loads_nothing_that_it_has_no_use_for(first_cell):
    loaded, _ = first_cell
    assert {"paracell.cell.plan", "paracell.backends.processes"} <= loaded
    assert not loaded & RARE


WORKER = """
import sys, paracell.worker
from paracell.run import capture
callbacks = paracell.worker.Callbacks()
said = []
"""


def test_a_record_of_the_iteration_that_loads_logging_is_caught():
    code = """
with capture.collected(lambda *event: said.append(event)):
    import logging
    logging.getLogger("a").error("at %s", 3)
print([(kind, record.name, record.getMessage()) for kind, record in said], file=sys.__stdout__)
"""
    assert run(WORKER + code) == ["[('log', 'a', 'at 3')]"]


def test_what_is_loaded_later_has_the_notebooks_levels_and_the_cells_lines():
    code = """
surroundings = callbacks.receiver._surroundings
surroundings._outputs({"logging": (0, {"root": 30, "a": 10}, ["b"], {25: "NOTE"})}, {})
surroundings._last["output"] = {"logging": (0, {"root": 30, "a": 10}, ["b"], {25: "NOTE"})}
callbacks.receiver.link.lines.show("<cell 1>", "first\\nsecond\\n")
import linecache, logging
print(linecache.getline("<cell 1>", 2).strip(), logging.getLogger("a").level, file=sys.__stdout__)
print(logging.getLogger("b").disabled, logging.getLevelName(25), file=sys.__stdout__)
callbacks.receiver.link.lines.show("<cell 2>", "third\\n")
print(linecache.getline("<cell 2>", 1).strip(), file=sys.__stdout__)
callbacks.receiver.link.lines.show_part("<cell 2>", 3, "fifth\\n")
callbacks.receiver.link.lines.show_part("<cell 2>", 2, "fourth\\n")
print(*map(str.strip, linecache.getlines("<cell 2>")), file=sys.__stdout__)
"""
    assert run(WORKER + code) == ["second 10", "True NOTE", "third", "third fourth fifth"]


def test_decimals_first_context_is_known_without_loading_it():
    code = """
import sys
from paracell.ship import environment
before = environment._decimal(), environment.raised()
assert "decimal" not in sys.modules
import decimal
print(before == (environment._decimal(), environment.raised()))
"""
    assert run(code) == ["True"]


def test_what_auto_chose_stays_in_the_kernel():
    """Else workers would import what belongs to it, and no cell of ``auto`` would be the same job twice."""
    choice = Choice("processes", 2, "told so", seconds=1.5)
    job = Job(
        compute=run, whole_task=True, filename="<cell>", line=1, source="", total=None, options={"choice": choice}
    )
    assert "choice" not in job.shipped().options
    assert job.options["choice"] is choice
