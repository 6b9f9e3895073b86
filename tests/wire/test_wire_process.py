"""The native channels within a process that forks, runs out of descriptors, or publishes faster than a client reads."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq
from jupyter_client.session import Session

from paracell import _native

DEADLOCK = 20_000  # ms; only turns a deadlock into an error
INFO = b'{"status":"ok"}'


class Wire:
    """A native kernel on ipc sockets, with libzmq clients."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / "kernel.json"
        ports = {f"{name}_port": i for i, name in enumerate(("shell", "iopub", "stdin", "control", "hb"), 1)}
        self.ip = str(directory / "k")
        text = {"transport": "ipc", "ip": self.ip, "key": "k", "signature_scheme": "hmac-sha256", **ports}
        self.file.write_text(json.dumps(text))
        self.session = Session(key=b"k")
        self.context = zmq.Context()
        self.kernel = _native.Kernel(str(self.file), INFO)

    def connect(self, kind: int, port: int) -> zmq.Socket[bytes]:
        client = self.context.socket(kind)
        client.linger = 0
        client.rcvtimeo = DEADLOCK
        client.rcvhwm = 0
        client.connect(f"ipc://{self.ip}-{port}")
        return client

    def subscribe(self) -> zmq.Socket[bytes]:
        client = self.connect(zmq.SUB, 2)
        client.subscribe(b"")
        assert self.receive(client)["msg_type"] == "iopub_welcome"
        return client

    def receive(self, client: zmq.Socket[bytes]) -> dict[str, Any]:
        _, frames = self.session.feed_identities(client.recv_multipart())
        return self.session.deserialize(frames)

    def request(self, kind: str, content: dict[str, Any]) -> tuple[zmq.Socket[bytes], _native.Request]:
        client = self.connect(zmq.DEALER, 1)
        self.session.send(client, kind, content)
        assert select.select([self.kernel.request_fd()], [], [], DEADLOCK / 1000)[0]
        request = self.kernel.take_request()
        assert request is not None
        return client, request


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    with pytest.raises(FileNotFoundError):
        _native.Kernel(str(tmp_path / "none"), INFO)  # the log's copy of stderr is made once for the process
    before = len(os.listdir("/proc/self/fd"))
    made = Wire(tmp_path)
    yield made
    made.kernel.stop()
    made.context.destroy()
    del made.kernel
    assert os.listdir(tmp_path) == ["kernel.json"]
    assert len(os.listdir("/proc/self/fd")) <= before


