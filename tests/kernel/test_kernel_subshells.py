"""Requests beside the main shell: https://jupyter-client.readthedocs.io/en/latest/messaging.html#subshells"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from kernel_client import Client, is_idle


class Subshell:
    """One subshell of a kernel, as a client uses it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        reply = ask(client, "create_subshell_request", {})
        assert reply["status"] == "ok"
        self.name = reply["subshell_id"]

    def send(self, code: str, **content: Any) -> str:
        return self.request("execute_request", {"code": code, **content})

    def request(self, kind: str, content: dict[str, Any]) -> str:
        message = self.client.kc.session.msg(kind, content)
        message["header"]["subshell_id"] = self.name
        self.client.kc.shell_channel.send(message)
        return str(message["header"]["msg_id"])


def ask(client: Client, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    request = client.send(kind, content, "control")
    client.wait_iopub(request, is_idle)
    return dict(client.reply(request, "control")["content"])


@pytest.fixture
def subshell(fresh: Client) -> Iterator[Subshell]:
    yield Subshell(fresh)


def test_they_are_created_listed_and_deleted_while_a_cell_runs(fresh: Client) -> None:
    assert "kernel subshells" in fresh.finish(fresh.kc.kernel_info()).reply["supported_features"]
    running = fresh.start("input()", allow_stdin=True)
    fresh.kc.get_stdin_msg(timeout=30)
    first, second = Subshell(fresh).name, Subshell(fresh).name
    assert ask(fresh, "list_subshell_request", {})["subshell_id"] == sorted([first, second])
    assert ask(fresh, "delete_subshell_request", {"subshell_id": first})["status"] == "ok"
    assert ask(fresh, "list_subshell_request", {})["subshell_id"] == [second]
    gone = ask(fresh, "delete_subshell_request", {"subshell_id": first})
    assert (gone["status"], first in gone["evalue"]) == ("error", True)
    fresh.kc.input("x")
    assert fresh.finish(running).reply["status"] == "ok"


def test_a_cell_runs_beside_the_main_shells_and_keeps_its_output(fresh: Client, subshell: Subshell) -> None:
    fresh.run("import threading; go = threading.Event(); x = 1")
    main = fresh.start("go.wait(30); print('main')")
    ran = fresh.finish(subshell.send("print('beside', x); y = 2; go.set(); x + y"))
    assert (ran.text(), ran.result) == ("beside 1\n", "3")
    assert fresh.finish(main).text() == "main\n"
    assert fresh.run("y").result == "2"


def test_questions_and_awaited_cells_work_there(fresh: Client, subshell: Subshell) -> None:
    main = fresh.start("input()", allow_stdin=True)
    fresh.kc.get_stdin_msg(timeout=30)
    completed = fresh.finish(subshell.request("complete_request", {"code": "impo", "cursor_pos": 4}))
    assert "import" in completed.reply["matches"]
    awaited = subshell.send("import asyncio; await asyncio.sleep(0); import threading; threading.current_thread().name")
    assert fresh.finish(awaited).result == f"'subshell-{subshell.name}'"
    fresh.kc.input("x")
    fresh.finish(main)


def test_an_error_aborts_what_waits_in_the_same_subshell_only(fresh: Client, subshell: Subshell) -> None:
    fresh.run("import threading; go, on = threading.Event(), threading.Event()")
    main = fresh.start("go.wait(30)")
    other = Subshell(fresh)
    waiting = other.send("on.wait(30)")
    failing = subshell.send("go.wait(30); 1 / 0")
    aborted, later = subshell.send("3"), other.send("4")
    fresh.finish(Subshell(fresh).send("go.set(); on.set()"))
    assert fresh.finish(failing).reply["ename"] == "ZeroDivisionError"
    assert fresh.finish(aborted).reply["status"] == "aborted"
    for request in (main, waiting, later):
        assert fresh.finish(request).reply["status"] == "ok"


def test_an_unknown_subshell_is_an_error_reply(fresh: Client) -> None:
    message = fresh.kc.session.msg("execute_request", {"code": "1"})
    message["header"]["subshell_id"] = "nowhere"
    fresh.kc.shell_channel.send(message)
    ran = fresh.finish(message["header"]["msg_id"])
    assert (ran.reply["status"], "nowhere" in ran.reply["evalue"]) == ("error", True)


def test_comm_replies_come_from_the_subshell_that_asked(fresh: Client, subshell: Subshell) -> None:
    fresh.run(
        "import comm, threading\n"
        "def opened(c, message):\n"
        "    c.send({'thread': threading.current_thread().name})\n"
        "comm.get_comm_manager().register_target('t', opened)"
    )
    main = fresh.start("input()", allow_stdin=True)
    fresh.kc.get_stdin_msg(timeout=30)
    request = subshell.request("comm_open", {"comm_id": "c1", "target_name": "t", "data": {}})
    answer = fresh.wait_iopub(request, lambda m: m["msg_type"] == "comm_msg")
    assert answer["content"]["data"] == {"thread": f"subshell-{subshell.name}"}
    fresh.kc.input("x")
    fresh.finish(main)


def test_a_deleted_subshell_leaves_no_thread(fresh: Client, subshell: Subshell) -> None:
    fresh.finish(subshell.send("import threading; me = threading.current_thread(); ident = me.native_id"))
    ask(fresh, "delete_subshell_request", {"subshell_id": subshell.name})
    left = (
        "import os, time\n"
        "end = time.monotonic() + 30\n"
        "while str(ident) in os.listdir('/proc/self/task') and time.monotonic() < end: time.sleep(0.01)\n"
        "str(ident) in os.listdir('/proc/self/task')"
    )
    assert fresh.run(left).result == "False"


def test_a_subshell_recurses_as_deep_as_the_main_thread(fresh: Client, subshell: Subshell) -> None:
    fresh.run("import sys; sys.setrecursionlimit(20_000)\ndef deep(n): return n and 1 + next(map(deep, [n - 1]))")
    # Python 3.12 has a limit of its own for what C calls, which nothing sets.
    depth = 5000 if sys.version_info[:2] != (3, 12) else 800
    ran = fresh.finish(subshell.send(f"deep({depth})"))
    assert ran.result == str(depth)
