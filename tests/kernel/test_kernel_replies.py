"""Answers field by field, beside ipykernel's."""

from __future__ import annotations

from typing import Any

import psutil
import pytest
from compared import Pair, plain
from kernel_client import Client, is_idle

COMPLETE = ("def f():", "1", "x = = 1", "for i in x:\n    if 1:", "", "!ls", "%%time\nfor i in 1:", "'''abc", "a = [1,")
COMPLETIONS = (("'😀'; pri", 8), ("a = 1\nprin(2)", 10), ("%tim", 4), ("nothing_here_x", 14), ("import collec", 13))
INSPECTIONS: tuple[tuple[str, int, int, list[str]], ...] = (
    ("foo", 3, 0, []),
    ("foo", 3, 1, []),
    ("foo(1, ", 7, 0, []),
    ("Documented", 4, 0, ["docstring"]),
    ("%time", 3, 0, []),
    ("nope", 2, 0, []),
)
HISTORIES: tuple[dict[str, Any], ...] = (
    {"hist_access_type": "tail", "n": 2},
    {"hist_access_type": "tail", "n": 2, "output": True},
    {"hist_access_type": "tail", "n": 1, "raw": False},
    {"hist_access_type": "search", "pattern": "h1*", "n": 1},
    {"hist_access_type": "search", "pattern": "h1*", "unique": True},
    {"hist_access_type": "search", "pattern": "h1*", "unique": True, "output": True},
    {"hist_access_type": "range", "session": 0, "start": -2},
    {"hist_access_type": "nonsense"},
)


def ask(client: Client, kind: str, content: dict[str, Any], channel: str = "shell") -> dict[str, Any]:
    return dict(client.reply(client.send(kind, content, channel), channel)["content"])