def in_child(work: Callable[[], Any]) -> int:
    """The pid of a forked child that ends with 0 if `work` was true."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = 0 if work() else 2
        finally:
            os._exit(code)
    return pid


def test_request_parts_reply_and_buffers(wire: Wire) -> None:
    client, request = wire.request("comm_info_request", {"target_name": "x"})
    assert (request.channel, request.msg_type, request.session) == ("shell", "comm_info_request", wire.session.session)
    assert json.loads(request.content) == {"target_name": "x"}
    assert request.subshell_id is None and request.buffers == []
    assert wire.kernel.take_request() is None
    assert not select.select([wire.kernel.request_fd()], [], [], 0)[0]
    wire.kernel.reply(
        request, "comm_info_reply", b'{"comms":{}}', b'{"m":1}', [b"abc", bytearray(b"d"), memoryview(b"ef")]
    )
    reply = wire.receive(client)
    assert [bytes(b) for b in reply["buffers"]] == [b"abc", b"d", b"ef"]
    assert reply["metadata"] == {"m": 1}
    assert reply["parent_header"]["msg_id"] == request.msg_id


def test_a_flush_or_a_message_comes_after_the_streams_before_it(wire: Wire) -> None:
    client = wire.subscribe()
    wire.kernel.stream("stdout", "one\n", b'{"msg_id":"1"}')
    wire.kernel.stream("stderr", "two\n", b'{"msg_id":"1"}')
    wire.kernel.publish("display_data", b"{}")
    wire.kernel.stream("stdout", "three\n", b'{"msg_id":"1"}')
    wire.kernel.flush()
    got = [wire.receive(client) for _ in range(4)]
    assert [m["content"].get("text") for m in got] == ["one\n", "two\n", None, "three\n"]


def test_what_cannot_be_bound_or_read_is_an_error_that_names_the_file(wire: Wire, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"k-1.*kernel\.json"):
        _native.Kernel(str(wire.file), INFO)
    with pytest.raises(FileNotFoundError, match=r"missing\.json"):
        _native.Kernel(str(tmp_path / "missing.json"), INFO)
    curve = tmp_path / "kernel.json"
    curve.write_text(json.dumps({**json.loads(curve.read_text()), "curve_secretkey": "x"}))
    with pytest.raises(ValueError, match=r"CURVE"):
        _native.Kernel(str(curve), INFO)


def kernel_sockets(ip: str) -> set[str]:
    """This process's descriptors of the kernel's ends: listeners and accepted connections."""
    lines = Path("/proc/net/unix").read_text().splitlines()
    ours = {f"socket:[{line.split()[6]}]" for line in lines if f"{ip}-" in line}
    found = set()
    for fd in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):
            found.add(os.readlink(f"/proc/self/fd/{fd}"))
    return found & ours


def test_a_forked_child_can_write_and_display_alone_and_keeps_nothing_open(wire: Wire) -> None:
    client = wire.subscribe()
    hold, release = os.pipe()
    assert len(kernel_sockets(wire.ip)) == 6

    def child() -> bool:
        wire.kernel.stream("stdout", "child", b"{}")
        wire.kernel.status("idle", b"{}")
        wire.kernel.publish("error", b"{}")
        wire.kernel.publish("display_data", b'{"child":1}')
        wire.kernel.flush()
        wire.kernel.stop()
        nothing = wire.kernel.take_request() is None and not kernel_sockets(wire.ip)
        os.close(release)
        os.read(hold, 1)
        return nothing

    pid = in_child(child)
    assert wire.receive(client)["content"] == {"name": "stdout", "text": "child"}
    assert wire.receive(client)["content"] == {"child": 1}
    wire.kernel.publish("display_data", b'{"parent":1}')
    assert wire.receive(client)["content"] == {"parent": 1}
    wire.kernel.stop()
    # The child lives, and the address is free: a restarted kernel can have it.
    client.close()
    again = _native.Kernel(str(wire.file), INFO)
    again.stop()
    os.close(release)
    os.close(hold)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


class Alarm(Exception):
    """What the signal handler raises."""


def ring(number: int, frame: Any) -> None:
    raise Alarm


def stuck_subscriber(ip: str) -> socket.socket:
    """A subscriber that has been welcomed and reads no more."""
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(DEADLOCK / 1000)
    client.connect(f"{ip}-2")
    client.sendall(b"\xff" + b"\0" * 8 + b"\x7f\x03\0NULL" + b"\0" * 48)
    client.sendall(b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03SUB" + b"\0\x01\x01")
    seen = b""
    while b'{"subscription":""}' not in seen:
        seen += client.recv(1 << 16)
    return client


def test_a_signal_reaches_a_publisher_that_waits_for_a_slow_client(wire: Wire) -> None:
    slow = stuck_subscriber(wire.ip)
    content = json.dumps({"data": "x" * (1 << 20)}).encode()
    published = 0
    before = signal.signal(signal.SIGALRM, ring)
    try:
        with pytest.raises(Alarm):
            while published < 200:  # more than its queue and its socket hold: publishing has to wait
                if published == 60:
                    signal.setitimer(signal.ITIMER_REAL, 1.0)
                published += 1
                wire.kernel.publish("display_data", content)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    size = 0
    while size < published << 20:  # nothing that was published is lost, the one that was interrupted included
        size += len(slow.recv(1 << 20))
    slow.close()


OUT_OF_DESCRIPTORS = """
import os, resource, socket, sys, time
from paracell import _native
kernel = _native.Kernel(sys.argv[1], b'{"status":"ok"}')
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
clients = [socket.socket(socket.AF_UNIX) for _ in range(4)]
held = []
try:
    while True:
        held.append(os.dup(0))
except OSError:
    pass
used = time.process_time()
for client in clients:
    client.connect(sys.argv[2] + "-1")
time.sleep(1)  # not to synchronise: the time in which a spinning accept loop would burn its CPU
used = time.process_time() - used
for fd in held:
    os.close(fd)
for client in clients:
    client.settimeout(20)
    assert client.recv(10) == b"\\xff" + b"\\0" * 8 + b"\\x7f"
kernel.stop()
assert used < 0.3, used
"""


def test_the_gate_backs_off_without_descriptors_and_recovers(wire: Wire, tmp_path: Path) -> None:
    wire.kernel.stop()
    env = {**os.environ, "PARACELL_LOG": "warn"}
    ran = subprocess.run(
        [sys.executable, "-c", OUT_OF_DESCRIPTORS, str(wire.file), wire.ip], env=env, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert "cannot accept connections" in ran.stderr
