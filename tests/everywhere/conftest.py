"""The kernels of others, with this environment's Python and ``%load_ext paracell``."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager
from kernel_client import Client

LAUNCHERS = {"ipykernel": "ipykernel_launcher", "xeus-python": "xpython_launcher"}


@pytest.fixture(scope="session", params=list(LAUNCHERS))
def theirs(request: pytest.FixtureRequest, jupyter_home: Path) -> Iterator[Client]:
    """A client of somebody else's kernel, in which the extension is loaded."""
    module = LAUNCHERS[request.param]
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{request.param} is not installed here")
    folder = jupyter_home / "share" / "jupyter" / "kernels" / f"other-{request.param}"
    folder.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-m", module, "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": request.param, "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    manager = KernelManager(kernel_name=folder.name)
    manager.start_kernel()
    client = Client(manager)
    client.kind = request.param  # type: ignore[attr-defined]
    loaded = client.run("%load_ext paracell\nimport paracell")
    assert loaded.reply["status"] == "ok", loaded.reply
    yield client
    client.close()
