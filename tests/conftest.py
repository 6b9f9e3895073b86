"""The kernel of the running environment, installed for these tests alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_client import Client, start_client


@pytest.fixture(scope="session")
def jupyter_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders of our own for Jupyter and IPython, with the kernel of this environment installed as `paracell`."""
    home = tmp_path_factory.mktemp("home")
    subprocess.run(
        [sys.executable, "-m", "paracell", "install", "--prefix", str(home)], check=True, stdout=subprocess.DEVNULL
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(home / "share" / "jupyter"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(home / "runtime"))
        patch.setenv("IPYTHONDIR", str(home / "ipython"))
        os.makedirs(home / "runtime", exist_ok=True)
        yield home


@pytest.fixture(scope="session")
def shared(jupyter_home: Path) -> Iterator[Client]:
    """One kernel for every test that leaves nothing behind that others could see."""
    client = start_client()
    yield client
    client.close()


@pytest.fixture
def fresh(jupyter_home: Path) -> Iterator[Client]:
    """A kernel of the test's own."""
    client = start_client()
    yield client
    client.close()