def same(pair: Pair, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    ours, theirs = (ask(client, kind, content) for client in (pair.ours, pair.theirs))
    assert plain(repr(sorted(ours.items()))) == plain(repr(sorted(theirs.items())))
    return ours


@pytest.fixture(scope="module")
def named(own: Pair) -> Pair:
    own.same("def foo(a, b=1):\n    'doc'\n    return 3\nclass Documented:\n    'documented'")
    return own


@pytest.mark.parametrize("code", ["1", "1 / 0", "raise SystemExit(3)", "def f(:", ""])
def test_an_execute_reply_has_the_same_fields(named: Pair, code: str) -> None:
    ours, theirs = named.run(code)
    assert set(ours.reply) == set(theirs.reply)
    assert set(ours.metadata) == set(theirs.metadata) == {"started", "dependencies_met", "engine", "status"}
    for name in ("dependencies_met", "status"):
        assert ours.metadata[name] == theirs.metadata[name]
    if code:
        assert set(ours.messages[1]["header"]) == set(theirs.messages[1]["header"])
        assert ours.messages[1]["header"]["date"].tzinfo is not None
    assert len({m["header"]["session"] for m in ours.messages}) == 1


def test_kernel_info_has_all_of_ipykernels_fields(named: Pair) -> None:
    ours, theirs = (ask(client, "kernel_info_request", {}) for client in (named.ours, named.theirs))
    assert set(theirs) <= set(ours)
    assert ours["language_info"] == theirs["language_info"]
    assert ours["supported_features"] == theirs["supported_features"]
    assert {link["text"] for link in ours["help_links"]} <= {link["text"] for link in theirs["help_links"]} | {
        "Python Reference"
    }


@pytest.mark.parametrize("code", COMPLETE)
def test_is_complete(named: Pair, code: str) -> None:
    same(named, "is_complete_request", {"code": code})


@pytest.mark.parametrize(("code", "cursor"), COMPLETIONS)
def test_complete(named: Pair, code: str, cursor: int) -> None:
    same(named, "complete_request", {"code": code, "cursor_pos": cursor})


@pytest.mark.parametrize(("code", "cursor", "detail", "omitted"), INSPECTIONS)
def test_inspect(named: Pair, code: str, cursor: int, detail: int, omitted: list[str]) -> None:
    content = {"code": code, "cursor_pos": cursor, "detail_level": detail, "omit_sections": omitted}
    assert same(named, "inspect_request", content)["found"] == (code != "nope")


@pytest.mark.parametrize("content", HISTORIES)
def test_history(named: Pair, content: dict[str, Any]) -> None:
    for code in ("h1 = 1", "h2 = 2; h2", "h1 = 1"):
        named.same(code)
    found = []
    for client in (named.ours, named.theirs):
        reply = ask(client, "history_request", {"raw": True, "output": False, **content})
        assert reply["status"] == "ok"
        found.append([entry[2] for entry in reply["history"]])  # numbers are those of each session
    assert found[0] == found[1]
    assert (found[0] == []) == (content["hist_access_type"] == "nonsense")


def test_what_a_client_leaves_out_has_a_default(named: Pair) -> None:
    # ipykernel answers none of these.
    assert ask(named.ours, "complete_request", {"code": "zi"})["matches"] == ["zip"]
    assert ask(named.ours, "history_request", {"hist_access_type": "tail", "n": 1})["status"] == "ok"
    assert ask(named.ours, "inspect_request", {"code": "foo"})["found"] is True


def test_connect_names_every_port(named: Pair) -> None:
    for channel in ("shell", "control"):
        ours, theirs = (ask(c, "connect_request", {}, channel) for c in (named.ours, named.theirs))
        assert set(ours) == set(theirs)
        assert ours["control_port"] == named.ours.kc.control_port


def seen(client: Client, kind: str, content: dict[str, Any]) -> list[Any]:
    request = client.send(kind, content)
    client.wait_iopub(request, is_idle)
    return [(m["msg_type"], m["content"]) for m in client.by_parent[request]]


@pytest.mark.parametrize("kind", ["comm_open", "comm_msg", "comm_close"])
def test_comms_that_nobody_knows(named: Pair, kind: str) -> None:
    content = {"comm_id": "unknown", "target_name": "nobody", "data": {}}
    assert seen(named.ours, kind, content) == seen(named.theirs, kind, content)


def test_an_unknown_message_is_busy_and_idle_and_not_the_notebooks_business(named: Pair) -> None:
    named.same("import logging; logging.basicConfig()")
    ours, theirs = (seen(client, "no_such_request", {}) for client in (named.ours, named.theirs))
    assert ours == theirs == [("status", {"execution_state": state}) for state in ("busy", "idle")]


HOLDS = """
import subprocess, sys
child = subprocess.Popen(
    [sys.executable, "-c", "held = b'x' * 50_000_000; print('held', flush=True); input()"],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
)
child.stdout.readline()
"""


FORKED = """
import os, warnings; warnings.simplefilter("ignore")  # that forks are dangerous
held = bytearray(os.urandom(1)) * 200_000_000
go, ready = os.pipe(), os.pipe()
if os.fork() == 0:
    os.write(ready[1], b"x"); os.read(go[0], 1); os._exit(0)
os.read(ready[0], 1)
"""


def test_usage_has_ipykernels_fields_and_counts_what_forks_share_once(named: Pair) -> None:
    named.same(FORKED)
    answers = []
    for client in (named.ours, named.theirs):
        ask(client, "usage_request", {}, "control")  # which usage of processors is measured from
        answers.append(ask(client, "usage_request", {}, "control"))
        assert 200_000_000 < answers[-1]["kernel_memory"] < 390_000_000
    ours, theirs = answers
    always = set(theirs) - {"host_cpu_percent"}
    assert always <= set(ours)
    assert set(ours["host_virtual_memory"]) == set(theirs["host_virtual_memory"])
    for name in ("hostname", "cpu_count"):
        assert ours[name] == theirs[name]
    assert ours["host_virtual_memory"]["total"] == theirs["host_virtual_memory"]["total"]
    named.same("os.write(go[1], b'x'), os.wait()[1]")


def test_usage_counts_children_and_workers(named: Pair) -> None:
    ours = ask(named.ours, "usage_request", {}, "control")
    named.ours.run("%%parallel processes 2 --start spawn\nys = [i for i in range(8)]")
    named.ours.run(HOLDS)
    kernel = psutil.Process(ours["pid"])
    children = [process.memory_full_info().pss for process in kernel.children(recursive=True)]
    assert len(children) >= 3
    assert max(children) > 50_000_000
    # Idle processes: what they hold differs from one moment to the next by far less than any of them holds.
    least = 0.9 * (kernel.memory_full_info().pss + sum(children))
    assert ask(named.ours, "usage_request", {}, "control")["kernel_memory"] > least
    named.ours.run("child.communicate()")
