"""Notebooks of two cells: what was run before, and a parallel cell. In ``notebooks/``, a topic a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "notebooks"
HEADER = re.compile(r"^## (.+?)(?: \[not (.+)\])?$", re.MULTILINE)


class Notebook(NamedTuple):
    name: str
    without: tuple[str, ...]
    """Backends on which the row says nothing: there is a reason in the row."""
    before: str
    cell: str


def notebooks() -> list[Notebook]:
    """Every row; names are unique."""
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        parts = HEADER.split(path.read_text())
        for name, without, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            before, cell = text.split("\n%%parallel\n")
            backends = tuple((without or "").split())
            found.append(Notebook(f"{path.stem}: {name}", backends, before.strip() + "\n", cell.strip() + "\n"))
    assert len({row.name for row in found}) == len(found)
    return found
