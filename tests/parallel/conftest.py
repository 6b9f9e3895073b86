"""One kernel for the cells of this folder, apart from that of the kernel's own tests, which register callbacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel_client import Client, start_client

pytest.register_assert_rewrite("same")


@pytest.fixture(scope="session")
def started(jupyter_home: Path) -> Iterator[Client]:
    client = start_client()
    yield client
    client.close()


@pytest.fixture
def kernel(started: Client) -> Client:
    """A kernel with an empty namespace and no defaults of an earlier test."""
    ran = started.run("%reset -f\n%parallel auto\nimport paracell")
    assert ran.reply["status"] == "ok", ran.reply
    return started
