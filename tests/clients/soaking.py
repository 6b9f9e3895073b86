"""A notebook's day in a hurry: every kind of request, mixed, and what the kernel holds meanwhile."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import psutil
import zmq
from descriptors import descriptors
from jupyter_client.manager import KernelManager

DEADLOCK = 120_000
"""Milliseconds after which a message that does not come is a failure."""

SETUP = """
import asyncio, gc, os, subprocess, sys, threading
from IPython.display import HTML, display
import comm
get_ipython().kernel.comm_manager.register_target("soak", lambda c, m: c.on_msg(lambda m: c.send(m["content"]["data"])))
def f(x):
    return x * x
class Node:
    pass
def cycle():
    a, b = Node(), Node()
    a.b, b.a = b, a
"""

# (weight, cell): what one cell in so many looks like. {i} is another number each time, {t} is not.
CELLS: list[tuple[int, str]] = [
    (20, "x = {i}"),
    (20, "print('line', {i})"),
    (8, "for k in range(50): print(k, {i})"),
    (2, "print('x' * 300_000)"),
    (12, "{i} * 2"),
    (6, "display(HTML('<b>{i}</b>'))"),
    (3, "h = display({i}, display_id=True); h.update({i} + 1)"),
    (6, "1 / 0  # {i}"),
    (2, "this is no Python {i}"),
    (2, "raise SystemExit"),
    (4, "await asyncio.sleep(0); print({i})"),
    (3, "task = asyncio.get_event_loop().create_task(asyncio.sleep(0))"),
    (4, "t = threading.Thread(target=print, args=({i},)); t.start(); t.join()"),
    (2, "os.write(1, b'from below {t}\\n')"),
    (1, "_ = subprocess.run(['true'])"),
    (1, "!true"),
    (4, "def g{t}(x):\n    '''Text {i}.'''\n    return x + {i}\ng{t}(1)"),
    (4, "cycle()"),
    (2, "c = comm.create_comm(target_name='none', data=dict(i={i})); c.send(dict(i=1)); c.close()"),
    (2, "from IPython.display import clear_output; clear_output(wait=True)"),
    (1, "%timeit -n 1 -r 1 f({i})"),
    (2, "?f"),
]
PARALLEL = [
    "%%parallel threads 2\nout = [f(x) for x in range(20)]",
    "%%parallel processes 2\nout = [f(x) for x in range(20)]",
    "%%parallel serial\nout = [f(x) for x in range(20)]",
    "%%parallel\nout = []\nfor x in range(20):\n    out.append(f(x))",
    "%%parallel processes 2\nfor x in range(20):\n    print(f(x))",
    "%%parallel processes 2\nfor x in range(20):\n    y = 1 / (10 - x)",
    "%%parallel processes 2\nfor x in range(20):\n    if f(x) > 100:\n        break",
]
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("complete_request", {"code": "os.pa", "cursor_pos": 5}),
    ("inspect_request", {"code": "f", "cursor_pos": 1, "detail_level": 1}),
    ("is_complete_request", {"code": "for x in y:"}),
    ("history_request", {"hist_access_type": "tail", "n": 3, "output": False, "raw": True}),
    ("comm_info_request", {}),
    ("kernel_info_request", {}),
]
CONTROL: list[tuple[str, dict[str, Any]]] = [
    ("kernel_info_request", {}),
    ("usage_request", {}),
    ("list_subshell_request", {}),
    ("debug_request", {"type": "request", "seq": 1, "command": "debugInfo"}),
    ("debug_request", {"type": "request", "seq": 2, "command": "inspectVariables"}),
]
LOOP = "print('looping')\nwhile True: pass"


@dataclass(frozen=True)
class Held:
    """What the kernel holds. `objects`: those that Python's collector knows; `memory`: resident bytes;
    `shared_memory`: segments of shared memory that are mapped."""

    executes: int
    memory: int
    objects: int
    threads: int
    descriptors: int
    children: int
    shared_memory: int

    COUNTS = ("threads", "descriptors", "children", "shared_memory")

    def counts(self) -> dict[str, int]:
        """What must be the same in the end."""
        return {name: getattr(self, name) for name in self.COUNTS}


class Soak:
    """A kernel and a client that keeps asking it for things, at random."""

    def __init__(self, seed: int, history: bool) -> None:
        """`history`: whether cells are kept in IPython's history, as those of a notebook are."""
        self.random = random.Random(seed)
        self.history = history
        self.executes = 0
        self.asked: Counter[str] = Counter()
        self.manager = KernelManager(kernel_name="paracell")
        self.manager.start_kernel()
        self.process = psutil.Process(self.manager.provisioner.pid)  # type: ignore[union-attr]
        self.session = self.manager.session
        self.context = zmq.Context()
        self.shell = self.connect(zmq.DEALER, "shell")
        self.control = self.connect(zmq.DEALER, "control")
        self.stdin = self.connect(zmq.DEALER, "stdin")
        self.iopub = self.connect(zmq.SUB, "iopub")
        assert self.receive(self.iopub)["msg_type"] == "iopub_welcome"
        self.execute([SETUP])
        self.steps: list[tuple[int, Callable[[], None]]] = [
            (700, self.cells),
            (60, self.question),
            (20, self.comm),
            (20, self.on_control),
            (10, self.subshell),
            (10, self.visitor),
            (8, self.interrupt),
            (8, self.input),
            (6, self.parallel),
        ]

    # ------------------------------------------------------------------------------------------------- the wire

    def connect(self, kind: int, channel: str) -> zmq.Socket[bytes]:
        client = self.context.socket(kind)
        client.linger = 0
        client.rcvtimeo = DEADLOCK
        client.rcvhwm = 0
        if kind == zmq.DEALER:
            client.identity = f"soak-{self.random.random()}".encode() if channel == "visitor" else b"soak"
        else:
            client.subscribe(b"")
        port = getattr(self.manager, f"{'shell' if channel == 'visitor' else channel}_port")
        client.connect(f"tcp://{self.manager.ip}:{port}")
        return client

    def send(self, client: zmq.Socket[bytes], kind: str, content: dict[str, Any], **header: Any) -> str:
        message = self.session.msg(kind, content)
        message["header"].update(header)
        self.session.send(client, message)
        return str(message["header"]["msg_id"])

    def receive(self, client: zmq.Socket[bytes]) -> dict[str, Any]:
        _, frames = self.session.feed_identities(client.recv_multipart())
        return self.session.deserialize(frames)

    def until_idle(self, requests: list[str]) -> list[dict[str, Any]]:
        """Read iopub until each of `requests` is idle; what came."""
        waiting, got = set(requests), []
        while waiting:
            message = self.receive(self.iopub)
            got.append(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                waiting.discard(message["parent_header"].get("msg_id"))
        return got

    def ask(self, client: zmq.Socket[bytes], kind: str, content: dict[str, Any], **header: Any) -> dict[str, Any]:
        """One request, its reply's content, and everything on iopub until it is idle."""
        self.asked[kind] += 1
        request = self.send(client, kind, content, **header)
        reply = self.receive(client)
        assert reply["parent_header"]["msg_id"] == request, reply
        self.until_idle([request])
        return dict(reply["content"])

    # ------------------------------------------------------------------------------------------ what is asked for

    def execute(self, codes: list[str], **more: Any) -> list[dict[str, Any]]:
        """Cells one behind the other; their replies' contents."""
        content = {"store_history": self.history, "stop_on_error": False, **more}
        requests = [self.send(self.shell, "execute_request", {"code": code, **content}) for code in codes]
        replies = [self.receive(self.shell)["content"] for _ in requests]
        self.until_idle(requests)
        self.executes += len(codes)
        self.asked["execute_request"] += len(codes)
        return replies

    def cell(self) -> str:
        (cell,) = self.random.choices([c for _, c in CELLS], [w for w, _ in CELLS])
        return cell.replace("{i}", str(self.random.randrange(10**9))).replace("{t}", str(self.random.randrange(9)))

    def cells(self) -> None:
        count = self.random.choice([1, 1, 1, 5, 20, 60])
        stop = self.random.random() < 0.1
        replies = self.execute([self.cell() for _ in range(count)], stop_on_error=stop)
        assert all(r["status"] in ("ok", "error", "aborted") for r in replies)

    def question(self) -> None:
        kind, content = self.random.choice(QUESTIONS)
        assert self.ask(self.shell, kind, content)["status"] in ("ok", "incomplete")

    def comm(self) -> None:
        """A widget's life: opened by the client, a message there and back, closed."""
        name = {"comm_id": f"{self.random.random()}"}
        self.asked["comm_open"] += 1
        opened = ("comm_open", {"target_name": "soak", "data": {}})
        kinds = (opened, ("comm_msg", {"data": {"a": 1}}), ("comm_close", {}))
        sent = [self.send(self.shell, kind, {**name, **content}) for kind, content in kinds]
        assert any(m["msg_type"] == "comm_msg" for m in self.until_idle(sent))

    def on_control(self) -> None:
        self.ask(self.control, *self.random.choice(CONTROL))

    def subshell(self) -> None:
        name = self.ask(self.control, "create_subshell_request", {})["subshell_id"]
        self.ask(self.shell, "execute_request", {"code": "print(1)", "store_history": self.history}, subshell_id=name)
        self.ask(self.control, "delete_subshell_request", {"subshell_id": name})

    def visitor(self) -> None:
        """A client that connects, asks one thing or nothing, and leaves."""
        self.asked["visitors"] += 1
        other, listening = self.connect(zmq.DEALER, "visitor"), self.connect(zmq.SUB, "iopub")
        if self.random.random() < 0.7:
            request = self.send(other, "kernel_info_request", {})
            if self.random.random() < 0.5:
                assert self.receive(other)["msg_type"] == "kernel_info_reply"
            self.until_idle([request])
        other.close()
        listening.close()

    def interrupt(self) -> None:
        running = self.send(self.shell, "execute_request", {"code": LOOP, "store_history": self.history})
        while self.receive(self.iopub)["msg_type"] != "stream":
            pass
        self.asked["interrupt_request"] += 1
        asked = self.send(self.control, "interrupt_request", {})
        assert self.receive(self.shell)["content"]["ename"] == "KeyboardInterrupt"
        assert self.receive(self.control)["content"]["status"] == "ok"
        self.until_idle([running, asked])
        self.executes += 1

    def input(self) -> None:
        self.asked["input_request"] += 1
        running = self.send(self.shell, "execute_request", {"code": "input()", "allow_stdin": True, "silent": True})
        assert self.receive(self.stdin)["msg_type"] == "input_request"
        self.send(self.stdin, "input_reply", {"value": "x"})
        assert self.receive(self.shell)["content"]["status"] == "ok"
        self.until_idle([running])
        self.executes += 1

    def parallel(self) -> None:
        code = self.random.choice(PARALLEL)
        self.asked["%%parallel"] += 1
        (reply,) = self.execute([code])
        assert reply.get("ename", "") == ("ZeroDivisionError" if "1 /" in code else ""), reply

    # -------------------------------------------------------------------------------------------------- counting

    def warm_up(self) -> None:
        """Every kind of request and cell once, so that what is made once has been made."""
        for _, step in self.steps:
            step()
        for kind, content in QUESTIONS:
            self.ask(self.shell, kind, content)
        for kind, content in CONTROL:
            self.ask(self.control, kind, content)
        self.execute([*(c.replace("{i}", "1").replace("{t}", "1") for _, c in CELLS), *PARALLEL])

    def run(self, executes: int) -> None:
        """At least so many more executes."""
        until = self.executes + executes
        steps, weights = [s for _, s in self.steps], [w for w, _ in self.steps]
        while self.executes < until:
            self.random.choices(steps, weights)[0]()

    def value(self, expression: str) -> Any:
        (reply,) = self.execute([""], silent=True, user_expressions={"v": expression})
        return eval(reply["user_expressions"]["v"]["data"]["text/plain"])

    def held(self) -> Held:
        """What the kernel holds now."""
        objects = self.value("(gc.collect(), len(gc.get_objects()))[1]")
        with open(f"/proc/{self.process.pid}/maps") as file:
            maps = file.read()
        # IPython's history opens and closes its files when it likes.
        names = descriptors(self.process.pid)
        return Held(
            self.executes,
            self.process.memory_info().rss,
            objects,
            self.process.num_threads(),
            len([n for n in names if not re.search(r"history\.sqlite", n)]),
            len(self.process.children(recursive=True)),
            len(set(re.findall(r"(\d+) +(?:/memfd:|/dev/shm/)", maps))),
        )

    def settled(self, before: Held) -> Held:
        """What the kernel holds now, once it has heard that clients have left: it does so in its own time."""
        for _ in range(1_000):
            now = self.held()
            if now.counts() == before.counts():
                break
            self.ask(self.shell, "kernel_info_request", {})
        return now

    def close(self) -> None:
        self.context.destroy(linger=0)
        self.manager.shutdown_kernel()


def columns() -> list[str]:
    return [field.name for field in fields(Held)]
