"""``%gui``: loops registered with ipykernel.eventloops run while the kernel is idle."""

from __future__ import annotations

from pathlib import Path

import pytest
from compared import Pair
from kernel_client import Client, start_client
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
def looping(own: Pair) -> Client:
    # Of ours alone: ipykernel's shell goes deaf while such a loop runs, once in some hundred requests.
    own.ours.run(LOOP)
    own.ours.run("%gui mine")
    return own.ours


def test_the_chosen_loop_runs_while_no_request_waits(looping: Client, tmp_path: Path) -> None:
    chosen = looping.run("get_ipython().active_eventloop, get_ipython().kernel.eventloop is loop_mine")
    assert chosen.result == "('mine', True)"
    looping.run("before = len(turns)")
    with told(tmp_path / "told") as path:
        looping.run(f"asked.append({str(path)!r})")
    assert looping.run("len(turns) > before").result == "True"


def test_an_async_cell_goes_first(looping: Client) -> None:
    # ipykernel's loop takes the thread away from the cell, which never ends.
    assert looping.run("import asyncio; await asyncio.sleep(0.05); len(turns) > before").result == "True"


def test_an_interrupt_in_the_loop_leaves_it_chosen(looping: Client) -> None:
    looping.manager.interrupt_kernel()
    assert looping.run("get_ipython().kernel.eventloop is loop_mine").result == "True"


def test_another_is_refused_while_one_is_chosen_and_none_ends_it(looping: Client) -> None:
    assert "multiple GUI eventloops" in looping.run("%gui tk").text("stderr")
    assert "Invalid GUI request" in looping.run("%gui nonesuch").text("stderr")
    looping.run("%gui")
    assert looping.run("get_ipython().kernel.eventloop is None").result == "True"
    before = looping.run("len(turns)").result
    assert looping.run("len(turns)").result == before


def test_asyncio_runs_anyway(looping: Client) -> None:
    assert looping.run("%gui asyncio").reply["status"] == "ok"
    assert looping.run("get_ipython().active_eventloop, get_ipython().kernel.eventloop").result == "('asyncio', None)"


def test_an_error_in_a_loop_ends_it_and_is_shown(looping: Client) -> None:
    request = looping.kc.execute("%gui broken")
    error = looping.wait_iopub(request, lambda m: m["msg_type"] == "error")
    assert error["content"]["ename"] == "ZeroDivisionError"  # ipykernel's goes to its log
    assert looping.run("get_ipython().kernel.eventloop is None").result == "True"


def test_what_the_integration_registers_for_the_end_is_called(jupyter_home: Path, tmp_path: Path) -> None:
    client = start_client()
    client.run(f"import os; os.chdir({str(tmp_path)!r})")
    client.run(LOOP)
    client.run("%gui mine")
    client.close()
    assert (tmp_path / "exit_hook").exists()
