"""What keeps answers quick must not change them: the history's thread, remembered colours, narrowed completions."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from IPython import version_info
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.manager import KernelManager
from kernel_client import Client
from traitlets.config import Config

from paracell.kernel.history import HistoryManager


def manager_of(folder: Path) -> HistoryManager:
    """A history in a file, whose entries are written when writeout_cache is called, and only then."""
    config = Config({"HistoryManager": {"hist_file": str(folder / "history.sqlite"), "db_cache_size": 1000}})
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    return HistoryManager(shell=shell, config=config)


def close(history: HistoryManager) -> None:
    if version_info >= (9,):
        history.close()
    else:
        history.save_thread.stop()
        history.db.close()


def inputs(file: Path) -> list[str]:
    with sqlite3.connect(file) as database:
        return [text for (text,) in database.execute("SELECT source_raw FROM history ORDER BY session, line")]


def test_an_input_is_taken_over_while_others_are_written(tmp_path: Path) -> None:
    history = manager_of(tmp_path)
    history.store_inputs(1, "first", "first")
    taken: list[bool] = []

    def in_the_middle(statement: str) -> None:
        if statement.startswith("INSERT INTO history") and not taken:
            taken.append(history.db_input_cache_lock.acquire(blocking=False))
            if taken[0]:
                history.db_input_cache_lock.release()
                history.store_inputs(2, "second", "second")

    history.db.set_trace_callback(in_the_middle)
    history.writeout_cache()
    assert taken == [True], "the next cell would wait for the disk"
    assert inputs(tmp_path / "history.sqlite") == ["first"]
    history.writeout_cache()
    assert inputs(tmp_path / "history.sqlite") == ["first", "second"]
    close(history)


def test_an_input_whose_number_is_taken_moves_to_a_new_session(tmp_path: Path) -> None:
    history = manager_of(tmp_path)
    for text in ("first", "again"):
        history.store_inputs(1, text, text)
        history.writeout_cache()
    assert inputs(tmp_path / "history.sqlite") == ["first", "again"]
    close(history)


def test_every_input_is_in_the_file_when_the_kernel_has_ended(jupyter_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    manager = KernelManager(kernel_name="paracell")
    manager.start_kernel(extra_arguments=[f"--HistoryManager.hist_file={file}"])
    client = Client(manager)
    # A fork stops the thread that writes.
    cells = ["x = 1", "import os; pid = os.fork()\nif pid == 0: os._exit(0)", "os.waitpid(pid, 0); x = 2", "x = 3"]
    for cell in cells:
        client.run(cell)
    client.close()
    assert inputs(file) == cells


def test_input_transformers_run_once_a_cell(fresh: Client) -> None:
    fresh.run(
        "seen = []\n"
        "def note(lines):\n"
        "    seen.append(''.join(lines))\n"
        "    return lines\n"
        "get_ipython().input_transformers_cleanup.append(note)"
    )
    assert fresh.run("len(seen)").result == "1"
    fresh.run("import asyncio; await asyncio.sleep(0)")
    fresh.run("ran = get_ipython().run_cell('1 + 1')")
    assert fresh.run("seen[2:]").result == r"""["ran = get_ipython().run_cell('1 + 1')\n", '1 + 1\n', 'seen[2:]\n']"""


@pytest.mark.skipif(version_info < (9,), reason="IPython 8 keeps no tracebacks")
def test_the_history_keeps_the_traceback_that_was_shown(shared: Client) -> None:
    failed = shared.run("def f(n):\n    return f(n - 1) if n else 1 / 0\nf(3)")
    number = failed.reply["execution_count"]
    kept = shared.run(
        f"get_ipython().history_manager.exceptions[{number}]['traceback'] == {failed.reply['traceback']!r}"
    )
    assert kept.result == "True"
    shared.run("raise ValueError('first')")
    other = shared.run("shell = get_ipython()\nshell._format_exception_for_storage(ValueError('other'))['evalue']")
    assert other.result == "'other'", "only what was shown"


def test_no_module_is_looked_for_for_the_frames_of_cells(shared: Client) -> None:
    shared.run("import inspect\ndef deep(n):\n    return n and deep(n - 1) / 0")
    assert shared.run("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError from deep(30)").reply[
        "ename"
    ]
    assert shared.run("inspect.modulesbyfile[deep.__code__.co_filename]").result == "'__main__'"


SAME_TRACEBACKS = r"""
import contextlib, io, re
from IPython.core.interactiveshell import InteractiveShell
from pygments.lexers.python import PythonLexer
from paracell.kernel import tracebacks

