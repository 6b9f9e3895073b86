"""The compiler's silence while it compiles what a plan has made, and what it says of the cell."""

from __future__ import annotations

import ast
import codeop
import threading
import warnings

import pytest

from paracell import compiler
from paracell.cell import plan
from paracell.cell.compiled import compiled
from paracell.silence import Silence

WARNS = "x = 1\nx is 1\n"


def said(act):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        act()
    return [(str(one.message), one.category, one.filename, one.lineno) for one in seen]


def once():
    compile(WARNS, "<cell>", "exec")


def test_only_this_file_and_this_thread_are_silent():
    def act():
        with Silence("<cell>") as silence:
            once()
            assert silence.broken
        with Silence("<another>") as other:
            assert len(said(once)) == 1
            assert not other.broken
        with Silence("<cell>") as silence:
            thread = threading.Thread(target=once)
            thread.start()
            thread.join()
            warnings.warn("mine", stacklevel=1)
            assert not silence.broken

    texts = [text for text, *_ in said(act)]
    assert [text.partition(" with")[0] for text in texts] == ['"is"', "mine"]


@pytest.mark.parametrize("name", ["cell.py", "<cell>"])
def test_a_file_is_known_by_what_the_interpreter_makes_of_its_name(name):
    def act():
        with Silence(name):
            compile(WARNS, name, "exec")

    assert said(act) == []


def test_filters_are_left_as_they_were():
    before, version = warnings.filters, warnings.filters[:]
    with Silence("<cell>"):
        assert warnings.filters is before and len(before) == len(version) + 1
    assert warnings.filters == version
    with pytest.raises(ZeroDivisionError), Silence("<cell>"):
        raise ZeroDivisionError
    assert warnings.filters == version


def test_the_cells_own_error_is_raised_once_and_alone():
    source = "xs = [1]\nfor x in xs:\n    y = f(x) is 2\n    return\n"
    tree = plan(source, "<cell>", {"f": abs}).tree

    def act():
        with pytest.raises(SyntaxError, match="outside function") as caught:
            compiled(lambda tree: compile(tree, "<cell>", "exec"), tree, "<cell>")
        assert caught.value.lineno == 4 and caught.value.__context__ is None

    assert len(said(act)) <= 1


def test_the_shells_compiler_is_its_own_again():
    made = codeop.Compile()
    compiler.put(made)
    compiler.put(made)
    assert isinstance(made, codeop.Compile) and type(made).__name__ == "Compile"
    tree = plan("out = []\nfor x in xs:\n    out.append(f(x) is 2)\n", "<cell>", {"f": abs}).tree
    assert len(said(lambda: made(tree, "<cell>", "exec"))) == 1
    assert len(said(lambda: made(WARNS, "<cell>", "exec"))) == 1
    assert len(said(lambda: made(ast.parse(WARNS), "<cell>", "exec"))) == 1
    compiler.take_away(made)
    compiler.take_away(made)
    assert type(made) is codeop.Compile
