"""A living kernel among clients that break the rules: it answers the others, and is afterwards as it was before."""

from __future__ import annotations

import random
import resource
from typing import Any

import psutil
import pytest
from descriptors import descriptors
from hostile import GREETING, Raw, changed, frames, message, odd, ready
from kernel_client import Client, is_idle

ROUNDS = 3_000


class Living:
    """A kernel that is used, and what it holds."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.manager: Any = client.manager
        self.process = psutil.Process(self.manager.provisioner.pid)
        client.run("1")
        client.finish(client.kc.kernel_info())
        self.before = self.held()
        self.memory = self.process.memory_info().rss

    def held(self) -> tuple[int, int]:
        """Threads and sockets."""
        sockets = [name for name in descriptors(self.process.pid) if name.startswith("socket")]
        return self.process.num_threads(), len(sockets)

    def is_as_before(self) -> None:
        """It answers, has forgotten those clients (it hears of that in its own time), and holds no more memory."""
        assert self.client.run("20 + 22").result == "42"
        for _ in range(1_000):
            if self.held() == self.before:
                break
            self.client.finish(self.client.kc.kernel_info())
        assert self.held() == self.before
        assert self.process.memory_info().rss < self.memory + (64 << 20)


@pytest.fixture
def living(fresh: Client) -> Living:
    return Living(fresh)


def ask(client: Client, kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return dict(client.reply(client.send(kind, content, "control"), "control")["content"])


CHANNELS = {"shell": "DEALER", "control": "DEALER", "stdin": "DEALER", "iopub": "SUB", "hb": "REQ"}


def test_thousands_of_changed_messages(living: Living) -> None:
    """Real handshakes and requests with a few bytes changed, on every channel; some leave in the middle."""
    dice = random.Random(1)
    session = living.client.kc.session
    contents = {
        "execute_request": b'{"code": "x = 1"}',
        "comm_msg": b'{"comm_id": "c", "data": {}}',
        "input_reply": b"{}",
    }
    for number in range(ROUNDS):
        channel = dice.choice(list(CHANNELS))
        if channel == "iopub":
            said = frames([b"\x01" + b"status"]) + frames([b"\0status"])
        else:
            kind = dice.choice(list(contents))
            said = message(session, kind, contents[kind])[1]
        whole = GREETING + ready(CHANNELS[channel], b"%d" % number) + said
        start = dice.choice([0, 64, len(whole) - len(said)])
        raw = Raw(living.manager, channel)
        raw.say(whole[:start], changed(whole[start:], dice))
        raw.close()
    living.is_as_before()


def test_signed_requests_that_make_no_sense_are_answered_and_harm_nothing(living: Living) -> None:
    client = living.client
    # What the first sensible question of each kind loads (jedi, the debugger) is no harm.
    client.reply(client.kc.complete("import collec"))
    ask(client, "debug_request", {"type": "request", "seq": 1, "command": "inspectVariables"})
    living.memory = living.process.memory_info().rss
    for channel, request, said in list(odd(client.kc.session)):
        raw = Raw(living.manager, channel)
        assert raw.say(GREETING, ready("DEALER"), said)
        client.wait_iopub(request, is_idle)
        raw.close()
    for name in ask(client, "list_subshell_request", {})["subshell_id"]:
        ask(client, "delete_subshell_request", {"subshell_id": name})
    client.run("1")
    living.before = living.held()[0], living.before[1]  # the control thread, and what debugpy made
    living.is_as_before()


HANDSHAKES = {
    "no ZMTP": b"GET / HTTP/1.1\r\n\r\n",
    "ZMTP 1.0": b"\x01\0" + b"\0" * 62,
    "ZMTP 2.0": b"\xff" + bytes(7) + b"\x01\x7f\x01\x05\0\0" + bytes(50),
    "CURVE": GREETING[:12] + b"CURVE" + bytes(47),
    "PLAIN": GREETING[:12] + b"PLAIN" + bytes(47),
    "unknown mechanism": GREETING[:12] + b"\xff" * 20 + bytes(32),
    "no READY": GREETING + frames([b"hello"]),
    "ERROR": GREETING + b"\x04\x06\x05ERROR",
    "wrong socket": GREETING + ready("PULL"),
    "identity of 300 bytes": GREETING
    + b"\x06"
    + (341).to_bytes(8, "big")
    + b"\x05READY\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\x01\x2c"
    + b"i" * 300,
    "identity of ours": GREETING + ready("DEALER", b"\0\0\0\0\0\0\0\0\1"),
    "a frame of 2^63 bytes": GREETING + ready("DEALER") + b"\x02" + (1 << 63).to_bytes(8, "big"),
    "a frame of -1 bytes": GREETING + ready("DEALER") + b"\x02" + b"\xff" * 8,
    "a command of 2^40 bytes": GREETING + ready("DEALER") + b"\x06" + (1 << 40).to_bytes(8, "big"),
    "a handshake without end": GREETING + b"\x06" + (1 << 20).to_bytes(8, "big"),
    "unknown flags": GREETING + ready("DEALER") + b"\xf0" * 9,
}


@pytest.mark.parametrize("name", HANDSHAKES)
def test_what_cannot_be_understood_is_hung_up_on(shared: Client, name: str) -> None:
    raw = Raw(shared.manager, "shell")
    raw.say(HANDSHAKES[name])
    said = raw.end()
    assert said.startswith(GREETING[:1]) and b"reply" not in said
    assert shared.run("6 * 7").result == "42"


@pytest.mark.parametrize("version", ["3.0", "3.1", "4.7"])
def test_versions_from_3_on_are_spoken(shared: Client, version: str) -> None:
    major, minor = version.split(".")
    raw = Raw(shared.manager, "shell")
    said = message(shared.kc.session, "kernel_info_request", b"{}")[1]
    hello = GREETING[:10] + bytes([int(major), int(minor)]) + GREETING[12:]
    # An empty frame first, as REQ sends it; unknown properties and commands are of no interest.
    more = ready("REQ")[2:] + b"\x07X-Thing\0\0\0\x01x"
    command = b"\x04\x08\x07UNKNOWN"
    assert raw.say(hello, b"\x04", bytes([len(more)]), more, command, b"\x01\0", said)
    got = b""
    while b"kernel_info_reply" not in got:
        got += raw.socket.recv(1 << 16)
    raw.close()


def test_ten_thousand_connections(living: Living) -> None:
    """More than the kernel takes, or than it has descriptors for: cells can still open files, and clients come in."""
    limit = resource.prlimit(living.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(living.process.pid, resource.RLIMIT_NOFILE, (400, limit[1]))
    silent = []
    for number in range(10_000):
        raw = Raw(living.manager, list(CHANNELS)[number % 5])
        if number % 3 == 0:
            raw.say(GREETING[: number % 64])
        if number % 20:
            raw.close()
        else:
            silent.append(raw)
    assert living.client.run("len([open('/dev/null') for _ in range(100)])").result == "100"
    for raw in silent:
        raw.close()
    living.is_as_before()
