"""Fifty shapes of exceptions: each arrives, as its own class where that can be, never as a hang or a lost worker."""
# ruff: noqa: E501 (the cells are data)

import pickle
import sys
import traceback

import pytest

RAISES = {
    "ValueError": "raise ValueError('a', 1)",
    "KeyError": "{}['missing']",
    "IndexError": "[][3]",
    "ZeroDivisionError": "1 / 0",
    "TypeError": "len(3)",
    "AttributeError": "(3).nothing",
    "NameError": "unbound_name",
    "UnboundLocalError": "print(y); y = 1",
    "AssertionError": "assert x == 'never', 'message'",
    "OSError": "raise OSError(5, 'io', 'file', None, 'other')",
    "FileNotFoundError": "open('/no/such/file')",
    "PermissionError": "raise PermissionError(13, 'no', 'f')",
    "BlockingIOError": "raise BlockingIOError(11, 'again', 7)",
    "UnicodeDecodeError": "b'\\xff'.decode()",
    "UnicodeEncodeError": "'\\udc80'.encode()",
    "SyntaxError": "compile('a b', 'f', 'exec')",
    "IndentationError": "compile(' a\\n  b', 'f', 'exec')",
    "ImportError": "import no_such_module_at_all",
    "ImportErrorName": "from os import no_such_name",
    "StopIteration": "raise StopIteration(3)",
    "StopAsyncIteration": "raise StopAsyncIteration",
    "GeneratorExit": "raise GeneratorExit",
    "SystemExit": "raise SystemExit(4)",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "RecursionError": "def r(): return r()\n    r()",
    "MemoryError": "raise MemoryError('full')",
    "OverflowError": "2.0 ** 10000",
    "FloatingPointError": "raise FloatingPointError('f')",
    "NotImplementedError": "raise NotImplementedError",
    "EOFError": "raise EOFError",
    "JSONDecodeError": "import json; json.loads('{')",
    "CalledProcessError": "import subprocess; raise subprocess.CalledProcessError(3, 'cmd', b'o', b'e')",
    "LinAlgError": "import numpy as np; np.linalg.inv(np.zeros((2, 2)))",
    "pandas": "import pandas as pd; pd.DataFrame({'a': [1]})['b']",
    "decimal": "import decimal; decimal.Decimal(1) / 0",
    "ConfigParser": "import configparser; raise configparser.NoOptionError('o', 's')",
    "bare": "raise Bare",
    "own": "raise Own('text')",
    "init_args": "raise InitArgs(7, 'why')",
    "keyword_only": "raise KeywordOnly(code=3)",
    "no_super_init": "raise NoSuper(1, 2)",
    "own_reduce": "raise OwnReduce(4)",
    "slots": "raise Slots(5)",
    "multiple": "raise Multiple('k')",
    "os_subclass": "raise OsSub(2, 'nope')",
    "str_raises": "raise StrRaises()",
    "dataclass": "raise Data(1, [2])",
    "attributes": "e = ValueError('v'); e.extra = {'a': [1]}; raise e",
    "exception_in_args": "raise ValueError(KeyError('inner'))",
    "new_args": "raise NewArgs(8)",
    "generic_alias": "raise list[int]",
}
CLASSES = """
import dataclasses
class Bare(Exception): pass
class Own(ValueError):
    code = 7
class InitArgs(Exception):
    def __init__(self, code, why):
        super().__init__(f"{why}: {code}")
        self.code = code
class KeywordOnly(Exception):
    def __init__(self, *, code):
        super().__init__()
        self.code = code
    def __str__(self): return f"code {self.code}"
class NoSuper(Exception):
    def __init__(self, a, b): self.a, self.b = a, b
class OwnReduce(Exception):
    def __init__(self, n): super().__init__("n is %d" % n); self.n = n
    def __reduce__(self): return OwnReduce, (self.n,)
class Slots(Exception):
    __slots__ = ("n",)
    def __init__(self, n): self.n = n
class Multiple(KeyError, AttributeError): pass
class OsSub(FileNotFoundError):
    note = "x"
class StrRaises(Exception):
    def __str__(self): raise RuntimeError("no text")
@dataclasses.dataclass
class Data(Exception):
    a: int
    b: list
class NewArgs(Exception):
    def __new__(cls, n, **k):
        made = super().__new__(cls, n * 2)
        made.n = n
        return made
    def __init__(self, n): self.n2 = n
"""


