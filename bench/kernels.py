"""Running kernels and their clients: what a cell costs is what somebody at a notebook waits for."""

from __future__ import annotations

import ast
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import psutil
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel

from .figures import Figure

SECONDS = 300
"""A cell that takes longer has failed."""


class Kernel:
    """A running kernel and its client."""

    def __init__(self, name: str):
        self.manager, self.client = start_new_kernel(kernel_name=name, startup_timeout=120, stderr=subprocess.DEVNULL)

    def close(self) -> None:
        """End it."""
        self.client.stop_channels()
        self.manager.shutdown_kernel()

    def run(self, code: str) -> float:
        """Seconds from request to reply; RuntimeError with the kernel's error if the cell failed."""
        began = time.perf_counter()
        content = self.execute(code)
        seconds = time.perf_counter() - began
        if content["status"] != "ok":
            raise RuntimeError(f"{content.get('ename')}: {content.get('evalue')}")
        return seconds

    def value(self, expression: str) -> Any:
        """The value of an expression, of a kind that has a literal."""
        content = self.execute("", user_expressions={"value": f"({expression})"})
        value = content["user_expressions"]["value"]
        if value["status"] != "ok":
            raise RuntimeError(f"{value.get('ename')}: {value.get('evalue')}")
        return ast.literal_eval(value["data"]["text/plain"])

    def execute(self, code: str, **asked: Any) -> dict[str, Any]:
        """Run a cell, whatever becomes of it: the reply's content."""
        hook = {"allow_stdin": False, "output_hook": lambda message: None}
        content: dict[str, Any] = self.client.execute_interactive(code, timeout=SECONDS, **hook, **asked)["content"]
        return content

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(self.value("__import__('os').getpid()"))

    def cpu(self, code: str) -> tuple[float, float]:
        """(elapsed, CPU) seconds of a cell; CPU time is that of the kernel's process, not of its children."""
        clock = "__import__('time').process_time()"
        before = self.value(clock)
        asking = self.value(clock) - before
        before = self.value(clock)
        elapsed = self.run(code)
        return elapsed, max(0.0, self.value(clock) - before - asking)


def installed(name: str) -> bool:
    """Whether there is a kernel of this name."""
    return name in KernelSpecManager().find_kernel_specs()


_kept: dict[str, list[Kernel]] | None = None


@contextmanager
def opened(name: str) -> Iterator[Kernel]:
    """A new kernel, or inside of `kept` one that nobody uses."""
    kernel = _kept[name].pop() if _kept and _kept.get(name) else Kernel(name)
    try:
        yield kernel
    finally:
        if _kept is None:
            kernel.close()
        else:
            _kept.setdefault(name, []).append(kernel)


@contextmanager
def kept() -> Iterator[None]:
    """Kernels are used again: for figures that do not count, sooner."""
    global _kept
    _kept = {}
    try:
        yield
    finally:
        idle, _kept = _kept, None
        for kernel in (kernel for kernels in idle.values() for kernel in kernels):
            kernel.close()


@contextmanager
def running(kernels: Mapping[str, str]) -> Iterator[dict[str, Kernel]]:
    """A kernel for each name, all at once."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(opened(kernel)) for name, kernel in kernels.items()}


def in_turns(kernels: Mapping[str, Kernel], act: Callable[[str, Kernel], float], repetitions: int) -> dict[str, Figure]:
    """What `act` gives, so many times for each kernel; they take turns, so that other load of the machine meets all."""
    found: dict[str, list[float]] = {name: [] for name in kernels}
    for _ in range(repetitions):
        for name, kernel in kernels.items():
            found[name].append(act(name, kernel))
    return {name: Figure.of(samples) for name, samples in found.items()}