shell = InteractiveShell.instance(colors="linux", history_length=0)
cells = ["1/0", "def f(n):\n    return f(n-1) if n else {}['ä']\nf(3)"]
cells += ["import json; json.loads('{')", "raise KeyboardInterrupt"]

def shown(cell):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        shell.run_cell(cell)
    return re.sub(r"0x[0-9a-f]+|input-\d+-|In ?\[\d+\]", "", out.getvalue())

before = [shown(cell) for cell in cells for _ in range(2)]
tracebacks.prepare()
assert [shown(cell) for cell in cells for _ in range(2)] == before
assert all("\x1b[" in text for text in before)
PythonLexer()

class Adds(PythonLexer):
    pass

class Changes(PythonLexer):
    tokens = {"root": [(r"x", PythonLexer.tokens["name"][0][1])]}

assert Adds()._tokens is PythonLexer._tokens
assert Changes()._tokens["root"] != PythonLexer._tokens["root"]
"""

SAME_COMPLETIONS = r"""
from IPython.core.completer import provisionalcompleter, rectify_completions
from IPython.core.interactiveshell import InteractiveShell
from jedi.inference import flow_analysis
from jedi.inference.compiled import access
from paracell.kernel import completions

shell = InteractiveShell.instance()
shell.Completer.jedi_compute_type_timeout = 10**6
shell.run_cell('''
import collections, enum, json
class A:
    if True:
        def alpha(self): pass
    else:
        def alphx(self): pass
    alphabet = 1
class Colour(enum.Enum):
    RED, REED, BLUE = 1, 2, 3
a = A()
texts = "".join
''')
codes = [
    "import os; os.pa", "pri", "a.al", "A.alph", "Colour.RE", "from os.path import is", "import collec",
    "from collections import *\nOrd", "class B(A):\n    def m(self):\n        self.al", "'x'.st", "json.du",
    "import pathlib\npathlib.Path('.').jo", "def f(alpha):\n    alp", "import sys; sys.pla", "%ti", "a.no_such",
    "open('x').rea", "collections.Ord", "json.decoder.JSOND", "texts.__", "A.__cl", "a.__",
]
asked = looked_at = 0
check, look = flow_analysis.reachability_check, access.DirectObjectAccess.is_allowed_getattr

def counted(*args, **more):
    global asked
    asked += 1
    return check(*args, **more)

def looking(*args, **more):
    global looked_at
    looked_at += 1
    return look(*args, **more)

flow_analysis.reachability_check, access.DirectObjectAccess.is_allowed_getattr = counted, looking

def found():
    global asked, looked_at
    asked = looked_at = 0
    all = []
    for code in codes:
        with provisionalcompleter():
            some = rectify_completions(code, shell.Completer.completions(code, len(code)))
            all.append(sorted((c.start, c.end, c.text, c.type or "", c.signature) for c in some))
    return all, asked, looked_at

before, asked_before, looked_at_before = found()
completions.prepare()
after, asked_after, looked_at_after = found()
for code, one, other in zip(codes, before, after):
    if code.startswith("from "):  # jedi takes the type from the stub or the module, as a set has them
        one, other = [c[:3] for c in one], [c[:3] for c in other]
    assert one == other, (code, one, other)
assert sum(map(len, before)) > 20
assert asked_after < asked_before / 4, (asked_before, asked_after)
assert looked_at_after < looked_at_before / 4, (looked_at_before, looked_at_after)
"""


def run(script: str) -> None:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def test_tracebacks_look_the_same_with_what_is_remembered(jupyter_home: Path) -> None:
    run(SAME_TRACEBACKS)


def test_completions_are_the_same_when_jedi_knows_their_beginning(jupyter_home: Path) -> None:
    run(SAME_COMPLETIONS)