def text(error):
    try:
        return str(error)
    except RuntimeError as second:
        return repr(second)


def describe(error):
    names = ("errno", "strerror", "filename", "filename2", "name", "code", "n", "a", "b", "value", "extra", "start",
             "reason", "object", "lineno", "offset", "returncode", "msg", "path", "n2", "obj")  # fmt: skip
    found = {name: repr(getattr(error, name)) for name in names if hasattr(error, name)}
    return type(error), text(error), repr(error.args), found


def raised(nb, source, x=0):
    try:
        exec(compile(source, "<loop>", "exec"), nb.ns)
        nb["f"](x)
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize("shape", RAISES)
def test_exception_arrives_as_it_was_raised(nb, shape):
    nb.run(CLASSES)
    cell = f"def f(x):\n    {RAISES[shape]}\n    return 1\n"
    nb.run(cell)
    name = f"<cell {nb.cells}>"
    try:
        nb["f"](0)
    except BaseException as error:
        here = error
    there = nb.result("f(x)", [0]).error
    assert describe(there) == describe(here)
    assert type(there) is type(here)
    frames = traceback.extract_tb(there.__traceback__)
    ours = traceback.extract_tb(here.__traceback__)
    cells = [(f.filename, f.lineno, f.name) for f in frames if f.filename == name]
    assert cells[:1] == [(f.filename, f.lineno, f.name) for f in ours if f.filename == name][:1]
    assert not any("paracell" in f.filename.split("/")[-3:-1] for f in frames)
    assert nb.get("x") == 0, "the worker is still there"


def test_cause_context_suppress_and_notes(nb):
    nb.run(
        "class E(Exception): pass\n"
        "def f(x):\n    try:\n        try: {}['k']\n        except KeyError as k: raise E('mid') from k\n"
        "    except E:\n        raise ValueError('outer')\n"
        "def g(x):\n    try: f(x)\n    except ValueError as e:\n        {}\n        raise RuntimeError('top') from None"
    )
    error = nb.result("g(x)").error
    assert type(error) is RuntimeError and error.__cause__ is None and error.__suppress_context__
    middle = error.__context__
    assert type(middle) is ValueError and type(middle.__context__) is nb["E"]
    assert type(middle.__context__.__cause__) is KeyError
    assert middle.__context__.__context__ is middle.__context__.__cause__
    for one in (error, middle, middle.__context__, middle.__context__.__cause__):
        assert traceback.extract_tb(one.__traceback__)[-1].filename == "<cell 1>"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="notes and groups came with 3.11")
def test_notes_and_groups(nb):
    nb.run(
        "class G(ExceptionGroup):\n    def derive(self, e): return G(self.message, e)\n"
        "def f(x):\n    errors = []\n    for n in range(2):\n        try: raise ValueError(n)\n        except ValueError as e:\n"
        "            e.add_note(f'note {n}')\n            errors.append(e)\n"
        "    raise G('several', [errors[0], ExceptionGroup('inner', [errors[1], TypeError('t')])])"
    )
    error = nb.result("f(x)").error
    assert type(error) is nb["G"] and error.message == "several"
    assert error.exceptions[0].args == (0,) and error.exceptions[0].__notes__ == ["note 0"]
    assert [type(e) for e in error.exceptions[1].exceptions] == [ValueError, TypeError]
    assert error.exceptions[0].__traceback__ is not None
    base = nb.result("(_ for _ in ()).throw(BaseExceptionGroup('b', [KeyboardInterrupt()]))").error
    assert type(base).__name__ == "BaseExceptionGroup" and type(base.exceptions[0]) is KeyboardInterrupt


