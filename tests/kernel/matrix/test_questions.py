"""Cells that ask the user: input, getpass, pdb, ``%debug``, ``breakpoint()``."""

from __future__ import annotations

import pytest
from compared import Pair, plain
from kernel_client import Client, Ran

DIALOGUES: dict[str, tuple[str, tuple[str, ...]]] = {
    "input": ("a = input('name? '); print('hello', a)", ("Ada",)),
    "getpass": ("import getpass; print(len(getpass.getpass('secret? ')))", ("xyz",)),
    "several": ("[input(str(i)) for i in range(3)]", ("a", "b", "c")),
    "end of file": ("input()", ("\x04",)),
    "pdb": ("x = 41\nimport pdb; pdb.set_trace()\nx + 1", ("p x", "c")),
    "pdb that is quit": ("import pdb; pdb.set_trace()\n1", ("q",)),
    "debug": ("def f(x): return 1 / x\nf(0)", ()),
    "%debug": ("%debug", ("p x", "up", "q")),
    "%pdb": ("%pdb on\n", ()),
    "an error under %pdb": ("def g(y): return 1 / y\ng(0)", ("p y", "q")),
    "%pdb off": ("%pdb off\n", ()),
    "%%debug": ("%%debug\nz = 1", ("c",)),
}


def ask(client: Client, code: str, answers: tuple[str, ...]) -> tuple[list[tuple[str, bool]], Ran]:
    request = client.kc.execute(code, allow_stdin=True)
    asked = []
    for answer in answers:
        content = client.kc.get_stdin_msg(timeout=30)["content"]
        asked.append((content["prompt"], content["password"]))
        client.kc.input(answer)
    return asked, client.finish(request)


@pytest.fixture(scope="module")
def asking(own: Pair) -> Pair:
    own.same("1")
    return own


@pytest.mark.parametrize("dialogue", DIALOGUES.values(), ids=DIALOGUES.keys())
def test_dialogue(asking: Pair, dialogue: tuple[str, tuple[str, ...]]) -> None:
    asked, ours = ask(asking.ours, *dialogue)
    wanted, theirs = ask(asking.theirs, *dialogue)
    assert asked == wanted
    assert plain(ours.text()) == plain(theirs.text())
    assert (ours.reply["status"], ours.reply.get("ename")) == (theirs.reply["status"], theirs.reply.get("ename"))


def test_breakpoint_stops(asking: Pair) -> None:
    asked, ran = ask(asking.ours, "def h(y):\n    breakpoint()\n    return y\nh(3)", ("p y", "c"))
    assert len(asked) == 2
    assert "3" in ran.text() and ran.result == "3"
    # ipykernel's does not: debugpy's hook has taken its place, and no debugger is attached.
    assert asking.theirs.run("def h(y):\n    breakpoint()\n    return y\nh(3)", allow_stdin=True).result == "3"


def test_questions_that_nobody_takes_are_an_error(asking: Pair) -> None:
    asking.same("input('x')")
    asking.same("import getpass; getpass.getpass()")
