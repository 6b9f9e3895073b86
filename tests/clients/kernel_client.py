"""A real jupyter_client that keeps every message, sorted by the request that it belongs to."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

DEADLINE = 30.0
"""Seconds after which a message that does not come is a failure."""


class Ran:
    """What became of one execute_request: the reply, and its iopub messages in order."""

    def __init__(self, reply: dict[str, Any], messages: list[dict[str, Any]]) -> None:
        self.reply = reply["content"]
        self.metadata = reply["metadata"]
        self.messages = messages

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        return [m["content"] for m in self.messages if m["msg_type"] in kinds]

    def text(self, name: str = "stdout") -> str:
        return "".join(c["text"] for c in self.of("stream") if c["name"] == name)

    @property
    def result(self) -> str:
        (content,) = self.of("execute_result")
        return str(content["data"]["text/plain"])

    @property
    def kinds(self) -> list[str]:
        return [m["msg_type"] for m in self.messages]


class Client:
    """A jupyter_client, with iopub messages sorted by the request that they belong to."""

    def __init__(self, manager: KernelManager) -> None:
        self.manager = manager
        self.kc: BlockingKernelClient = manager.client()
        self.kc.start_channels()
        self.kc.wait_for_ready(timeout=DEADLINE)
        self.by_parent: dict[str, list[dict[str, Any]]] = {}
        self.replies: dict[str, dict[str, Any]] = {}

    def next_iopub(self) -> dict[str, Any]:
        message = self.kc.get_iopub_msg(timeout=DEADLINE)
        self.by_parent.setdefault(message["parent_header"].get("msg_id", ""), []).append(message)
        return message

    def wait_iopub(self, request: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message of `request`, seen already or still to come, that is wanted."""
        for message in self.by_parent.get(request, []):
            if wanted(message):
                return message
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            message = self.next_iopub()
            if message["parent_header"].get("msg_id") == request and wanted(message):
                return message
        raise TimeoutError

    def wait_text(self, request: str, text: str) -> None:
        """Until the streams of `request` hold `text`."""
        while text not in self.text_of(request):
            self.next_iopub()

    def text_of(self, request: str) -> str:
        messages = self.by_parent.get(request, [])
        return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream")

    def reply(self, request: str, channel: str = "shell") -> dict[str, Any]:
        get = self.kc.get_shell_msg if channel == "shell" else self.kc.get_control_msg
        while request not in self.replies:
            message = get(timeout=DEADLINE)
            self.replies[message["parent_header"]["msg_id"]] = message
        return self.replies[request]

    def finish(self, request: str) -> Ran:
        """Wait for the reply and the idle status of a request."""
        reply = self.reply(request)
        self.wait_iopub(request, is_idle)
        return Ran(reply, self.by_parent[request])

    def start(self, code: str, **options: Any) -> str:
        """Send code, wait until the kernel says that it is busy with it."""
        request = self.kc.execute(code, **options)
        self.wait_iopub(request, lambda m: m["msg_type"] == "status")
        return request

    def run(self, code: str, **options: Any) -> Ran:
        options.setdefault("allow_stdin", False)
        return self.finish(self.kc.execute(code, **options))

    def send(self, kind: str, content: dict[str, Any], channel: str = "shell") -> str:
        message = self.kc.session.msg(kind, content)
        (self.kc.shell_channel if channel == "shell" else self.kc.control_channel).send(message)
        return str(message["header"]["msg_id"])

    def close(self) -> None:
        self.kc.stop_channels()
        self.manager.shutdown_kernel()


def is_idle(message: dict[str, Any]) -> bool:
    return message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"


def start_client() -> Client:
    manager = KernelManager(kernel_name="paracell")
    manager.start_kernel()
    return Client(manager)
