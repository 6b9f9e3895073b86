"""SIGINT is one KeyboardInterrupt in the user's code, wherever that is, and nothing while idle."""

from __future__ import annotations

import os
import signal

import psutil
import pytest
from kernel_client import Client

WAITS = {
    "sleep": "import time; print('now', flush=True); time.sleep(600)",
    "loop": "print('now', flush=True)\nwhile True: pass",
    "await": "import asyncio; print('now', flush=True); await asyncio.sleep(600)",
    "inner task": (
        "import asyncio\nasync def f(): await asyncio.sleep(600)\n"
        "print('now', flush=True)\nawait asyncio.gather(f(), f())"
    ),
    "loop in an async cell": "import asyncio; await asyncio.sleep(0); print('now', flush=True)\nwhile True: pass",
    "subprocess": "import subprocess; print('now', flush=True); subprocess.run(['sleep', '600'])",
    "lock": "import threading; print('now', flush=True); l = threading.Lock(); l.acquire(); l.acquire()",
    "comm of nobody": "import select; print('now', flush=True); select.select([], [], [])",
}


@pytest.mark.parametrize("code", WAITS.values(), ids=WAITS.keys())
def test_interrupt_reaches_the_cell(shared: Client, code: str) -> None:
    request = shared.kc.execute(code)
    shared.wait_text(request, "now\n")
    shared.manager.interrupt_kernel()
    ran = shared.finish(request)
    assert ran.reply["ename"] == "KeyboardInterrupt"
    assert len(ran.of("error")) == 1
    assert shared.run("1 + 1").result == "2"


# The system may give a signal to any thread, or just before the main thread begins to wait: it ends no wait then.
ELSEWHERE = """\
import signal, sys, threading, time
main = threading.main_thread()
def asleep():
    line = sys._current_frames()[main.ident].f_lineno
    return line == 11 and open(f"/proc/self/task/{main.native_id}/stat").read().split()[2] == "S"
def interrupt():
    while not asleep():
        pass
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)
threading.Thread(target=interrupt).start()
time.sleep(600)
"""


def test_an_interrupt_that_another_thread_gets_is_not_lost(shared: Client) -> None:
    for _ in range(3):
        assert shared.run(ELSEWHERE).reply["ename"] == "KeyboardInterrupt"
    # Whoever takes the handler away for a while does not lose it for good.
    shared.run("import signal\nkept = signal.signal(signal.SIGINT, signal.SIG_IGN)\nsignal.signal(signal.SIGINT, kept)")
    assert shared.run(ELSEWHERE).reply["ename"] == "KeyboardInterrupt"
    assert shared.run("1 + 1").result == "2"


# Python goes on behind a finalizer or a callback, whatever it has raised.
DROPPED = """\
import select, time, weakref
class Thing:
    def __del__(self):
        {}
def wait(_=None):
    print('now', flush=True)
    select.select([], [], [])
thing = Thing()
watcher = weakref.ref(thing, {})
del thing
time.sleep(600)
"""


@pytest.mark.parametrize("finalizer, callback", [("wait()", "None"), ("pass", "wait")], ids=["finalizer", "callback"])
def test_an_interrupt_that_python_drops_is_not_lost(shared: Client, finalizer: str, callback: str) -> None:
    request = shared.kc.execute(DROPPED.format(finalizer, callback))
    shared.wait_text(request, "now\n")
    shared.manager.interrupt_kernel()
    ran = shared.finish(request)
    assert (ran.reply["ename"], len(ran.of("error"))) == ("KeyboardInterrupt", 1)
    assert ran.text("stderr") == ""
    # What the user's own code raises there is said, and ends nothing.
    ran = shared.run("class Thing:\n    def __del__(self): raise KeyboardInterrupt\nThing(); print('on')")
    assert ran.reply["status"] == "ok" and "on" in ran.text() and "KeyboardInterrupt" in ran.text("stderr")


def test_an_interrupts_traceback_ends_in_the_users_code(shared: Client) -> None:
    request = shared.kc.execute("print('now')\nwhile True: pass")
    shared.wait_text(request, "now\n")
    shared.manager.interrupt_kernel()
    assert "interrupts.py" not in "".join(shared.finish(request).reply["traceback"])


def test_interrupt_request_on_control_does_the_same(shared: Client) -> None:
    request = shared.kc.execute(WAITS["sleep"])
    shared.wait_text(request, "now\n")
    answer = shared.send("interrupt_request", {}, "control")
    assert shared.reply(answer, "control")["content"]["status"] == "ok"
    assert shared.finish(request).reply["ename"] == "KeyboardInterrupt"


def test_interrupt_while_idle_is_harmless(shared: Client) -> None:
    for _ in range(3):
        shared.manager.interrupt_kernel()
        assert shared.run("1 + 1").result == "2"


def test_an_interrupt_of_the_process_group_is_one_interrupt_and_workers_live_on(shared: Client) -> None:
    """As a terminal's ctrl-C, and jupyter_client where it started the kernel in a group of its own."""
    parallel = "%%parallel processes 2 --start spawn\ndone = [abs(x) for x in range(4)]"
    assert shared.run(parallel).reply["status"] == "ok"
    pid = shared.manager.provisioner.pid  # type: ignore[union-attr]
    before = workers(pid)
    request = shared.kc.execute(WAITS["subprocess"])
    shared.wait_text(request, "now\n")
    os.killpg(pid, signal.SIGINT)
    ran = shared.finish(request)
    assert (ran.reply["ename"], len(ran.of("error"))) == ("KeyboardInterrupt", 1)
    assert shared.run(parallel).reply["status"] == "ok"
    assert before and before == workers(pid)


def workers(pid: int) -> set[int]:
    """The kernel's worker processes; those that have ended, and are not reaped yet, are none."""
    living = [child for child in psutil.Process(pid).children() if child.status() != psutil.STATUS_ZOMBIE]
    return {child.pid for child in living if "paracell.worker" in " ".join(child.cmdline())}


def test_interrupt_aborts_what_waits(shared: Client) -> None:
    request = shared.kc.execute(WAITS["sleep"])
    behind = shared.kc.execute("ran_anyway = 1")
    shared.wait_text(request, "now\n")
    shared.reply(shared.send("kernel_info_request", {}))  # which is answered at once: what was sent before has arrived
    shared.manager.interrupt_kernel()
    assert shared.finish(request).reply["ename"] == "KeyboardInterrupt"
    assert shared.finish(behind).reply["status"] == "aborted"


def test_interrupt_can_be_caught(shared: Client) -> None:
    request = shared.kc.execute(
        "import time\ntry:\n    print('now', flush=True); time.sleep(600)\n"
        "except KeyboardInterrupt:\n    print('caught')"
    )
    shared.wait_text(request, "now\n")
    shared.manager.interrupt_kernel()
    ran = shared.finish(request)
    assert ran.reply["status"] == "ok" and "caught" in ran.text()


def test_users_own_handler_stays(fresh: Client) -> None:
    fresh.run("import os, signal; got = []; _ = signal.signal(signal.SIGINT, lambda *a: got.append(1))")
    assert fresh.run("os.kill(os.getpid(), signal.SIGINT); got").result == "[1]"


def test_handler_is_installed_where_sigint_was_ignored(jupyter_home: object) -> None:
    from kernel_client import start_client

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        client = start_client()
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        request = client.kc.execute(WAITS["sleep"])
        client.wait_text(request, "now\n")
        os.kill(client.manager.provisioner.process.pid, signal.SIGINT)  # type: ignore[union-attr]
        assert client.finish(request).reply["ename"] == "KeyboardInterrupt"
    finally:
        client.close()
