"""Control is answered while C code holds the GIL, for as long as it likes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq
from kernel_client import Client, is_idle, start_client

STUCK = """
import ctypes
mutex, c = ctypes.create_string_buffer(64), ctypes.PyDLL(None)
_ = c.pthread_mutex_lock(mutex)
print("here", flush=True)
c.pthread_mutex_lock(mutex)
"""
"""C code that keeps the GIL for ever, whatever signals come."""


@pytest.fixture(scope="module")
def stuck(jupyter_home: Path) -> Iterator[Client]:
    client = start_client()
    client.wait_text(client.kc.execute(STUCK), "here")
    yield client
    client.kc.stop_channels()
    client.manager.shutdown_kernel(now=True)


def ask(client: Client, kind: str, **content: Any) -> dict[str, Any]:
    """The reply's content; between busy and idle."""
    request = client.send(kind, content, "control")
    reply = client.reply(request, "control")
    assert reply["msg_type"] == kind.replace("_request", "_reply")
    client.wait_iopub(request, is_idle)
    states = [m["content"].get("execution_state") for m in client.by_parent[request]]
    assert (states[0], states[-1]) == ("busy", "idle")
    return dict(reply["content"])


def test_what_the_kernel_is_and_where(stuck: Client) -> None:
    assert ask(stuck, "kernel_info_request")["implementation"] == "paracell"
    assert ask(stuck, "connect_request")["shell_port"] == stuck.kc.shell_port


def test_subshells(stuck: Client) -> None:
    name = ask(stuck, "create_subshell_request")["subshell_id"]
    assert ask(stuck, "list_subshell_request")["subshell_id"] == [name]
    assert ask(stuck, "delete_subshell_request", subshell_id=name)["status"] == "ok"
    assert ask(stuck, "delete_subshell_request", subshell_id=name)["status"] == "error"


def test_the_debugger_as_far_as_it_needs_no_python(stuck: Client) -> None:
    def debug(command: str, **arguments: Any) -> dict[str, Any]:
        message = {"type": "request", "seq": 1, "command": command, "arguments": arguments}
        return dict(ask(stuck, "debug_request", **message)["body"])

    assert debug("debugInfo")["isStarted"] is False
    path = debug("dumpCell", code="x = 1\n")["sourcePath"]
    assert debug("source", source={"path": path})["content"] == "x = 1\n"


def test_the_heart_beats(stuck: Client) -> None:
    with zmq.Context() as context, context.socket(zmq.REQ) as heart:
        heart.linger = 0
        heart.connect(f"tcp://{stuck.manager.ip}:{stuck.manager.hb_port}")
        heart.send(b"are you there?")
        assert heart.poll(30_000)
        assert heart.recv() == b"are you there?"


def test_usage(stuck: Client) -> None:
    first, second = (ask(stuck, "usage_request") for _ in range(2))
    assert first["pid"] == stuck.manager.provisioner.process.pid  # type: ignore[union-attr]
    assert second["kernel_memory"] > 10_000_000
    assert second["cpu_count"] > 0 and second["hostname"]


def test_zz_interrupts(stuck: Client) -> None:
    assert ask(stuck, "interrupt_request")["status"] == "ok"
