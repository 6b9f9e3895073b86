"""What a client sees of a cell, to be compared with and without its first line."""

from __future__ import annotations

import re
from typing import Any

from paracell.line.available import missing

INSIDE = ["interpreters 2"] if missing("interpreters") is None else []
"""Where this Python has them."""
BACKENDS = ["serial", "threads 2", "processes 2", *INSIDE]


def seen(ran: Any) -> list[tuple[Any, ...]]:
    """The messages of a run in order, without what paracell itself says; neighbouring texts of a stream are one."""
    found: list[tuple[Any, ...]] = []
    for message in ran.messages:
        kind, content = message["msg_type"], message["content"]
        if kind in ("status", "execute_input") or "paracell" in content.get("metadata", {}):
            continue
        if kind == "stream":
            if found and found[-1][0] == content["name"]:
                found[-1] = (content["name"], found[-1][1] + content["text"])
            else:
                found.append((content["name"], content["text"]))
        elif kind == "error":
            found.append((kind, content["ename"], content["evalue"]))
        else:
            found.append((kind, *(content.get(part) for part in ("data", "metadata", "transient", "wait"))))
    return [tuple(_unnamed(part) for part in one) for one in found]


def _unnamed(part: Any) -> Any:
    """Each cell has a file name of its own, and objects have addresses."""
    if isinstance(part, str):
        return re.sub(r"ipykernel_\d+/\d+|\b\d{5,}(?=\.py, line)", "<cell>", re.sub(r" at 0x[0-9a-f]+", "", part))
    if isinstance(part, dict):
        return {name: _unnamed(value) for name, value in part.items()}
    return part


def means_the_same(kernel: Any, setup: str, cell: str, backend: str, names: str = "out") -> Any:
    """Assert that `cell` shows and leaves the same with its first line; the parallel run."""
    views = []
    for first in ("# plain", f"%%parallel {backend}"):
        assert (ran := kernel.run("%reset -f\nimport paracell\n" + setup)).reply["status"] == "ok", ran.reply
        ran = kernel.run(f"{first}\n{cell}")
        left = kernel.run(f"repr(({names},))")
        views.append((seen(ran), left.result if left.reply["status"] == "ok" else left.reply["evalue"]))
    assert views[1] == views[0]
    return ran


def ran_on(kernel: Any) -> str:
    """Where the regions of the last parallel cell ran."""
    return kernel.run("[r.ran for r in paracell.last_run().regions]").result
