"""A debugger with breakpoints reaches every iteration of a parallel cell, or the cell says where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from debugging import Debugger
from kernel_client import Ran, start_client

HELPER = "def helper(i):\n    square = i * i\n    return square"
CELL = "%%parallel {}\nout = []\nfor i in range(3):\n    out.append(helper(i))\nout"
HOW = "paracell.last_run().backend"


def notes(ran: Ran) -> list[str]:
    return [c["data"]["text/plain"] for c in ran.of("display_data") if c["metadata"].get("paracell", {}).get("note")]


@pytest.fixture(scope="module")
def attached(jupyter_home: Path) -> Iterator[Debugger]:
    debugger = Debugger(start_client())
    debugger.start()
    debugger.client.run(HELPER)
    debugger.client.run("import paracell")
    yield debugger
    debugger.client.close()


@pytest.fixture
def debugger(attached: Debugger) -> Iterator[Debugger]:
    """Without breakpoints, before and after."""
    yield attached
    stop_in_helper(attached, None)


def stop_in_helper(debugger: Debugger, line: int | None = 2) -> None:
    """A breakpoint in the cell that defines it; None: there is none any more."""
    path = debugger.body("dumpCell", code=HELPER)["sourcePath"]
    breakpoints = [{"line": line}] if line else []
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=breakpoints, sourceModified=False)
    debugger.body("configurationDone")


@pytest.mark.parametrize("how", ["processes 2", "threads 2", "auto", "serial"])
def test_a_breakpoint_in_a_function_is_reached_once_an_iteration(debugger: Debugger, how: str) -> None:
    stop_in_helper(debugger)
    request = debugger.client.kc.execute(CELL.format(how))
    for i in range(3):
        thread = debugger.event("stopped")["body"]["threadId"]
        frame = debugger.frame(thread)
        assert (frame["name"], debugger.locals(frame)) == ("helper", {"i": str(i)})
        debugger.body("continue", threadId=thread)
    ran = debugger.client.finish(request)
    assert ran.result == "[0, 1, 4]"
    assert ["breakpoints" in note for note in notes(ran)] == [True]


def test_a_breakpoint_in_the_cell_sees_the_loop_as_it_is_written(debugger: Debugger) -> None:
    code = CELL.format("processes 2")
    request, thread = debugger.stop_at(code, 4)
    assert debugger.locals(debugger.frame(thread))["out"] == "[]"
    debugger.body("stepIn", threadId=thread)
    thread = debugger.event("stopped")["body"]["threadId"]
    assert debugger.frame(thread)["name"] == "helper"
    path = debugger.body("dumpCell", code=code)["sourcePath"]
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[], sourceModified=False)
    debugger.body("continue", threadId=thread)
    assert debugger.client.finish(request).result == "[0, 1, 4]"


def test_without_breakpoints_it_is_parallel_whatever_is_attached(debugger: Debugger) -> None:
    debugger.body("configurationDone")
    cell = CELL.format("processes 2")
    for _ in range(2):
        ran = debugger.client.run(cell)
        assert (ran.result, notes(ran)) == ("[0, 1, 4]", [])
        assert debugger.client.run(HOW).result == "'processes'"
        stop_in_helper(debugger)
        stop_in_helper(debugger, None)


def test_a_cell_in_the_background_says_that_workers_are_not_debugged(debugger: Debugger) -> None:
    stop_in_helper(debugger)
    ran = debugger.client.run("%%parallel --background processes 2\nys = [i * i for i in range(3)]")
    assert ["not in what other processes compute" in note for note in notes(ran)][:1] == [True]
    assert debugger.client.run("ys").result == "[0, 1, 4]"


def test_a_cell_under_parallel_on_runs_as_it_is_without_a_word(debugger: Debugger) -> None:
    debugger.client.run("%parallel on")
    stop_in_helper(debugger)
    request = debugger.client.kc.execute("[helper(i) for i in range(1)]")
    debugger.body("continue", threadId=debugger.event("stopped")["body"]["threadId"])
    ran = debugger.client.finish(request)
    assert (ran.result, notes(ran)) == ("[0]", [])
    debugger.client.run("%parallel off")


def test_zz_a_debugger_that_has_left_is_forgotten(attached: Debugger) -> None:
    stop_in_helper(attached)
    attached.ask("disconnect", restart=False, terminateDebuggee=False)
    assert notes(attached.client.run(CELL.format("processes 2"))) == []
