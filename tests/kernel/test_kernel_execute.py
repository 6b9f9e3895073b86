"""execute_request: order of messages, silence, history, errors, aborts."""

from __future__ import annotations

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from kernel_client import Client


def test_messages_come_in_the_protocols_order(shared: Client) -> None:
    ran = shared.run("print('a'); 1 + 1")
    assert ran.kinds == ["status", "execute_input", "stream", "execute_result", "status"]
    assert [c["execution_state"] for c in ran.of("status")] == ["busy", "idle"]
    assert ran.reply["status"] == "ok"
    assert ran.reply["execution_count"] == ran.of("execute_input")[0]["execution_count"]
    assert ran.metadata["status"] == "ok"
    assert {"started", "dependencies_met", "engine"} <= set(ran.metadata)


def test_silent_shows_nothing_and_counts_nothing(shared: Client) -> None:
    before = shared.run("0").reply["execution_count"]
    ran = shared.run("silent_one = 1; silent_one", silent=True)
    assert ran.kinds == ["status", "status"]
    assert shared.run("silent_one").reply["execution_count"] == before + 1


def test_without_store_history_the_count_stays(shared: Client) -> None:
    before = shared.run("0").reply["execution_count"]
    assert shared.run("1", store_history=False).reply["execution_count"] == before
    assert shared.run("2").reply["execution_count"] == before + 1


def test_user_expressions(shared: Client) -> None:
    ran = shared.run("x = 3", user_expressions={"good": "x + 1", "bad": "1/0"})
    answers = ran.reply["user_expressions"]
    assert answers["good"]["data"]["text/plain"] == "4"
    assert answers["bad"]["status"] == "error"
    assert shared.run("1/0", user_expressions={"good": "x"}).reply["user_expressions"] == {}


