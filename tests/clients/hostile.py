"""Clients that break the rules: raw ZMTP, real messages with a few bytes changed, contents that make no sense."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from typing import Any

from jupyter_client.session import Session

DEADLOCK = 60.0
"""Seconds; only turns a deadlock into an error."""

GREETING = b"\xff" + bytes(7) + b"\x01\x7f\x03\x01NULL" + bytes(48)
"""What libzmq says first: ZMTP 3.1, mechanism NULL."""


def ready(kind: str, identity: bytes = b"") -> bytes:
    """A READY command."""
    body = b"\x05READY"
    for name, value in ((b"Socket-Type", kind.encode()), (b"Identity", identity)):
        body += bytes([len(name)]) + name + len(value).to_bytes(4, "big") + value
    return b"\x04" + bytes([len(body)]) + body


def frames(parts: list[bytes]) -> bytes:
    """A message of these frames."""
    last = len(parts) - 1
    return b"".join(b"%c" % (2 | (i < last)) + len(p).to_bytes(8, "big") + p for i, p in enumerate(parts))


class Raw:
    """One tcp connection, as raw as it gets."""

    def __init__(self, manager: Any, channel: str) -> None:
        self.socket = socket.create_connection((manager.ip, getattr(manager, f"{channel}_port")), timeout=DEADLOCK)

    def say(self, *parts: bytes) -> bool:
        """Send; False if the kernel has hung up."""
        try:
            self.socket.sendall(b"".join(parts))
        except ConnectionError:
            return False
        return True

    def end(self) -> bytes:
        """What came until the kernel hung up."""
        got = b""
        try:
            while more := self.socket.recv(1 << 16):
                got += more
        except ConnectionError:
            pass
        self.socket.close()
        return got

    def close(self) -> None:
        self.socket.close()


def changed(data: bytes, dice: random.Random) -> bytes:
    """`data` with a few changes."""
    out = bytearray(data)
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(out) + 1)
        match dice.randrange(7):
            case 0 if at < len(out):
                out[at] ^= 1 << dice.randrange(8)
            case 1 if at < len(out):
                out[at] = dice.randrange(256)
            case 2:
                del out[at : at + dice.randrange(1, 20)]
            case 3:
                out[at:at] = out[at : at + dice.randrange(1, 20)] * dice.randrange(1, 10)
            case 4:
                out[at : at + 8] = dice.choice([2**63, 2**64 - 1, 2**40, 2**31, 255, 0]).to_bytes(8, "big")
            case 5:
                out[at:at] = dice.choice([b"<IDS|MSG>", b"{", b"[" * 50, b'"', b"\\ud800", b"1e999", b"\xff\xfe"])
            case _:
                del out[at:]
    return bytes(out)


def message(session: Session, kind: str, content: bytes, metadata: bytes = b"{}", **header: Any) -> tuple[str, bytes]:
    """A signed message whose content need not make sense: its id, and its frames as they travel."""
    head = {**session.msg_header(kind), **header}
    parts = [session.pack(head), b"{}", metadata, content]
    signed = [b"<IDS|MSG>", session.sign(parts), *parts]
    return head["msg_id"], frames(signed)


EXECUTE: list[bytes] = [
    b"{}",
    b'{"code": 1}',
    b'{"code": null}',
    b'{"code": ["1"]}',
    b'{"code": "\\ud800"}',
    b'{"code": "x = \'\\u0000\'"}',
    b'{"code": "1", "silent": "no", "store_history": [], "allow_stdin": {}}',
    b'{"code": "1", "user_expressions": ["a"]}',
    b'{"code": "1", "user_expressions": {"a": 1, "b": null, "c": "1/0", "d": "\\ud800"}}',
    b'{"code": "1", "user_expressions": "abc"}',
    b'{"code": "1", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"code": "1", "x": ' + b"9" * 10_000 + b"}",
    b'{"code": "1", "x": 1e999}',
    b'{"code": "1", "code": "2"}',
    b'{"code": "' + b"(" * 5_000 + b'"}',
    b'{"code": "%parallel ' + b"x" * 5_000 + b'"}',
]
OTHERS: dict[str, list[bytes]] = {
    "complete_request": [
        b"{}",
        b'{"code": "imp"}',
        b'{"code": "imp", "cursor_pos": -5}',
        b'{"code": "imp", "cursor_pos": 1000000000000000000000}',
        b'{"code": "imp", "cursor_pos": "1"}',
        b'{"code": null, "cursor_pos": null}',
        b'{"code": "\\ud800.", "cursor_pos": 2}',
    ],
    "inspect_request": [b"{}", b'{"code": "x", "cursor_pos": -1}', b'{"code": 3, "detail_level": "x"}'],
    "is_complete_request": [b"{}", b'{"code": null}', b'{"code": "\\ud800"}'],
    "history_request": [
        b"{}",
        b'{"hist_access_type": "none"}',
        b'{"hist_access_type": "tail", "n": "x"}',
        b'{"hist_access_type": "range", "session": 1e99, "start": [], "stop": {}}',
        b'{"hist_access_type": "search", "pattern": 7, "n": -1}',
    ],
    "comm_open": [b"{}", b'{"comm_id": 1}', b'{"comm_id": "a", "target_name": []}', b'{"target_name": "x", "data": 1}'],
    "comm_msg": [b"{}", b'{"comm_id": []}', b'{"comm_id": "nobody", "data": 1}'],
    "comm_close": [b"{}", b'{"comm_id": {}}'],
    "comm_info_request": [b"{}", b'{"target_name": []}', b'{"target_name": 1}'],
    "kernel_info_request": [b"{}", b'{"x": [1e999]}'],
    "connect_request": [b"{}"],
    "no_such_request": [b"{}"],
    "": [b"{}"],
    "_request": [b"{}"],
    "x" * 100_000: [b"{}"],
}
CONTROL: dict[str, list[bytes]] = {
    "interrupt_request": [b"{}", b'{"x": 1}'],
    "usage_request": [b"{}", b'{"x": null}'],
    "create_subshell_request": [b"{}"],
    "list_subshell_request": [b'{"x": 1}'],
    "delete_subshell_request": [b"{}", b'{"subshell_id": []}', b'{"subshell_id": "none"}'],
    "debug_request": [
        b"{}",
        b'{"command": 5}',
        b'{"command": "variables", "arguments": []}',
        b'{"command": "source", "arguments": {"source": {"path": "/dev/zero"}}}',
        b'{"command": "dumpCell", "arguments": "x"}',
        b'{"command": "setBreakpoints", "arguments": null}',
        b'{"command": "richInspectVariables", "arguments": {"variableName": {}}}',
        b'{"command": "attach", "arguments": 7}',
        b'{"command": "no such command", "seq": 1e999}',
        b'{"command": "answer"}',
    ],
}


def odd(session: Session) -> Iterator[tuple[str, str, bytes]]:
    """Signed requests that make no sense: channel, id, and the bytes."""
    for content in EXECUTE:
        yield "shell", *message(session, "execute_request", content)
    for metadata in (b'{"cellId": 1}', b'{"cellId": ["a"]}', b'{"a": ' + b"[" * 2_000 + b"]" * 2_000 + b"}"):
        yield "shell", *message(session, "execute_request", b'{"code": "1"}', metadata)
    for kind, contents in OTHERS.items():
        for content in contents:
            yield "shell", *message(session, kind, content)
    for kind, contents in CONTROL.items():
        for content in contents:
            yield "control", *message(session, kind, content)
    yield "shell", *message(session, "execute_request", b'{"code": "1"}', subshell_id="nobody")
    yield "shell", *message(session, "kernel_info_request", b"{}", date=5, username=[], version=None, more={"a": 1})
