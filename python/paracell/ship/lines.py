"""Worker side: the lines of a cell, as warnings and tracebacks show them. They ask ``linecache``, which workers start
without: what it is to know waits until somebody loads it."""

from __future__ import annotations

import sys
from typing import Any

from .after_import import AfterImport

Entry = tuple[int, None, "list[str]", str]


class Lines:
    """The cells of one worker."""

    def __init__(self) -> None:
        self._waiting: dict[str, Entry] = {}
        if "linecache" not in sys.modules:
            sys.meta_path.insert(0, AfterImport({"linecache": self._loaded}))

    def show(self, filename: str, text: str) -> None:
        """`text` is what stands in a file that there is only in the notebook."""
        self._put(filename, text.splitlines(keepends=True))

    def show_part(self, filename: str, first: int, text: str) -> None:
        """The same for some lines of such a file, from number `first` on."""
        module = sys.modules.get("linecache")
        known = self._waiting.get(filename) or getattr(module, "cache", {}).get(filename)
        lines = list(known[2]) if known is not None else []
        new = text.splitlines(keepends=True)
        lines += ["\n"] * (first - 1 + len(new) - len(lines))
        lines[first - 1 : first - 1 + len(new)] = new
        self._put(filename, lines)

    def _put(self, filename: str, lines: list[str]) -> None:
        self._waiting[filename] = (sum(map(len, lines)), None, lines, filename)
        module = sys.modules.get("linecache")
        if hasattr(module, "cache"):  # else its hook comes
            self._loaded(module)

    def _loaded(self, module: Any) -> None:
        module.cache.update(self._waiting)
        self._waiting.clear()
