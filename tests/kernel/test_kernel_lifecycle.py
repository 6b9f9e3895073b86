"""Start, shutdown, restart, parent's death, installation."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from kernel_client import Client, is_idle, start_client
from nbclient import NotebookClient
from test_kernel_control import STUCK


def pid_of(client: Client) -> int:
    return int(client.run("import os; os.getpid()").result)


def wait_gone(pid: int) -> None:
    """Until the process has ended (it may be a zombie of someone else)."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    waiting = select.poll()
    waiting.register(fd, select.POLLIN)
    assert waiting.poll(30_000), f"process {pid} still runs"
    os.close(fd)


def test_shutdown_is_answered_runs_exit_handlers_and_leaves_nothing(jupyter_home: Path, tmp_path: Path) -> None:
    client = start_client()
    mark = tmp_path / "mark"
    ran = client.run(
        "import atexit, os, subprocess, sys, threading\n"
        f"atexit.register(open({str(mark)!r}, 'w').write, 'bye')\n"
        "a = subprocess.Popen(['sleep', '600'])\n"
        "stubborn = 'import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(600)'\n"
        "b = subprocess.Popen([sys.executable, '-c', stubborn], stdout=subprocess.PIPE)\n"
        "b.stdout.readline(); threading.Thread(target=threading.Event().wait).start()\n"
        "[os.getpid(), a.pid, b.pid]"
    )
    pids = json.loads(ran.result)
    begin = time.perf_counter()
    request = client.send("shutdown_request", {"restart": False}, "control")
    assert client.reply(request, "control")["content"] == {"status": "ok", "restart": False}
    told = client.wait_iopub(request, lambda m: m["msg_type"] == "shutdown_reply")
    assert told["content"]["restart"] is False
    for pid in pids:
        wait_gone(pid)
    assert time.perf_counter() - begin < 20  # not the time-out of anybody
    assert mark.read_text() == "bye"
    client.close()


def test_shutdown_is_answered_while_c_code_holds_the_gil(jupyter_home: Path) -> None:
    client = start_client()
    client.wait_text(client.kc.execute(STUCK), "here")
    request = client.send("shutdown_request", {"restart": True}, "control")
    assert client.reply(request, "control")["content"] == {"status": "ok", "restart": True}
    assert client.wait_iopub(request, is_idle)
    assert [m["msg_type"] for m in client.by_parent[request]] == ["status", "shutdown_reply", "status"]
    client.kc.stop_channels()
    client.manager.shutdown_kernel(now=True)


def test_restart_keeps_the_connection_file(fresh: Client) -> None:
    fresh.run("x = 1")
    before = pid_of(fresh)
    fresh.manager.restart_kernel()
    fresh.kc.wait_for_ready(timeout=30)
    assert fresh.run("'x' in globals()").result == "False"
    assert pid_of(fresh) != before


@pytest.mark.parametrize("code", ["exit", "import asyncio\nawait asyncio.sleep(0)\nexit()"])
def test_exit_in_a_cell_ends_the_kernel_after_its_reply(jupyter_home: Path, code: str) -> None:
    client = start_client()
    pid = pid_of(client)
    ran = client.run(code)
    assert ran.reply["payload"] == [{"source": "ask_exit", "keepkernel": False}]
    # It is there for a while, for a client that looks whether it is before it reads the reply.
    assert client.run("1 + 1").result == "2"
    wait_gone(pid)
    client.close()


