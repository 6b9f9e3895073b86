"""A debugging session, as JupyterLab leads it:
https://jupyter-client.readthedocs.io/en/stable/messaging.html#debug-request"""

from __future__ import annotations

from typing import Any

from kernel_client import Client, is_idle


class Debugger:
    """One client's debugging session."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.sequence = 0
        self.events: list[dict[str, Any]] = []
        self.seen = 0

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        self.sequence += 1
        message = {"type": "request", "seq": self.sequence, "command": command, "arguments": arguments}
        request = self.client.send("debug_request", message, "control")
        reply = self.client.reply(request, "control")["content"]
        self.client.wait_iopub(request, is_idle)
        assert (reply["type"], reply["request_seq"]) == ("response", self.sequence) or command == "copyToGlobals"
        return dict(reply)

    def body(self, command: str, **arguments: Any) -> dict[str, Any]:
        reply = self.ask(command, **arguments)
        assert reply["success"], str(reply)
        return dict(reply.get("body") or {})

    def start(self) -> None:
        self.body("initialize", clientID="test", adapterID="", pathFormat="path", linesStartAt1=True)
        self.body("attach")

    def stop_at(self, code: str, line: int) -> tuple[str, int]:
        """Run `code` until it stops at `line`; the request, and the thread."""
        path = self.body("dumpCell", code=code)["sourcePath"]
        found = self.body("setBreakpoints", source={"path": path}, breakpoints=[{"line": line}], sourceModified=False)
        assert [b["line"] for b in found["breakpoints"]] == [line]
        self.body("configurationDone")
        request = self.client.kc.execute(code)
        return request, self.event("stopped")["body"]["threadId"]

    def event(self, name: str) -> dict[str, Any]:
        """The next event of this name."""

        def events() -> list[dict[str, Any]]:
            everything = [m for messages in self.client.by_parent.values() for m in messages]
            return [m["content"] for m in everything if m["msg_type"] == "debug_event"]

        while True:
            new = [e for e in events() if e not in self.events and e["event"] == name]
            if new:
                self.events.append(new[0])
                return new[0]
            self.client.next_iopub()

    def frame(self, thread: int) -> dict[str, Any]:
        return dict(self.body("stackTrace", threadId=thread)["stackFrames"][0])

    def locals(self, frame: dict[str, Any]) -> dict[str, str]:
        scope = self.body("scopes", frameId=frame["id"])["scopes"][0]
        variables = self.body("variables", variablesReference=scope["variablesReference"])["variables"]
        return {v["name"]: v["value"] for v in variables}
