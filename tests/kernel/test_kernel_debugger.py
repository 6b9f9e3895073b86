"""The debugger, as JupyterLab drives it: https://jupyter-client.readthedocs.io/en/stable/messaging.html#debug-request"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from debugging import Debugger
from kernel_client import Client

CODE = """def inner(n):
    total = n + 1
    return total * 2

inner(20)"""


@pytest.fixture
def debugger(fresh: Client) -> Iterator[Debugger]:
    debugger = Debugger(fresh)
    debugger.start()
    yield debugger


def test_breakpoint_variables_step_and_continue(debugger: Debugger) -> None:
    request, thread = debugger.stop_at(CODE, 2)
    frame = debugger.frame(thread)
    assert (frame["name"], frame["line"]) == ("inner", 2)
    assert debugger.locals(frame) == {"n": "20"}
    assert debugger.body("debugInfo")["stoppedThreads"] == [thread]
    debugger.body("next", threadId=thread)
    thread = debugger.event("stopped")["body"]["threadId"]
    assert debugger.locals(debugger.frame(thread)) == {"n": "20", "total": "21"}
    debugger.body("continue", threadId=thread)
    assert debugger.client.finish(request).result == "42"
    assert debugger.body("debugInfo")["stoppedThreads"] == []


def test_values_can_be_looked_at_and_copied_while_stopped(debugger: Debugger) -> None:
    code = "class Rich:\n    def _repr_html_(self):\n        return '<b>rich</b>'\nrich = Rich()\nnumber = 7\nnumber"
    request, thread = debugger.stop_at(code, 6)
    frame = debugger.frame(thread)
    rich = debugger.body("richInspectVariables", variableName="rich", frameId=frame["id"])
    assert rich["data"]["text/html"] == "<b>rich</b>"
    copied = debugger.ask("copyToGlobals", dstVariableName="copy", srcVariableName="number", srcFrameId=frame["id"])
    assert copied["success"]
    debugger.body("continue", threadId=thread)
    debugger.client.finish(request)
    assert debugger.client.run("copy").result == "7"


def test_the_notebooks_variables_without_a_debugger(fresh: Client) -> None:
    fresh.run("number, text, numbers = 1, 'abc', [1, 2]")
    debugger = Debugger(fresh)
    variables = {v["name"]: v for v in debugger.body("inspectVariables")["variables"]}
    assert {"number", "text", "numbers"} <= set(variables)
    assert not {"In", "Out", "_", "get_ipython", "__name__"} & set(variables)
    inside = debugger.body("variables", variablesReference=variables["numbers"]["variablesReference"])["variables"]
    assert [v["value"] for v in inside if re.fullmatch(r"\d+", v["name"])] == ["1", "2"]
    rich = debugger.body("richInspectVariables", variableName="text")
    assert rich["data"]["text/plain"] == "'abc'"


def test_what_is_known_is_answered_while_a_cell_runs(fresh: Client) -> None:
    request = fresh.start("input()", allow_stdin=True)
    fresh.kc.get_stdin_msg(timeout=30)
    debugger = Debugger(fresh)
    info = debugger.body("debugInfo")
    assert (info["isStarted"], info["hashMethod"], info["breakpoints"]) == (False, "Murmur2", [])
    path = debugger.body("dumpCell", code="x = 1\n")["sourcePath"]
    assert path.startswith(info["tmpFilePrefix"]) and path.endswith(info["tmpFileSuffix"])
    assert debugger.body("source", source={"path": path})["content"] == "x = 1\n"
    assert "json" in [m["name"] for m in debugger.body("modules")["modules"]]
    debugger.start()
    fresh.kc.input("x")
    fresh.finish(request)


def test_the_name_of_a_cell_is_that_of_its_file(debugger: Debugger) -> None:
    path = debugger.body("dumpCell", code="import sys; sys._getframe().f_code.co_filename")["sourcePath"]
    assert debugger.client.run("import sys; sys._getframe().f_code.co_filename").result == repr(path)


def test_an_interrupt_ends_the_cell_and_the_debugger_lives_on(debugger: Debugger) -> None:
    request, _ = debugger.stop_at("import time\nx = 1\nwhile True:\n    time.sleep(0.01)", 2)
    interrupt = debugger.client.send("interrupt_request", {}, "control")
    debugger.client.reply(interrupt, "control")
    assert debugger.client.finish(request).reply["ename"] == "KeyboardInterrupt"
    request, thread = debugger.stop_at(CODE, 2)
    debugger.body("continue", threadId=thread)
    assert debugger.client.finish(request).result == "42"


def test_it_can_be_ended_and_started_again(debugger: Debugger) -> None:
    debugger.stop_at(CODE, 2)
    debugger.ask("disconnect", restart=False, terminateDebuggee=False)
    assert debugger.body("debugInfo")["isStarted"] is False
    assert debugger.client.run("1 + 1").result == "2"
    debugger.start()
    request, thread = debugger.stop_at(CODE.replace("20", "21"), 2)
    debugger.body("continue", threadId=thread)
    assert debugger.client.finish(request).result == "44"


def test_a_request_before_the_start_says_so(fresh: Client) -> None:
    reply = Debugger(fresh).ask("stackTrace", threadId=1)
    assert (reply["success"], "initialize" in reply["message"]) == (False, True)


def test_breakpoint_stops_in_the_client_and_not_in_pdb(debugger: Debugger) -> None:
    debugger.body("configurationDone")
    request = debugger.client.kc.execute("a = 5\nbreakpoint()\nb = a")
    thread = debugger.event("stopped")["body"]["threadId"]
    debugger.body("continue", threadId=thread)
    assert debugger.client.finish(request).reply["status"] == "ok"
