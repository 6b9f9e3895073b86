"""The differential table: what it is made of, and how its rows are written down.

A topic is a file of ``table/`` with ``CELLS``: rows ``(name, text, expected kinds[, options])``, most easily written
with `cells`. The kinds are those of the cell's regions in order: "parallel" or a refusal's code. Options:

``told``        what is said on every backend: part of the reason why a loop runs serially after all, or the name that
                could not be brought back or was changed out of sight
``processes``   the same, where it is said on processes only
``interpreters``  the same, where other words are said on interpreters than on processes
``threads``     the same, where it is said on threads only
``serial``      what may be said where both parts run here, beside what is said on processes or threads
``why``         a reason for a refusal that is not in its code
``error``       the error (of sending) that ends the cell on processes
``seed``        needs processes that hash strings alike (PYTHONHASHSEED)
``from``        the first version of Python that has what it is made of, or of the library that is named ("pandas 3")
"""

from __future__ import annotations

import importlib.util
import platform
import re
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent / "table"
HEADER = re.compile(r"^## (.+?) ->(.*)$", re.MULTILINE)

PRELUDE = (TABLE / "prelude.txt").read_text()


@dataclass(frozen=True)
class Row:
    name: str
    text: str
    kinds: list[str]
    options: dict[str, Any] = field(default_factory=dict)


def cells(source: str) -> list[tuple[str, str, list[str], dict[str, Any]]]:
    """Rows from text: each is a line ``## name -> kinds[; option: value]...`` and the cell below it."""
    parts = HEADER.split(source.strip())
    assert not parts[0].strip(), f"text before the first header: {parts[0]!r}"
    found = []
    for name, head, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        kinds, *options = head.split(";")
        pairs = (option.split(":", 1) for option in options)
        found.append((name, text.strip("\n"), kinds.split(), {k.strip(): v.strip() for k, v in pairs}))
    return found


def topics() -> dict[str, list[Row]]:
    """Rows of each file of the table."""
    found = {}
    for path in sorted(TABLE.glob("[a-z]*.py")):
        spec = importlib.util.spec_from_file_location(f"table_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found[path.stem] = [Row(*row) for row in module.CELLS]
    return found


def every_row() -> list[Row]:
    """The whole table, as far as it is Python here; names are unique in it."""
    rows = [row for topic in topics().values() for row in topic if there(row.options.get("from", ""))]
    names = [row.name for row in rows]
    assert len(set(names)) == len(names), {name for name in names if names.count(name) > 1}
    return rows


def there(needs: str) -> bool:
    """Whether this Python, or the library that is named, is of that version or a later one."""
    if not needs:
        return True
    *library, version = needs.split()
    try:
        has = metadata.version(library[0]) if library else platform.python_version()
    except metadata.PackageNotFoundError:
        return False
    return [int(part) for part in has.split(".")[:2]] >= [int(part) for part in version.split(".")]
