"""IPython's magics, and what people do with them, as under ipykernel."""

from __future__ import annotations

import pytest
from compared import Pair

TOPICS: dict[str, tuple[str, ...]] = {
    "timeit": (
        "%timeit -n1 -r1 -q pass\n# ---\nt = %timeit -n1 -r1 -o -q pass\nlen(t.timings)\n# ---\n"
        "%%timeit -n1 -r1 -q\nx = 1",
        "'1'",
    ),
    "shells": (
        "%%bash\necho hi; echo err >&2\n# ---\n%%bash\nexit 3\n# ---\n"
        "%%bash --out o --err e\necho hi; echo err >&2\n# ---\n"
        "o, e\n# ---\n%%sh\necho sh\n# ---\n%%script python\nprint(1)\n# ---\n%%python\nprint(2)",
        "CalledProcessError",
        "('hi\\\\n', 'err\\\\n')",
    ),
    "commands": (
        "!echo a\n# ---\nv = 3\n!echo {v} $v\n# ---\n!false\n_exit_code\n# ---\nx = !echo b\nx\n# ---\n"
        "%sx echo c\n# ---\n"
        "%alias hi echo hi %s\n%hi there",
        "3 3",
        "hi there",
    ),
    "store": ("v = 3\n%store v\n# ---\ndel v\n%store -r v\nv\n# ---\n%store -z", "'3'"),
    "files": (
        "%%writefile t.py\nprint('from file'); z = 5\n# ---\n%%writefile -a t.py\nprint('more')\n# ---\n"
        "%run t.py\n# ---\nz\n"
        "# ---\n%run -i t.py a b\n# ---\n%run -n t.py\n# ---\n%run -p -q t.py\n# ---\n%load t.py\n# ---\n%pycat t.py",
        "from file\\nmore\\n",
        "set_next_input",
        "'page'",
    ),
    "files that fail": (
        "%%writefile bad.py\ndef f(): 1 / 0\nf()\n# ---\n%run bad.py\n# ---\n"
        "%%writefile ex.py\nimport sys; print('x'); sys.exit(3)\n# ---\n%run ex.py\n# ---\n%run -m this.is.nowhere",
        "ZeroDivisionError",
        "SystemExit",
    ),
    "a notebook": (
        "import nbformat.v4 as v4, nbformat\n"
        "nbformat.write(v4.new_notebook(cells=[v4.new_code_cell('print(9)')]), 'n.ipynb')\n"
        "# ---\n%run n.ipynb",
        "9\\n",
    ),
    "autoreload": (
        "%load_ext autoreload\n%autoreload 2\n# ---\n%%writefile am.py\ndef f(): return 1\n# ---\n"
        "import am, os; os.utime('am.py', (1, 1)); am.f()\n# ---\n"
        "_ = open('am.py', 'w').write('def f(): return 22222\\n')\n# ---\nam.f()\n# ---\n%autoreload\n# ---\n"
        "%autoreload 0",
        "22222",
    ),
    "tracebacks": (
        "%xmode Minimal\n1 / 0\n# ---\n%xmode Verbose\ndef g(a): return a / 0\ng(1)\n# ---\n%xmode Context\n# ---\n%tb",
        "ZeroDivisionError",
    ),
    "pages": (
        "%pdef print\n# ---\n%psearch pri*t\n# ---\n%page v\n# ---\n%quickref\n# ---\nprint?\n# ---\nprint??",
        "page",
    ),
    "folders and environment": (
        "import os; os.makedirs('sub', exist_ok=True)\n%cd -q sub\n# ---\n%cd -q ..\n# ---\n"
        "%set_env AA=1\n# ---\n%env AA",
        "env: AA=1",
    ),
    "history": (
        "m = 'macro'\n# ---\n%hist -l 1\n# ---\n%rerun\n# ---\n%logstart -o l.py\n1\n# ---\n%logstop\n# ---\n%recall 1",
        "m = 'macro'",
    ),
    "variables": (
        "a1 = 1\n# ---\n%whos int\n# ---\n%xdel a1\n# ---\n%reset_selective -f ^a1$\n# ---\n%who_ls complex",
        "a1         int     1",
    ),
    "numbers": ("%precision 3\n3.14159\n# ---\n%precision %r\n# ---\n%pprint\n%pprint", "3.142"),
    "profiles": ("%prun -q pass", "'ok'"),
    "packages": ("%pip --version", "pip "),
    "edit": ("open('e.py', 'w').close()\n# ---\n%edit e.py\n# ---\n%less e.py\n# ---\n%autosave 30", "edit_magic"),
    "the client's terminal": ("%clear\n# ---\n%man nosuchpage", "'ok'"),
    "extensions": (
        "%load_ext no_such_extension\n# ---\n%reload_ext autoreload\n# ---\n%unload_ext storemagic",
        "ModuleNotFound",
    ),
    "a hook around every cell": (
        "ip = get_ipython(); before = lambda: print('PRE')\nip.events.register('pre_execute', before)\n# ---\n"
        "print('cell')\n# ---\nimport asyncio; await asyncio.sleep(0)\n# ---\n"
        "ip.events.unregister('pre_execute', before)",
        "PRE\\ncell",
    ),
    "a handler of one's own for exceptions": (
        "def h(shell, etype, evalue, tb, tb_offset=None): print('custom', etype.__name__)\n"
        "get_ipython().set_custom_exc((ZeroDivisionError,), h)\n# ---\n1 / 0\n# ---\n"
        "get_ipython().set_custom_exc((), None)",
        "custom ZeroDivisionError",
    ),
    "exceptions of many kinds": (
        "try: 1 / 0\nexcept Exception as e: raise ValueError('v') from e\n# ---\n"
        "class B(BaseException): pass\nraise B('x')\n# ---\nraise GeneratorExit\n# ---\n"
        "raise KeyboardInterrupt('k')\n# ---\n"
        "raise None\n# ---\ndef rec(): rec()\nrec()\n# ---\n  x = 1\n y = 2\n# ---\n"
        "class R(Exception):\n    def _render_traceback_(self): return ['my', 'tb']\nraise R\n# ---\n"
        "raise SystemExit(3)\n# ---\n"
        "import argparse; argparse.ArgumentParser(prog='p').parse_args(['--no'])",
        "RecursionError",
    ),
    "tests in a notebook": (
        "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertTrue(1)\n"
        "unittest.main(argv=['x'], exit=False, verbosity=0).result.wasSuccessful()",
        "True",
    ),
    "click": ("import click; click.echo('e'); click.secho('s', fg='red')", "e\\ns\\n"),
    "the process": (
        "import sys\n__name__, sys.modules['__main__'].__dict__ is globals()\n# ---\n"
        "sys.flags.interactive, hasattr(sys, 'ps1'), sys.displayhook is get_ipython().displayhook\n# ---\n"
        "import os; [(i, p) for i, p in enumerate(sys.path) if p in ('', os.getcwd())]\n# ---\n"
        "import signal, threading; threading.current_thread() is threading.main_thread(), sys.executable",
        "('__main__', True)",
    ),
}


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS.keys())
def test_topic(own: Pair, topic: tuple[str, ...]) -> None:
    own.topic(*topic)


def test_subshells_are_told(own: Pair) -> None:
    shapes = [[line.partition(":")[0] for line in ran.text().splitlines()] for ran in own.run("%subshell")]
    assert shapes[0] == shapes[1]
    assert "subshell id: None\n" in own.ours.run("%subshell").text()


def test_an_exception_that_cannot_be_shown_is_shown_once(own: Pair) -> None:
    code = "class E(Exception):\n    def __str__(self): 1 / 0\n    __repr__ = __str__\nraise E"
    ours, theirs = own.run(code)
    assert [e["ename"] for e in ours.of("error")] == ["E"]
    assert (ours.reply["ename"], ours.reply["evalue"]) == ("E", "<unprintable E object>")
    assert {e["ename"] for e in theirs.of("error")} == {"ZeroDivisionError"}
