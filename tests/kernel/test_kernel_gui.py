"""``%gui``: loops registered with ipykernel.eventloops run while the kernel is idle."""

from __future__ import annotations

from pathlib import Path

import pytest
from compared import Pair
from kernel_client import start_client
from told import told

LOOP = """
import os, time
from ipykernel import eventloops
turns, asked = [], []
@eventloops.register_integration("mine")
def loop_mine(kernel):
    stream = eventloops.get_shell_stream(kernel)
    while not stream.flush(limit=1):
        turns.append(1); time.sleep(kernel._poll_interval)
        while asked:
            with open(asked.pop(), "w") as told: told.write("turned")
@loop_mine.exit
def ended(kernel): open("exit_hook", "w").close()
@eventloops.register_integration("broken")
def loop_broken(kernel): 1/0
"""


@pytest.fixture(scope="module")
def looping(own: Pair) -> Pair:
    own.same(LOOP)
    own.same("%gui mine")
    return own


def test_the_chosen_loop_runs_while_no_request_waits(looping: Pair, tmp_path: Path) -> None:
    looping.same("get_ipython().active_eventloop, get_ipython().kernel.eventloop is loop_mine")
    looping.same("before = len(turns)")
    for client in looping.clients.values():
        with told(tmp_path / "told") as path:
            client.run(f"asked.append({str(path)!r})")
    assert looping.same("len(turns) > before").result == "True"


def test_an_async_cell_goes_first(looping: Pair) -> None:
    # ipykernel's loop takes the thread away from the cell, which never ends.
    assert looping.ours.run("import asyncio; await asyncio.sleep(0.05); len(turns) > before").result == "True"


def test_an_interrupt_in_the_loop_leaves_it_chosen(looping: Pair) -> None:
    looping.ours.manager.interrupt_kernel()
    assert looping.ours.run("get_ipython().kernel.eventloop is loop_mine").result == "True"


def test_another_is_refused_while_one_is_chosen_and_none_ends_it(looping: Pair) -> None:
    assert "multiple GUI eventloops" in looping.same("%gui tk").text("stderr")
    assert "Invalid GUI request" in looping.ours.run("%gui nonesuch").text("stderr")
    looping.same("%gui")
    assert looping.same("get_ipython().kernel.eventloop is None").result == "True"
    before = looping.ours.run("len(turns)").result
    assert looping.ours.run("len(turns)").result == before


def test_asyncio_runs_anyway(looping: Pair) -> None:
    assert looping.ours.run("%gui asyncio").reply["status"] == "ok"
    assert (
        looping.ours.run("get_ipython().active_eventloop, get_ipython().kernel.eventloop").result == "('asyncio', None)"
    )


def test_an_error_in_a_loop_ends_it_and_is_shown(looping: Pair) -> None:
    request = looping.ours.kc.execute("%gui broken")
    error = looping.ours.wait_iopub(request, lambda m: m["msg_type"] == "error")
    assert error["content"]["ename"] == "ZeroDivisionError"  # ipykernel's goes to its log
    assert looping.ours.run("get_ipython().kernel.eventloop is None").result == "True"


def test_what_the_integration_registers_for_the_end_is_called(jupyter_home: Path, tmp_path: Path) -> None:
    client = start_client()
    client.run(f"import os; os.chdir({str(tmp_path)!r})")
    client.run(LOOP)
    client.run("%gui mine")
    client.close()
    assert (tmp_path / "exit_hook").exists()
