"""Pythons that have subinterpreters, run beside the one that runs these tests, with what is needed of its packages."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import paracell

ROOT = Path(__file__).resolve().parent.parent.parent
COMPILED = (".so", ".pyd")


def found(version: str) -> str:
    """A Python of this version; skips, saying why, where there is none."""
    pyenv = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{version}.*/bin/python"))
    for python in [sys.executable, shutil.which(f"python{version}"), *map(str, pyenv)]:
        if python and reported(python) == version:
            return python
    if version == "3.14":
        tool = [sys.executable, "tools/python314.py", "target/python3.14"]
        made = subprocess.run(tool, cwd=ROOT, capture_output=True, text=True)
        if made.returncode == 0:
            return str(ROOT / made.stdout.strip())
        pytest.skip(made.stderr.strip().splitlines()[-1])
    pytest.skip(f"there is no python{version} here")


def reported(python: str) -> str:
    code = "import sys, _interpreters, ctypes; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip()


def distributions(name: str, seen: dict[str, importlib.metadata.Distribution]) -> None:
    """`name` and what it requires, into `seen`."""
    if name in seen:
        return
    try:
        seen[name] = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return
    for requirement in seen[name].requires or ():
        if "extra ==" not in requirement:
            distributions(re.split(r"[^\w.-]", requirement)[0], seen)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with paracell and what it requires, as far as that is Python: other Pythons can import it."""
    folder = tmp_path_factory.mktemp("packages")
    seen: dict[str, importlib.metadata.Distribution] = {}
    distributions("paracell", seen)
    seen.pop("paracell", None)
    (folder / "paracell").symlink_to(Path(paracell.__file__).parent)
    for one in seen.values():
        files = one.files or []
        if any(file.suffix in COMPILED for file in files):
            continue
        for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            here = Path(str(one.locate_file(top)))
            if here.exists() and not (folder / top).exists():
                (folder / top).symlink_to(here)
    return folder


@pytest.fixture(scope="session", params=["3.13", "3.14"])
def other(request: pytest.FixtureRequest) -> str:
    """The interpreter of a Python that has subinterpreters."""
    return found(request.param)


@pytest.fixture
def environment(packages: Path) -> dict[str, str]:
    """For what `other` runs."""
    return {**os.environ, "PYTHONPATH": str(packages), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
