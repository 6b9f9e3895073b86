"""Subscribers of every speed, with libzmq's sockets and raw ones: everyone gets everything, in order, and nobody waits
for the others."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
import zmq
from hostile import DEADLOCK, GREETING, Raw, frames, message, ready
from jupyter_client.manager import KernelManager
from jupyter_client.session import Session
from kernel_client import Client, Ran, is_idle

LINES = 20_000


class Subscriber:
    """A SUB socket with small queues of its own: what it has not read waits in the kernel."""

    def __init__(self, client: Client, context: zmq.Context[Any]) -> None:
        self.session = Session(key=client.kc.session.key)
        self.socket = context.socket(zmq.SUB)
        self.socket.linger = 0
        self.socket.rcvhwm = 5
        self.socket.rcvbuf = 1 << 16
        self.socket.rcvtimeo = int(DEADLOCK * 1000)
        self.socket.subscribe(b"")
        self.socket.connect(f"tcp://{client.manager.ip}:{client.manager.iopub_port}")
        assert self.receive()["msg_type"] == "iopub_welcome"

    def receive(self) -> dict[str, Any]:
        _, parts = self.session.feed_identities(self.socket.recv_multipart())
        return self.session.deserialize(parts)

    def text_until_idle(self, pause: float, messages: int) -> str:
        """All text until the cell's idle status; `pause` seconds before each of the first `messages` messages."""
        text, count = "", 0
        while True:
            if count < messages:
                time.sleep(pause)  # what it means to be slow
            got = self.receive()
            count += 1
            if got["msg_type"] == "stream":
                text += got["content"]["text"]
            elif got["msg_type"] == "status" and got["content"]["execution_state"] == "idle":
                return text


@pytest.fixture
def context() -> Iterator[zmq.Context[Any]]:
    made = zmq.Context()
    yield made
    made.destroy(linger=0)


def run(client: Client, code: str) -> Ran:
    """As Client.run, but only each message has a deadline: what prints a lot may take its time."""
    request = client.kc.execute(code, allow_stdin=False)
    while not (client.by_parent.get(request) and is_idle(client.by_parent[request][-1])):
        client.next_iopub()
    return client.finish(request)


def memory(client: Client) -> int:
    return psutil.Process(client.manager.provisioner.pid).memory_info().rss  # type: ignore[union-attr]


def stopped(client: Client) -> Raw:
    """A subscriber that has been welcomed and never reads again."""
    raw = Raw(client.manager, "iopub")
    raw.say(GREETING, ready("SUB"), frames([b"\x01"]))
    seen = b""
    while b"iopub_welcome" not in seen:
        seen += raw.socket.recv(1 << 16)
    return raw


def test_flushed_lines_and_idle_reach_everyone_in_order_whatever_the_speed(
    fresh: Client, context: zmq.Context[Any]
) -> None:
    speeds = [(0.0, 0), (0.01, 300), (0.002, 500)]
    subscribers = [Subscriber(fresh, context) for _ in speeds]
    texts: dict[int, str] = {}

    def read(number: int) -> None:
        texts[number] = subscribers[number].text_until_idle(*speeds[number])

    readers = [threading.Thread(target=read, args=(n,)) for n in range(len(speeds))]
    for reader in readers:
        reader.start()
    run(fresh, f"for i in range({LINES}): print(i, flush=True)")
    for reader in readers:
        reader.join()
    expected = "".join(f"{i}\n" for i in range(LINES))
    assert [texts[n] == expected for n in range(len(speeds))] == [True] * len(speeds)


def test_a_million_lines_are_few_messages_and_little_memory(fresh: Client) -> None:
    fresh.run("1")
    before = memory(fresh)
    ran = run(fresh, "for i in range(1_000_000): print(i)")
    assert ran.text() == "".join(f"{i}\n" for i in range(1_000_000))
    assert len(ran.of("stream")) < 10_000
    assert memory(fresh) < before + (64 << 20)


def test_one_that_stops_reading_holds_up_the_printing_thread_not_the_kernel(fresh: Client) -> None:
    """Its queue fills, then print() waits, and can be interrupted. In the end it is given up, and the cell goes on."""
    fresh.run("1")
    before = memory(fresh)
    raw = stopped(fresh)
    running = fresh.start("while True: print('x' * 9_999)")
    got = 0
    while got < 60 << 20:  # all of that waits for the other one
        content = fresh.next_iopub()["content"]
        got += len(content.get("text", ""))
    assert fresh.finish(fresh.kc.kernel_info()).reply["status"] == "ok"
    fresh.manager.interrupt_kernel()
    assert fresh.finish(running).reply["ename"] == "KeyboardInterrupt"
    # 64 MiB wait for it, and malloc keeps some of what others have taken meanwhile.
    held = memory(fresh) - before
    assert held < 144 << 20
    assert len(run(fresh, "for i in range(1_000): print('x' * 9_999)").text()) == 10_000_000
    raw.close()