def test_loops_of_exceptions(nb):
    nb.run(
        "def f(x):\n    a = ValueError('a')\n    b = KeyError('b')\n    a.__cause__ = b\n    b.__cause__ = a\n    raise a"
    )
    error = nb.result("f(x)").error
    assert error.__cause__.__cause__ is error
    nb.run("def f(x):\n    e = ValueError()\n    e.args = (e,)\n    raise e")
    assert type(nb.result("f(x)").error) is ValueError


def test_an_attribute_that_stays_in_the_worker_is_named(nb):
    nb.run(
        "import threading\ndef f(x):\n    e = ValueError('text')\n    e.lock = threading.Lock()\n    e.ok = [1]\n    raise e"
    )
    error = nb.result("f(x)").error
    assert type(error) is ValueError and error.args == ("text",) and error.ok == [1]
    assert "lock" in repr(error.lock)
    if sys.version_info >= (3, 11):
        assert "lock (_thread.lock) stayed in the worker" in error.__notes__[-1]


def test_an_argument_that_stays_in_the_worker_prints_the_same(nb):
    nb.run("import threading\ndef f(x): raise ValueError('held', threading.Lock())")
    error = nb.result("f(x)").error
    assert type(error) is ValueError and "held" in str(error) and "lock" in str(error)


def test_a_class_that_does_not_pickle_gets_a_stand_in(nb):
    nb.run(
        "import threading\ndef f(x):\n    class Local(LookupError):\n        lock = threading.Lock()\n    raise Local('what')"
    )
    error = nb.result("f(x)").error
    assert type(error) is LookupError and error.args == ("what",)
    if sys.version_info >= (3, 11):
        note = error.__notes__[-1]
        assert "Local" in note and "what" in note and "<cell 1>" in note


def test_a_class_that_does_not_rebuild_gets_a_stand_in(nb):
    nb.run(
        "import os\nhome = os.getpid()\nclass Here(ValueError):\n    def __new__(cls, *a):\n"
        "        return super().__new__(cls, *a)\n    def __reduce__(self): return die, ()\n"
        "def die(): raise RuntimeError('cannot be made')\ndef f(x): raise Here('w')"
    )
    error = nb.result("f(x)").error
    assert isinstance(error, ValueError) and error.args == ("w",)


def test_exceptions_as_values_and_broadcasts(nb):
    nb.run("try: 1 / 0\nexcept ZeroDivisionError as e: saved = e")
    value = nb.get("ValueError(x, saved.args)")
    assert type(value) is ValueError and value.args == (0, ("division by zero",))
    assert nb.get("saved") is nb["saved"]
    assert nb.get("saved.__traceback__.tb_frame.f_code.co_filename") == "<cell 1>"


def test_values_before_the_error_arrive(nb):
    result = nb.result("10 // x", [5, 2, 0, 1])
    assert result.values == [2, 5] and type(result.error) is ZeroDivisionError


def test_frames_bring_numbers_and_short_texts_and_no_code_is_run_for_the_others():
    from paracell.ship.tracebacks import Left, frames, make_traceback

    class Loud:
        def __repr__(self):
            raise AssertionError("nobody asked")

    def inner(number, text="a" * 20_000):
        held, small = Loud(), (1.5, "b")
        del small
        raise KeyError(number, held)

    try:
        inner(7)
    except KeyError as error:
        found = pickle.loads(pickle.dumps(frames(error.__traceback__)))
    made = make_traceback(found)
    while made.tb_next is not None:
        made = made.tb_next
    local = made.tb_frame.f_locals
    assert local["number"] == 7 and {type(local[name]) for name in ("text", "held")} == {Left}
    assert repr(local["held"]) == "<Loud that stayed in the worker; paracell.replay() has it>"
    assert set(local) <= {"number", "text", "held", "Loud"}


def test_a_frame_that_cannot_be_had_is_left_out() -> None:
    from paracell.ship.tracebacks import Frame, make_traceback

    fine = Frame("<cell>", "f", 1, 2, "__main__")
    made = make_traceback([fine, fine._replace(span=(2, 9, 3)), fine._replace(line=3)])
    assert made is not None and made.tb_next is not None
    assert (made.tb_lineno, made.tb_next.tb_lineno, made.tb_next.tb_next) == (2, 3, None)
