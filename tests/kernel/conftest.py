"""This kernel beside ipykernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from compared import Pair


@pytest.fixture(scope="session")
def pair(jupyter_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """For tests that leave nothing behind that others could see."""
    both = Pair(tmp_path_factory.mktemp("pair"))
    yield both
    both.close()


@pytest.fixture(scope="module")
def own(jupyter_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """For the tests of one file, which may change what they like."""
    both = Pair(tmp_path_factory.mktemp("own"))
    yield both
    both.close()
