"""How the kernel is started: arguments, configuration, environment, connection files, parents."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zmq
from compared import NAMES
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.manager import KernelManager
from kernel_client import Client

MODULES = {"python3": "ipykernel_launcher", "paracell": "paracell"}
both = pytest.mark.parametrize("kernel", NAMES)


@contextmanager
def started(kernel: str, *arguments: str, **options: Any) -> Iterator[Client]:
    """A kernel started through its kernelspec."""
    manager = KernelManager(kernel_name=kernel, **options.pop("manager", {}))
    manager.start_kernel(extra_arguments=list(arguments), **options)
    client = Client(manager)
    try:
        yield client
    finally:
        client.close()


@contextmanager
def run_raw(command: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A kernel started by hand."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def connected(file: str | Path) -> BlockingKernelClient:
    client = BlockingKernelClient(connection_file=str(file))
    client.load_connection_file()
    client.start_channels(hb=False)  # which is for dead kernels, not for slow ones
    client.wait_for_ready(timeout=30)
    return client


def evaluate(client: BlockingKernelClient, expression: str) -> str:
    reply = client.execute("", silent=True, user_expressions={"x": expression}, reply=True, timeout=30)
    return str(reply["content"]["user_expressions"]["x"]["data"]["text/plain"])


@both
@pytest.mark.parametrize("option", ["-f {}", "-f={}", "--f={}", "--IPKernelApp.connection_file={}"])
def test_started_by_hand_with_a_connection_file(jupyter_home: Path, tmp_path: Path, kernel: str, option: str) -> None:
    file, _ = write_connection_file(str(tmp_path / "kernel.json"))
    with run_raw([sys.executable, "-m", MODULES[kernel], *option.format(file).split(" ")]):
        client = connected(file)
        assert evaluate(client, "6 * 7") == "42"
        client.shutdown()
        client.stop_channels()


def test_started_by_hand_it_writes_a_connection_file_and_says_how_to_connect(jupyter_home: Path) -> None:
    with run_raw([sys.executable, "-u", "-m", "paracell"]) as process:
        assert process.stdout is not None
        name = next(line for line in process.stdout if "--existing" in line).split()[-1]
        file = jupyter_home / "runtime" / name
        client = connected(file)
        assert evaluate(client, "6 * 7") == "42"
        client.shutdown()
        client.stop_channels()
        assert process.wait(30) == 0
        assert not file.exists()


@both
def test_configuration_files_startup_files_and_arguments(jupyter_home: Path, tmp_path: Path, kernel: str) -> None:
    profile = tmp_path / "ip" / "profile_default"
    (profile / "startup").mkdir(parents=True)
    (profile / "startup" / "00-first.py").write_text("from_startup = 1")
    (profile / "startup" / "01-second.ipy").write_text("%env FROM_IPY=2")
    (profile / "ipython_config.py").write_text("c.InteractiveShellApp.exec_lines = ['from_config = 3']")
    (profile / "ipython_kernel_config.py").write_text(
        "c.IPKernelApp.extensions = ['storemagic']\nc.InteractiveShell.ast_node_interactivity = 'all'"
    )
    env = {**os.environ, "IPYTHONDIR": str(tmp_path / "ip"), "JPY_SESSION_NAME": "a/b.ipynb"}
    arguments = ["--HistoryManager.hist_file=:memory:", "--IPCompleter.use_jedi=False", "--debug"]
    with started(kernel, *arguments, env=env) as client:
        ran = client.run("from_startup, _exit_code if 0 else __import__('os').environ['FROM_IPY'], from_config")
        assert ran.result == "(1, '2', 3)"
        assert len(client.run("1\n2").of("execute_result")) == 2
        ran = client.run("ip = get_ipython(); ip.history_manager.hist_file, ip.Completer.use_jedi, __session__")
        assert ran.result == "(':memory:', False, 'a/b.ipynb')"
        assert client.run("'IPKernelApp' in ip.config, ip.config.IPKernelApp.extensions").result == (
            "(True, ['storemagic'])"
        )


@both
def test_another_profile(jupyter_home: Path, tmp_path: Path, kernel: str) -> None:
    startup = tmp_path / "profile_other" / "startup"
    startup.mkdir(parents=True)
    (startup / "first.py").write_text("from_startup = 'other'")
    with started(kernel, "--profile=other", env={**os.environ, "IPYTHONDIR": str(tmp_path)}) as client:
        assert client.run("from_startup, get_ipython().profile").result == "('other', 'other')"


@both
def test_the_environment_is_ipykernels_and_keeps_what_the_user_set(jupyter_home: Path, kernel: str) -> None:
    env = {**os.environ, "MPLBACKEND": "agg", "MINE": "1", "PYTHONWARNINGS": "ignore"}
    names = ["TERM", "CLICOLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PAGER", "GIT_PAGER", "MPLBACKEND", "MINE"]
    with started(kernel, env=env) as client:
        ran = client.run(f"import os; [os.environ[name] for name in {names}]")
        assert ran.result == "['xterm-color', '1', '1', '1', 'cat', 'cat', 'agg', '1']"
        assert client.run(f"[name for name in {sorted(env)} if name not in os.environ]").result == "[]"


@both
def test_files_beside_the_notebook_do_not_stand_for_the_standard_library(
    jupyter_home: Path, tmp_path: Path, kernel: str
) -> None:
    names = ["random", "queue", "logging", "select", "uuid", "asyncio", "IPython", "typing"]
    if kernel == "paracell":
        names += [
            "dataclasses",
            "enum",
            "json",
            "signal",
            "re",
            "fnmatch",
            "pickle",
            "subprocess",
            "inspect",
            "traceback",
        ]
    for name in names:
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('not me')")
    (tmp_path / "mine.py").write_text("x = 5")
    with started(kernel, cwd=str(tmp_path)) as client:
        assert client.run("import random, queue, mine; mine.x").result == "5"
        assert client.run("import sys; sys.path.index('') > 0").result == "True"
        if kernel == "paracell":
            ran = client.run("%%parallel processes\nys = [mine.x + i for i in range(4)]")
            assert ran.reply["status"] == "ok", ran.text("stderr")
            assert client.run("ys").result == "[5, 6, 7, 8]"


@both
@pytest.mark.parametrize("scheme", ["hmac-sha224", "hmac-sha512"])
def test_other_signature_schemes(jupyter_home: Path, tmp_path: Path, kernel: str, scheme: str) -> None:
    file, _ = write_connection_file(str(tmp_path / "kernel.json"), key=b"secret", signature_scheme=scheme)
    with run_raw([sys.executable, "-m", MODULES[kernel], "-f", file]):
        client = connected(file)
        assert evaluate(client, "1 + 1") == "2"
        client.shutdown()
        client.stop_channels()


@both
def test_an_empty_key_signs_nothing(jupyter_home: Path, tmp_path: Path, kernel: str) -> None:
    file, _ = write_connection_file(str(tmp_path / "kernel.json"), key=b"")
    with run_raw([sys.executable, "-m", MODULES[kernel], "-f", file]):
        client = connected(file)
        assert evaluate(client, "1 + 1") == "2"
        client.shutdown()
        client.stop_channels()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"signature_scheme": "hmac-md5"}, "use hmac-sha256"),
        ({"curve_publickey": "x" * 40, "curve_secretkey": "y" * 40}, "CURVE"),
        ({"transport": "udp"}, "udp"),
        ({"shell_port": "many"}, "not a Jupyter connection file"),
    ],
)
def test_what_cannot_be_served_is_an_error_that_says_so(tmp_path: Path, wrong: dict[str, Any], says: str) -> None:
    file, _ = write_connection_file(str(tmp_path / "kernel.json"), key=b"secret")
    Path(file).write_text(json.dumps({**json.loads(Path(file).read_text()), **wrong}))
    run = [sys.executable, "-m", "paracell", "-f", file]
    failed = subprocess.run(run, capture_output=True, text=True, timeout=30, check=False)
    assert failed.returncode == 1
    assert failed.stderr.startswith("paracell: cannot start: ")
    assert says in failed.stderr


@both
def test_ipc(jupyter_home: Path, tmp_path: Path, kernel: str) -> None:
    with started(kernel, manager={"transport": "ipc", "ip": str(tmp_path / "k")}) as client:
        assert client.run("1 + 1").result == "2"
        assert client.reply(client.send("connect_request", {}))["content"]["shell_port"] == client.kc.shell_port
        app = "__import__('ipykernel.kernelapp').kernelapp.IPKernelApp.instance()"
        assert client.run(f"{app}.transport, {app}.shell_port").result == f"('ipc', {client.kc.shell_port})"
    assert list(tmp_path.iterdir()) == []


@both
def test_a_peer_that_comes_back_under_its_identity_takes_the_answers(jupyter_home: Path, kernel: str) -> None:
    with started(kernel) as client:
        context = zmq.Context.instance()
        client.run("1")
        answers = []
        for _ in range(2):
            peer = context.socket(zmq.DEALER)
            peer.linger = 0
            peer.identity = b"the same"
            peer.connect(f"tcp://127.0.0.1:{client.kc.shell_port}")
            client.kc.session.send(peer, "kernel_info_request", {})
            assert peer.poll(30_000)
            answers.append(peer.recv_multipart())  # the first is left open
        assert len(answers) == 2
        context.destroy(linger=0)


def test_the_death_of_a_parent_that_started_it_through_a_wrapper_is_left_to_the_wrapper(
    jupyter_home: Path, tmp_path: Path
) -> None:
    # JPY_PARENT_PID names a process that is not the parent: in a container, a number of another pid namespace.
    file, _ = write_connection_file(str(tmp_path / "kernel.json"))
    with subprocess.Popen(["sleep", "600"]) as other:
        env = {**os.environ, "JPY_PARENT_PID": str(other.pid)}
        with run_raw([sys.executable, "-m", "paracell", "-f", file], env=env):
            client = connected(file)
            other.kill()
            other.wait()
            assert evaluate(client, "1 + 1") == "2"
            client.shutdown()
            client.stop_channels()


@pytest.fixture
def gates(tmp_path: Path) -> dict[str, Path]:
    """A kernel that starts waits until each of these is opened for writing: in the import of IPython, and in a startup
    file, when it can run code."""
    startup = tmp_path / "ip" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    found = {name: tmp_path / name for name in ("import", "startup")}
    for gate in found.values():
        os.mkfifo(gate)
    (startup / "wait.py").write_text(f"open({str(found['startup'])!r}).close()")
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Gate:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'IPython':\n"
        "            sys.meta_path.remove(self)\n"
        f"            open({str(found['import'])!r}).close()\n"
        "sys.meta_path.insert(0, Gate())\n"
    )
    return found


@contextmanager
def held_up(gates: dict[str, Path]) -> Iterator[Client]:
    home = gates["import"].parent
    with started("paracell", env={**os.environ, "PYTHONPATH": str(home), "IPYTHONDIR": str(home / "ip")}) as client:
        yield client


@pytest.mark.parametrize("while_it", ["import", "startup"])
def test_a_cell_that_comes_while_the_kernel_starts_is_busy_at_once_and_can_be_interrupted(
    jupyter_home: Path, gates: dict[str, Path], while_it: str
) -> None:
    with held_up(gates) as client:
        if while_it == "startup":
            open(gates["import"], "w").close()
        cell = client.start("while True: pass")
        client.reply(client.send("interrupt_request", {}, "control"), "control")
        if while_it == "import":
            open(gates["import"], "w").close()
        open(gates["startup"], "w").close()
        ran = client.finish(cell)
        assert ran.reply["ename"] == "KeyboardInterrupt"
        assert [m["content"].get("execution_state") for m in ran.messages if m["msg_type"] == "status"] == [
            "busy",
            "idle",
        ]
        assert client.run("1").result == "1"


def test_an_interrupt_while_the_kernel_starts_and_no_cell_waits_is_harmless(
    jupyter_home: Path, gates: dict[str, Path]
) -> None:
    with held_up(gates) as client:
        client.reply(client.send("interrupt_request", {}, "control"), "control")
        open(gates["import"], "w").close()
        with open(gates["startup"], "w"):  # waits until the kernel has come so far
            cell = client.start("1")
        assert client.finish(cell).result == "1"
