"""The same cells through this kernel and through ipykernel, and what a client sees of them, made comparable."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager
from kernel_client import Client, Ran

NAMES = {"python3": "ipykernel", "paracell": "paracell"}

# What differs from run to run, or names the kernel itself.
DIFFERS = [
    (re.compile(r"\x1b\[[0-9;]*m"), ""),
    (re.compile(r"0x[0-9a-fA-F]{6,}"), "0x…"),
    (re.compile(r"(Ran \d+ tests? in) [\d.]+s"), r"\1 …s"),
    (re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"/tmp/ipykernel_\d+/\d+\.py"), "<cell>"),
    (re.compile(r"\bIPY_MODEL_[0-9a-f]{32}\b"), "<model>"),
]


def plain(text: str) -> str:
    """Text without colours, addresses and identifiers."""
    for pattern, instead in DIFFERS:
        text = pattern.sub(instead, text)
    return text


def _one(message: dict[str, Any]) -> tuple[Any, ...] | None:
    kind, content = message["msg_type"], message["content"]
    if kind == "stream":
        return kind, content["name"], content["text"]
    if kind in ("display_data", "update_display_data", "execute_result"):
        text = content["data"].get("text/plain", "")
        known = bool(content.get("transient", {}).get("display_id"))
        return kind, tuple(sorted(content["data"])), plain(str(text)), tuple(sorted(content["metadata"])), known
    if kind == "error":
        return kind, content["ename"], plain(content["evalue"])
    if kind == "clear_output":
        return kind, content["wait"]
    if kind == "comm_open":
        state = content["data"].get("state", {}) if isinstance(content["data"], dict) else {}
        buffers = len(message["buffers"])
        return kind, content["target_name"], state.get("_model_name"), tuple(sorted(state)), buffers
    if kind == "comm_msg":
        data = content["data"]
        state = data.get("state", {}) if isinstance(data, dict) else {}
        return (
            kind,
            data.get("method") if isinstance(data, dict) else data,
            tuple(sorted(state)),
            len(message["buffers"]),
        )
    if kind == "comm_close":
        return (kind,)
    return None


def portrait(ran: Ran) -> list[tuple[Any, ...]]:
    """What a client sees of a cell: the messages in order, neighbouring stream text joined, and the reply."""
    seen: list[tuple[Any, ...]] = []
    for message in ran.messages:
        one = _one(message)
        if one is None:
            continue
        if one[0] == "stream" and seen and seen[-1][:2] == one[:2]:
            one = (*one[:2], seen.pop()[2] + one[2])
        seen.append(one)
    seen = [(*one[:2], plain(one[2])) if one[0] == "stream" else one for one in seen]
    payload = tuple(p["source"] for p in ran.reply.get("payload", []))
    return [*seen, ("reply", ran.reply["status"], ran.reply.get("ename"), payload)]


class Pair:
    """A kernel of each kind, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.clients: dict[str, Client] = {}
        for kernel, name in NAMES.items():
            place = folder / name
            place.mkdir()
            manager = KernelManager(kernel_name=kernel)
            manager.start_kernel(cwd=str(place))
            self.clients[name] = Client(manager)
        self.ours, self.theirs = self.clients["paracell"], self.clients["ipykernel"]

    def run(self, code: str, **options: Any) -> tuple[Ran, Ran]:
        """What becomes of a cell: ours, theirs."""
        return self.ours.run(code, **options), self.theirs.run(code, **options)

    def same(self, code: str, **options: Any) -> Ran:
        """Run a cell in both, which must look the same; ours."""
        ours, theirs = self.run(code, **options)
        mine, wanted = ([f"{part}\n" for part in portrait(ran)] for ran in (ours, theirs))
        if mine != wanted:
            raise AssertionError(f"{code}\n" + "".join(difflib.unified_diff(wanted, mine, "ipykernel", "paracell")))
        return ours

    def topic(self, cells: str, *shows: str) -> None:
        """Run cells, separated by lines of ``# ---``, in both: they must look the same, and ours must show these."""
        seen = "".join(str(portrait(self.same(code))) for code in cells.split("\n# ---\n"))
        for text in shows:
            assert text in seen, f"{text!r} is not in {seen}"

    def close(self) -> None:
        for client in self.clients.values():
            client.close()