def test_one_that_leaves_in_the_middle_of_a_large_message(fresh: Client) -> None:
    raw = stopped(fresh)
    shown = fresh.kc.execute("from IPython.display import display\ndisplay({'text/plain': 'y' * 50_000_000}, raw=True)")
    taken = 0
    while taken < 1 << 20:
        taken += len(raw.socket.recv(1 << 16))
    raw.close()
    (display,) = fresh.finish(shown).of("display_data")
    assert len(display["data"]["text/plain"]) == 50_000_000
    assert fresh.run("6 * 7").result == "42"


def test_one_that_comes_late_is_welcomed_and_gets_what_follows(fresh: Client, context: zmq.Context[Any]) -> None:
    running = fresh.start("print(input())", allow_stdin=True)
    fresh.kc.get_stdin_msg(timeout=DEADLOCK)
    late = Subscriber(fresh, context)
    fresh.kc.input("after")
    fresh.finish(running)
    assert late.text_until_idle(0, 0) == "after\n"


EVERYTHING = """
import sys
from comm import create_comm
from IPython.display import clear_output, display, update_display
print(1); print(2, file=sys.stderr); display(3, display_id="d"); update_display(4, display_id="d"); clear_output()
c = create_comm(target_name="t"); c.send(1); c.close()
5
"""


def test_the_welcome_belongs_to_nobody_and_topics_are_ipykernels(
    jupyter_home: object, context: zmq.Context[Any]
) -> None:
    seen = []
    for name in ("python3", "paracell"):
        manager = KernelManager(kernel_name=name)
        manager.start_kernel()
        client = Client(manager)
        session = Session(key=client.kc.session.key)
        subscriber = context.socket(zmq.SUB)
        subscriber.rcvtimeo = int(DEADLOCK * 1000)
        subscriber.subscribe(b"")
        subscriber.subscribe(b"what nobody else wants")  # or ipykernel does not welcome a second subscriber
        subscriber.connect(f"tcp://{manager.ip}:{manager.iopub_port}")
        topics = []
        _, parts = session.feed_identities(subscriber.recv_multipart())
        welcome = session.deserialize(parts)
        assert (welcome["msg_type"], welcome["parent_header"]) == ("iopub_welcome", {})
        for code in (EVERYTHING, "1 / 0"):
            client.run(code)
            idle = False
            while not idle:
                topic, parts = session.feed_identities(subscriber.recv_multipart())
                got = session.deserialize(parts)
                plain = re.sub(rb"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", b"ID", b"|".join(topic))
                if got["msg_type"] != "iopub_welcome":
                    topics.append((plain, got["msg_type"]))
                idle = is_idle(got)
        seen.append(topics)
        client.close()
    assert sorted(seen[1]) == sorted(seen[0])


def test_a_hundred_that_come_and_leave_are_forgotten(fresh: Client) -> None:
    process = psutil.Process(fresh.manager.provisioner.pid)  # type: ignore[union-attr]
    fresh.run("1")
    before = process.num_threads(), process.num_fds()
    for number in range(100):
        raw = Raw(fresh.manager, "iopub")
        raw.say(GREETING, ready("SUB"), frames([b"\x01"]))
        if number % 2:
            raw.socket.recv(1 << 16)
        raw.close()
    for _ in range(1_000):  # the kernel hears of their ends in its own time
        if (process.num_threads(), process.num_fds()) == before:
            break
        fresh.finish(fresh.kc.kernel_info())
    assert (process.num_threads(), process.num_fds()) == before


def test_a_burst_of_ten_thousand_requests_is_answered_in_order(fresh: Client) -> None:
    session = fresh.kc.session
    sent = [message(session, "execute_request", b'{"code": "1", "silent": true}') for _ in range(1_000)]
    burst = [message(session, "kernel_info_request", b"{}") for _ in range(9_000)]
    raw = Raw(fresh.manager, "shell")
    raw.say(GREETING, ready("DEALER"))
    asked = sent + burst
    writer = threading.Thread(target=lambda: raw.say(*(said for _, said in asked)))
    writer.start()
    last = {sent[-1][0], burst[-1][0]}
    while last:
        got = fresh.next_iopub()
        if got["msg_type"] == "status" and got["content"]["execution_state"] == "idle":
            last.discard(got["parent_header"].get("msg_id"))
    writer.join()
    raw.socket.settimeout(DEADLOCK)
    replies = b""
    while replies.count(b"_reply") < len(asked):
        replies += raw.socket.recv(1 << 20)
    places = [replies.index(f'"{request}"'.encode()) for request, _ in sent]
    assert places == sorted(places)
    raw.close()
