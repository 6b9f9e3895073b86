"""How long a kernel lets its user wait, in milliseconds: from a request to its answer as jupyter_client has it, as
percentiles, for this kernel, ipykernel and (where it is installed) xeus-python. The kernels take turns; the last
column is this kernel's median as a share of ipykernel's."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from queue import Empty
from typing import Any

from ..figures import Figure, Line, Plot, Result, Scale, number
from ..kernels import Kernel, installed, running

TITLE = "Latency of the kernel"
OTHERS = {"python3": "ipykernel", "xpython": "xeus-python"}
REPETITIONS = 100
PATIENCE = 30
"""Seconds without an answer after which a kernel has none, and is restarted."""
TURNS = 10
"""So many turns each kernel takes with a measure at most."""
BUSY = "print('here')\nwhile True: pass"
HELD = "x = 7 ** 4_000_000 % 10 ** 9"
"""C code that keeps the GIL for a second or so."""
UNDER_WAY = 0.2
"""Seconds after which a cell that was sent runs its code."""
SLEEPS = "import time\nprint('here')\ntime.sleep(60)"


def answer(kernel: Kernel, request: str, get: Callable[..., dict[str, Any]] | None = None) -> dict[str, Any]:
    """The answer to a request."""
    get = get or kernel.client.get_shell_msg
    while (message := get(timeout=PATIENCE))["parent_header"].get("msg_id") != request:
        pass
    return message


def begin(kernel: Kernel, code: str) -> str:
    """Start a cell that prints; its request, once it has."""
    request: str = kernel.client.execute(code)
    while True:
        message = kernel.client.get_iopub_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") == request and message["msg_type"] == "stream":
            return request


def ask_control(kernel: Kernel) -> None:
    """Ask for kernel_info on the control channel."""
    message = kernel.client.session.msg("kernel_info_request")
    kernel.client.control_channel.send(message)
    answer(kernel, message["header"]["msg_id"], kernel.client.get_control_msg)


def timed(act: Callable[[], object]) -> float:
    """Milliseconds that `act` takes."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1e3


Measure = Callable[[Kernel], float]


def cell(code: str) -> Measure:
    """The round trip of a cell."""
    return lambda kernel: timed(lambda: kernel.execute(code))


def question(ask: Callable[[Any], str]) -> Measure:
    """A question on the shell channel."""
    return lambda kernel: timed(lambda: answer(kernel, ask(kernel.client)))


def interrupt(code: str) -> Measure:
    """From an interrupt of a cell that runs `code` to the cell's reply."""

    def once(kernel: Kernel) -> float:
        request = begin(kernel, code)

        def stop() -> None:
            kernel.manager.interrupt_kernel()
            content = answer(kernel, request)["content"]
            if content.get("ename") != "KeyboardInterrupt":
                raise RuntimeError(f"an interrupted cell was answered with {content}")

        return timed(stop)

    return once


def control(code: str, endless: bool) -> Measure:
    """kernel_info on control while a cell runs `code`."""

    def once(kernel: Kernel) -> float:
        # A kernel that needs the GIL to say so does not say that C code has begun.
        request = begin(kernel, code) if endless else kernel.client.execute(code)
        time.sleep(UNDER_WAY)
        milliseconds = timed(lambda: ask_control(kernel))
        if endless:
            kernel.manager.interrupt_kernel()
        answer(kernel, request)
        return milliseconds

    return once


REQUESTS: dict[str, tuple[Measure, int]] = {
    "`pass`": (cell("pass"), 1),
    "`1 + 1`": (cell("1 + 1"), 1),
    "an error": (cell("1 / 0"), 2),
    "completion, a module": (question(lambda client: client.complete("import os; os.pa", 16)), 5),
    "completion, a builtin": (question(lambda client: client.complete("pri", 3)), 5),
    "inspection": (question(lambda client: client.inspect("print", 5)), 2),
    "interrupt, a loop": (interrupt(BUSY), 10),
    "interrupt, a sleep": (interrupt(SLEEPS), 10),
    "control, a loop runs": (control(BUSY, endless=True), 10),
    "control, C holds the GIL": (control(HELD, endless=False), 50),
}
"""What is asked, and one in how many of the repetitions it is."""


def measure(scale: Scale) -> Result:
    """Every request of every kernel; the first of each turn is not counted."""
    others = [name for name in OTHERS if installed(name)]
    names = [*others[: scale(2, 1)], "paracell"]
    labels = [OTHERS.get(name, name) for name in names]
    asked = list(REQUESTS.items())[: scale(len(REQUESTS), 3)]
    found: dict[str, list[Figure]] = {}
    with running({name: name for name in names}) as kernels:
        for kernel in kernels.values():
            kernel.execute("import os")
            kernel.execute("1 / 0")
        for title, (act, divisor) in asked:
            count = max(1, scale(REPETITIONS, 1) // divisor)
            turns = min(TURNS, -(-count // 4))
            times: dict[str, list[float]] = {name: [] for name in names}
            silent: set[str] = set()
            for _ in range(turns):
                for name, kernel in kernels.items():
                    if name not in silent:
                        try:
                            times[name] += [act(kernel) for _ in range(1 + -(-count // turns))][1:]
                        except (Empty, RuntimeError, TimeoutError):
                            silent.add(name)
                            kernel.manager.restart_kernel(now=True)
                            kernel.client.wait_for_ready(timeout=120)
            # Nothing is longer than any time: a kernel that did not answer has that for a figure.
            found[title] = [Figure.of([math.inf] if name in silent else times[name]) for name in names]
    rows = []
    for title, figures in found.items():
        ratio = figures[-1].median / figures[0].median
        told = f"{ratio:.2f}x" if math.isfinite(ratio) and ratio > 0 else "none"
        rows.append([title, *map(percentiles, figures), told])
    places = range(len(found))
    gap = 0.18
    lines = [
        Line(
            f"{label} (p50 to p99)",
            [figures[at].median for figures in found.values()],
            [place + gap * (at - (len(labels) - 1) / 2) for place in places],
            [figures[at].median for figures in found.values()],
            [figures[at].percentile(0.99) for figures in found.values()],
        )
        for at, label in enumerate(labels)
    ]
    titles = [title.replace("`", "") for title in found]
    plot = Plot("latency", "From a request to its answer", "ms", "", lines, log_x=True, labels=titles)
    summary = [
        (f"the kernel's answer to {title} (p50 / p90 / p99)", f"{percentiles(found[title][-1])} ms")
        for title in list(found)[:1]
    ]
    return Result(["ms (p50 / p90 / p99)", *labels, "ratio"], rows, plot, summary)


def percentiles(figure: Figure) -> str:
    """p50, p90 and p99."""
    if math.isinf(figure.median):
        return "no answer"
    return " / ".join(number(figure.percentile(share), figure.median) for share in (0.5, 0.9, 0.99))
