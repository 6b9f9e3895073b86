"""Output belongs to the cell that started what writes it, also after that cell has ended."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from compared import Pair
from kernel_client import Client

IMPORTS = (
    "import asyncio, ctypes, io, logging, os, subprocess, sys, threading, weakref\n"
    "from concurrent.futures import ThreadPoolExecutor\n"
    "from multiprocessing.pool import ThreadPool\n"
    "from IPython.display import clear_output, display\n"
    "executor, pool = ThreadPoolExecutor(1), ThreadPool(1)\n"
    "executor.submit(int).result(); pool.apply(int)\n"  # their threads start here
    "def late(): go.wait(); print('late')\n"
)
THREAD = "go = threading.Event(); t = threading.Thread(target={}); t.start()"
JOIN = "go.set(); t.join()"
RESULT = "go = threading.Event(); f = {}"
# From Python 3.12 on a process that has threads is warned of forks.
FORKS = "import warnings; warnings.filterwarnings('ignore', 'This process')\n"


@dataclass
class Case:
    """Two cells: what the first has started writes while the second runs."""

    first: str
    second: str
    wanted: tuple[str, ...] = ("late\n",)
    """What the first cell shows: text of streams, or kinds of messages."""
    peer: bool = False
    """Whether ipykernel says the same. If not, it shows this in the second cell, or not at all."""


CASES = {
    "thread": Case(THREAD.format("late"), JOIN),
    "thread of a thread": Case(
        "def outer():\n    inner = threading.Thread(target=late); inner.start(); inner.join()\n"
        + THREAD.format("outer"),
        JOIN,
    ),
    "timer": Case("go = threading.Event(); t = threading.Timer(0, late); t.start()", JOIN),
    "display": Case(THREAD.format("lambda: go.wait() and display(1)"), JOIN, ("display_data",)),
    "updated display": Case(
        "h = display('a', display_id=True)\n" + THREAD.format("lambda: go.wait() and h.update('b')"),
        JOIN,
        ("display_data", "update_display_data"),
    ),
    "cleared output": Case(THREAD.format("lambda: go.wait() and clear_output(wait=True)"), JOIN, ("clear_output",)),
    "log record": Case(THREAD.format("lambda: go.wait() and logging.warning('late')"), JOIN, ("WARNING:root:late\n",)),
    "executor": Case(RESULT.format("executor.submit(late)"), "go.set(); f.result()"),
    "executor of asyncio": Case(
        RESULT.format("asyncio.get_running_loop().run_in_executor(executor, late)"), "go.set(); await f; None"
    ),
    "callback of a future": Case(
        RESULT.format("executor.submit(lambda: go.wait())") + "; f.add_done_callback(lambda f: print('late'))",
        "go.set(); executor.shutdown(); executor = ThreadPoolExecutor(1)",
    ),
    "thread pool": Case(RESULT.format("pool.apply_async(late)"), "go.set(); f.get()"),
    "mapped by a thread pool": Case(RESULT.format("pool.map_async(lambda i: late(), [1])"), "go.set(); f.get(); None"),
    "iterator of a thread pool": Case(RESULT.format("pool.imap(lambda i: late(), [1])"), "go.set(); list(f); None"),
    "callback of a thread pool": Case(
        "done = threading.Event()\n"
        + RESULT.format("pool.apply_async(lambda: go.wait(), callback=lambda r: (print('late'), done.set()))"),
        "go.set(); done.wait(); None",
    ),
    "task": Case(
        "go = asyncio.Event()\nasync def wait(): await go.wait(); print('late')\nt = asyncio.create_task(wait())",
        "go.set(); await t",
        peer=True,
    ),
    "to_thread": Case(
        "go = threading.Event(); t = asyncio.create_task(asyncio.to_thread(late))", "go.set(); await t", peer=True
    ),
    "call_later": Case(
        "loop = asyncio.get_running_loop(); f = loop.create_future()\n"
        "_ = loop.call_later(0.1, lambda: (print('late'), f.set_result(1)))",
        "await f; None",
        peer=True,
    ),
    "callback of an asyncio future": Case(
        "f = asyncio.get_running_loop().create_future(); f.add_done_callback(lambda f: print('late'))",
        "f.set_result(1); await asyncio.sleep(0); None",
        peer=True,
    ),
    "reader": Case(
        "loop = asyncio.get_running_loop(); f = loop.create_future(); r, w = os.pipe()\n"
        "loop.add_reader(r, lambda: (print('late'), loop.remove_reader(r), f.set_result(1)))",
        "_ = os.write(w, b'x'); await f; None",
        peer=True,
    ),
    "fork": Case(
        FORKS + "r, w = os.pipe(); pid = os.fork()\nif pid == 0:\n    os.read(r, 1); print('late'); os._exit(0)",
        "_ = os.write(w, b'x'), os.waitpid(pid, 0)",
        peer=True,
    ),
    "display of a fork": Case(
        FORKS
        + "r, w = os.pipe(); pid = os.fork()\nif pid == 0:\n    os.read(r, 1); display('x' * 100_000); os._exit(0)",
        "_ = os.write(w, b'x'), os.waitpid(pid, 0)",
        ("display_data",),
    ),
    "subprocess": Case(
        "p = subprocess.Popen(['sh', '-c', 'read x; echo late; echo bad >&2'], stdin=subprocess.PIPE)",
        "_ = p.communicate(b'x\\n')",
        ("late\n", "bad\n"),
    ),
    "subprocess of asyncio": Case(
        "p = await asyncio.create_subprocess_exec('sh', '-c', 'read x; echo late', stdin=subprocess.PIPE)",
        "_ = await p.communicate(b'x\\n')",
    ),
}


def outline(client: Client, request: str) -> list[str]:
    """The text of each stream, and kinds of other messages."""
    messages = client.by_parent.get(request, [])
    kinds = [m["msg_type"] for m in messages]
    contents = [m["content"] for m in messages if m["msg_type"] == "stream"]
    texts = ["".join(c["text"] for c in contents if c["name"] == name) for name in ("stdout", "stderr")]
    uninteresting = ("status", "execute_input", "execute_result", "stream")
    return [*filter(None, texts), *(kind for kind in kinds if kind not in uninteresting)]


def both_cells(client: Client, case: Case) -> tuple[list[str], list[str]]:
    requests = []
    for code in (case.first, case.second):
        requests.append(client.kc.execute(code))
        assert client.finish(requests[-1]).reply["status"] == "ok"
    client.run("pass")  # what came late is in front of this
    return outline(client, requests[0]), outline(client, requests[1])


@pytest.fixture(scope="module")
def prepared(own: Pair) -> Pair:
    for ran in own.run(IMPORTS):
        assert ran.reply["status"] == "ok"
    return own


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_comes_late_is_shown_by_the_cell_that_started_it(prepared: Pair, case: Case) -> None:
    first, second = both_cells(prepared.ours, case)
    assert sorted(first) == sorted(case.wanted)
    assert second == []
    first, second = both_cells(prepared.theirs, case)
    assert (sorted(first) == sorted(case.wanted)) == case.peer


def test_what_a_librarys_processes_say_is_shown_by_the_cell_that_runs(prepared: Pair) -> None:
    named = THREAD.format("late").replace("target", "name='ray_print_logs', target")
    for client in prepared.clients.values():
        first, second = both_cells(client, Case(named, JOIN))
        assert (first, second) == ([], ["late\n"])


def test_a_descriptor_that_the_user_has_replaced_is_what_subprocesses_inherit(shared: Client) -> None:
    ran = shared.run(
        "import os, subprocess, tempfile\n"
        "with tempfile.TemporaryFile() as f:\n"
        "    before = os.dup(1); os.dup2(f.fileno(), 1)\n"
        "    subprocess.run(['echo', 'into the file'])\n"
        "    os.dup2(before, 1); os.close(before); f.seek(0); print(f.read())"
    )
    assert ran.text() == "b'into the file\\n'\n"


def test_after_stdout_was_replaced_and_restored_output_has_the_right_parent(pair: Pair) -> None:
    pair.run("import io, sys; old = sys.stdout; sys.stdout = io.StringIO()")
    ours, theirs = pair.run("sys.stdout = old; print('here')")
    assert (ours.text(), theirs.text()) == ("here\n", "")  # ipykernel's stream has not heard of the second cell


def test_pipes_of_subprocesses_are_closed_when_the_last_of_them_has_ended(shared: Client) -> None:
    count = "import gc, os; gc.collect(); len(os.listdir('/proc/self/fd'))"
    before = int(shared.run(count).result)
    for _ in range(5):
        shared.run("import subprocess; subprocess.run(['true'])")
    assert int(shared.run(count).result) <= before + 2  # the last one's may be read yet