def test_kernel_ends_with_its_parent_even_while_busy(jupyter_home: Path) -> None:
    script = (
        "from kernel_client import start_client, is_idle\nimport sys\n"
        "c = start_client(); print(c.run('import os; os.getpid()').result, flush=True)\n"
        "r = c.kc.execute('import time; print(1, flush=True); time.sleep(600)'); c.wait_text(r, '1')\n"
        "print('busy', flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent / "clients",
        text=True,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert parent.stdout.readline() == "busy\n"
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert parent.stdin is not None
    parent.stdin.close()
    wait_gone(pid)


def test_start_imports_nothing_heavy(fresh: Client) -> None:
    brings = "import IPython.core.interactiveshell, sys; print('jedi' in sys.modules)"  # IPython 8 does
    alone = subprocess.run([sys.executable, "-c", brings], capture_output=True, text=True, check=True).stdout.strip()
    heavy = [
        *(["jedi"] if alone == "False" else []),
        "zmq",
        "tornado",
        "matplotlib",
        "numpy",
        "jupyter_client",
        "psutil",
        "ipykernel.kernelbase",
    ]
    assert fresh.run(f"import sys; [m for m in {heavy} if m in sys.modules]").result == "[]"


@pytest.mark.parametrize("environment", [{}, {"PYTHONFAULTHANDLER": "1"}])
def test_a_crash_is_told_where_the_server_logs(
    jupyter_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    manager = KernelManager(kernel_name="paracell")
    with open(tmp_path / "log", "w") as log:
        manager.start_kernel(stderr=log)
    client = Client(manager)
    pid = pid_of(client)
    client.kc.execute("import ctypes\ndef crash():\n    ctypes.string_at(0)\ncrash()")
    wait_gone(pid)
    told = (tmp_path / "log").read_text()
    assert "Fatal Python error: Segmentation fault" in told
    assert "in crash" in told
    client.close()


def test_traitlets_arguments_and_session_name(jupyter_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "book.ipynb")
    manager = KernelManager(kernel_name="paracell")
    manager.start_kernel(
        extra_arguments=["--HistoryManager.hist_file=:memory:", "--IPKernelApp.exec_lines=z = 9", "--debug"]
    )
    client = Client(manager)
    ran = client.run("(__session__, z, get_ipython().history_manager.hist_file, 'IPKernelApp' in get_ipython().config)")
    assert ran.result == "('book.ipynb', 9, ':memory:', True)"
    client.close()


def test_environment(shared: Client) -> None:
    ran = shared.run("import os; [os.environ[k] for k in ('TERM', 'CLICOLOR', 'FORCE_COLOR', 'PAGER', 'GIT_PAGER')]")
    assert ran.result == "['xterm-color', '1', '1', 'cat', 'cat']"
    assert "matplotlib_inline" in shared.run("os.environ['MPLBACKEND']").result


def test_connect(shared: Client) -> None:
    connect = shared.reply(shared.send("connect_request", {}))["content"]
    assert connect["shell_port"] == shared.kc.shell_port


def test_install_names_this_python(tmp_path: Path) -> None:
    run = [sys.executable, "-m", "paracell", "install", "--prefix", str(tmp_path), "--name", "mine"]
    subprocess.run([*run, "--display-name", "Mine", "--env", "A", "b"], check=True, stdout=subprocess.DEVNULL)
    folder = tmp_path / "share/jupyter/kernels/mine"
    spec = json.loads((folder / "kernel.json").read_text())
    assert spec["argv"] == [sys.executable, "-m", "paracell", "-f", "{connection_file}"]
    assert (spec["display_name"], spec["env"], spec["interrupt_mode"]) == (
        "Mine",
        {"PYTHONHASHSEED": "0", "A": "b"},
        "signal",
    )
    assert (spec["language"], spec["metadata"]["debugger"]) == ("python", True)
    assert (folder / "logo-64x64.png").read_bytes().startswith(b"\x89PNG")
    bad = subprocess.run([*run[:-1], "no/such name"], capture_output=True, text=True)
    assert bad.returncode == 1 and "no/such name" in bad.stderr


def test_version_and_a_broken_connection_file(tmp_path: Path) -> None:
    told = subprocess.run([sys.executable, "-m", "paracell", "--version"], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("paracell ")
    (tmp_path / "k.json").write_text("{")
    run = [sys.executable, "-m", "paracell", "-f", str(tmp_path / "k.json")]
    failed = subprocess.run(run, capture_output=True, text=True, timeout=30)
    assert failed.returncode == 1 and "k.json" in failed.stderr


def test_nbclient_runs_a_notebook(jupyter_home: Path) -> None:
    cells = ["import asyncio\nx = 20", "print('out'); await asyncio.sleep(0); x + 1", "display('shown')"]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    NotebookClient(book, kernel_name="paracell", timeout=30).execute()
    assert [o["output_type"] for o in book.cells[1].outputs] == ["stream", "execute_result"]
    assert book.cells[1].outputs[1]["data"]["text/plain"] == "21"
    assert [c.execution_count for c in book.cells] == [1, 2, 3]


def test_garbage_is_collected_once_the_users_code_runs(fresh: Client) -> None:
    assert fresh.run("import gc; (gc.isenabled(), gc.get_freeze_count())").result == "(True, 0)"
    freed = fresh.run(
        "import weakref\n"
        "class Ring: pass\n"
        "ring = Ring(); ring.itself = ring; gone = weakref.ref(ring)\n"
        "del ring; gc.collect(); gone()"
    )
    assert freed.of("execute_result") == []