def test_error_has_ipythons_traceback_in_reply_and_message(shared: Client) -> None:
    ran = shared.run("def f():\n    return 1/0\nf()")
    (error,) = ran.of("error")
    assert (error["ename"], error["evalue"]) == ("ZeroDivisionError", "division by zero")
    assert error["traceback"] == ran.reply["traceback"]
    assert "Cell" in "".join(error["traceback"])
    assert ran.reply["status"] == ran.metadata["status"] == "error"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E", "E"),
        ("class R:\n    def __repr__(self): 1/0\nR()", "ZeroDivisionError"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("def f(:", "SyntaxError"),
        ("%no_such_magic", "UsageError"),
        ("await no_such_name", "NameError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ],
)
def test_every_failure_is_answered_and_the_kernel_lives(shared: Client, code: str, name: str) -> None:
    ran = shared.run(code)
    assert ran.reply["status"] == "error"
    if name != "UsageError":
        assert ran.reply["ename"] == name
        assert len(ran.of("error")) == 1
    assert shared.run("1 + 1").result == "2"


def test_exception_group_is_an_error_message(shared: Client) -> None:
    if shared.run("import builtins; hasattr(builtins, 'ExceptionGroup')").result != "True":
        pytest.skip("no exception groups before Python 3.11")
    ran = shared.run("raise ExceptionGroup('several', [ValueError(1), KeyError('k')])")
    (error,) = ran.of("error")
    assert error["ename"] == "ExceptionGroup"
    assert "KeyError: 'k'" in "\n".join(error["traceback"])
    assert ran.text("stderr") == ""


def test_error_aborts_the_cells_that_wait_and_nothing_else(shared: Client) -> None:
    first = shared.kc.execute("import time; time.sleep(0.3); 1/0")
    waiting = [shared.kc.execute(f"aborted_{i} = {i}") for i in range(50)]
    question = shared.kc.complete("zi")
    assert shared.finish(first).reply["status"] == "error"
    for request in waiting:
        assert shared.finish(request).reply["status"] == "aborted"
        assert [m["msg_type"] for m in shared.by_parent[request]] == ["status", "status"]
    assert shared.reply(question)["content"]["matches"] == ["zip"]
    assert shared.run("'aborted_1' in globals()").result == "False"


def test_what_is_sent_behind_the_reply_of_an_error_runs(fresh: Client) -> None:
    client = BlockingKernelClient(connection_file=fresh.manager.connection_file)
    client.load_connection_file()
    client.start_channels(iopub=False, hb=False)
    statuses = []
    for _ in range(500):
        client.execute("1 / 0", silent=False, store_history=False)
        statuses.append(client.get_shell_msg(timeout=30)["content"]["status"])
        client.execute("1", silent=True)
        statuses.append(client.get_shell_msg(timeout=30)["content"]["status"])
    client.stop_channels()
    assert statuses == ["error", "ok"] * 500


def test_without_stop_on_error_the_cells_that_wait_run(shared: Client) -> None:
    first = shared.kc.execute("import time; time.sleep(0.2); 1/0", stop_on_error=False)
    second = shared.kc.execute("1 + 1")
    assert shared.finish(first).reply["status"] == "error"
    assert shared.finish(second).reply["status"] == "ok"


def test_ten_thousand_queued_requests_are_all_answered(fresh: Client) -> None:
    # Through a client that reads answers alone, and those without looking into them: it is not what is measured.
    client = BlockingKernelClient(connection_file=fresh.manager.connection_file)
    client.load_connection_file()
    client.start_channels(iopub=False, hb=False)
    client.shell_channel.socket.hwm = 0
    held = fresh.start("input()", allow_stdin=True)
    fresh.kc.get_stdin_msg(timeout=30)
    for _ in range(10_000):
        client.execute("pass", silent=True)
    fresh.kc.input("go")
    fresh.reply(held)
    answered = 0
    while answered < 10_000:
        assert client.shell_channel.socket.poll(30_000), answered
        assert b'"status":"ok"' in client.shell_channel.socket.recv_multipart()[-1].replace(b" ", b"")
        answered += 1
    client.stop_channels()


def test_payloads(shared: Client) -> None:
    assert shared.run("get_ipython().set_next_input('next')").reply["payload"] == [
        {"source": "set_next_input", "text": "next", "replace": False}
    ]
    (page,) = shared.run("len?").reply["payload"]
    assert page["source"] == "page" and "text/plain" in page["data"]
    assert shared.run("1").reply["payload"] == []


def test_cell_id_reaches_the_hooks(shared: Client) -> None:
    shared.run("seen = []\nget_ipython().events.register('pre_run_cell', lambda info: seen.append(info.cell_id))")
    message = shared.kc.session.msg("execute_request", {"code": "pass", "silent": False}, metadata={"cellId": "abc"})
    shared.kc.shell_channel.send(message)
    shared.finish(message["header"]["msg_id"])
    assert "'abc'" in shared.run("seen").result


def test_hooks_fire_once_for_plain_and_async_cells(shared: Client) -> None:
    shared.run(
        "calls = []\n"
        "for event in ('pre_execute', 'pre_run_cell', 'post_execute', 'post_run_cell'):\n"
        "    def note(*args, event=event): calls.append(event)\n"
        "    get_ipython().events.register(event, note)"
    )
    for code in ("pass", "import asyncio; await asyncio.sleep(0)"):
        shared.run("calls.clear()", silent=True)
        shared.run(code)
        told = shared.run("", silent=True, user_expressions={"calls": "calls"})
        assert "post_run_cell" in told.reply["user_expressions"]["calls"]["data"]["text/plain"]
        text = told.reply["user_expressions"]["calls"]["data"]["text/plain"]
        assert text.count("'pre_run_cell'") == text.count("'post_run_cell'") == 1


def test_unknown_and_broken_requests_leave_the_kernel_alive(shared: Client) -> None:
    shared.send("no_such_request", {})
    broken = shared.send("execute_request", {})
    assert shared.reply(broken)["content"]["status"] == "error"
    assert shared.run("1 + 1").result == "2"


def test_namespace_is_a_main_module_without_file(shared: Client) -> None:
    ran = shared.run("import sys; (__name__, hasattr(sys.modules['__main__'], '__file__'), sys.argv[0] != '')")
    assert ran.result.startswith("('__main__', False")


def test_history_and_introspection(shared: Client) -> None:
    shared.run("remembered = 'blåbær'")
    reply = shared.reply(shared.kc.history(raw=True, output=False, hist_access_type="tail", n=1))
    assert reply["content"]["history"][0][2] == "remembered = 'blåbær'"
    code = "'😀'; remembe"
    reply = shared.reply(shared.kc.complete(code))["content"]
    assert reply["matches"] == ["remembered"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (5, len(code))
    assert reply["metadata"]["_jupyter_types_experimental"][0]["text"] == "remembered"
    shallow = shared.reply(shared.kc.inspect("shutil.which" if shared.run("import shutil").reply else "", 8))["content"]
    deep = shared.reply(shared.kc.inspect("shutil.which", 8, detail_level=1))["content"]
    assert shallow["found"] and deep["found"]
    assert len(deep["data"]["text/plain"]) > len(shallow["data"]["text/plain"])
    assert shared.reply(shared.kc.inspect("no_such_name", 3))["content"]["found"] is False
