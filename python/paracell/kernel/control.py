"""connect and usage requests."""

from __future__ import annotations

import json
import os
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paracell.kernel.facade import Kernel

Content = dict[str, Any]


def connect(kernel: Kernel, content: Content) -> Content:
    """https://jupyter-client.readthedocs.io/en/stable/messaging.html#connect"""
    with open(kernel.connection_file, encoding="utf-8") as file:
        info = json.load(file)
    ports = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")
    return {"status": "ok", **{name: info[name] for name in ports if name in info}}


_processes: dict[int, Any] = {}


def usage(kernel: Kernel, content: Content) -> Content:
    """CPU (percent) and memory (bytes) of the kernel with its children; only host and pid without psutil."""
    reply: Content = {"status": "ok", "hostname": socket.gethostname(), "pid": os.getpid()}
    try:
        import psutil
    except ImportError:
        return {**reply, "cpu_count": os.cpu_count()}
    mine = psutil.Process()
    # cpu_percent() measures since its last call on the same object, so the objects are kept.
    now = {p.pid: _processes.get(p.pid, p) for p in (mine, *mine.children(recursive=True))}
    _processes.clear()
    _processes.update(now)
    cpu, memory = 0.0, 0
    for process in now.values():
        try:
            cpu += process.cpu_percent()
            memory += process.memory_info().rss
        except psutil.Error:  # it has just ended
            continue
    virtual = psutil.virtual_memory()._asdict()
    host = {"host_cpu_percent": psutil.cpu_percent(), "cpu_count": psutil.cpu_count(), "host_virtual_memory": virtual}
    return {**reply, "kernel_cpu": cpu, "kernel_memory": memory, **host}
