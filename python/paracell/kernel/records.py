"""What cells have shown, as IPython 9 records it for ``%notebook``. IPython records everything, for ever; here the
newest cells' outputs are kept, up to a bound."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CELL = 1 << 20
"""Characters of stream text that are recorded of one cell."""
TOTAL = 16 << 20
"""About how many bytes are recorded of all cells: the oldest are forgotten."""
ERRORS = 1_000
"""So many cells' exceptions are recorded."""
OVERHEAD = 256
"""Bytes of a record beside its text."""


class Records:
    """The bounds of one shell's records."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._sizes: dict[int, int] = {}
        self._total = 0
        self._here = threading.local()

    @property
    def _outputs(self) -> dict[int, list[Any]]:
        # IPython before 9 has no records.
        return getattr(self._shell.history_manager, "outputs", {})

    @contextmanager
    def cell(self, keep: bool) -> Iterator[None]:
        """While a cell runs. What a cell shows that is not in the history is not kept: IPython would take it for the
        next cell's."""
        # What is displayed by a cell that is not in the history is recorded under the number before its own.
        number = self._shell.execution_count
        before = {n: len(self._outputs.get(n, ())) for n in (number - 1, number)}
        outermost = not getattr(self._here, "inside", False)
        self._here.inside = True
        try:
            yield
        finally:
            if outermost:
                self._here.inside = False
                for n, length in before.items():
                    if not keep:
                        self._forget(n, length)
                    self._settle(n)

    @contextmanager
    def tee(self, channel: str) -> Iterator[None]:
        """Record what the cell writes to sys.stdout or sys.stderr, as InteractiveShell._tee does, up to CELL."""
        from IPython.core.history import HistoryOutput

        shell, stream, number = self._shell, getattr(sys, channel), self._shell.execution_count
        original, outputs = stream.write, self._outputs
        kind: Any = "out_stream" if channel == "stdout" else "err_stream"
        room = CELL

        def write(data: str, *args: Any, **kwargs: Any) -> Any:
            nonlocal room
            result = original(data, *args, **kwargs)
            if data and room > 0 and not _shown_otherwise(shell):
                room -= len(data) + OVERHEAD // 4
                records = outputs[number]
                if not records or records[-1].output_type != kind:
                    records.append(HistoryOutput(output_type=kind, bundle={"stream": []}))
                records[-1].bundle["stream"].append(data)
            return result

        stream.write = write
        try:
            yield
        finally:
            stream.write = original

    def _forget(self, number: int, before: int) -> None:
        del self._outputs.get(number, [])[before:]
        if not self._outputs.get(number, True):
            del self._outputs[number]

    def _settle(self, number: int) -> None:
        outputs = self._outputs
        if number in outputs:
            self._total -= self._sizes.pop(number, 0)
            self._sizes[number] = sum(map(_size, outputs[number]))
            self._total += self._sizes[number]
        while self._total > TOTAL:
            oldest = next(iter(self._sizes))
            self._total -= self._sizes.pop(oldest)
            outputs.pop(oldest, None)
        exceptions = getattr(self._shell.history_manager, "exceptions", {})
        while len(exceptions) > ERRORS:
            del exceptions[next(iter(exceptions))]


def _shown_otherwise(shell: Any) -> bool:
    """Whether what is written now is recorded as a display or an error."""
    return shell.display_pub.is_publishing or shell.displayhook.is_active or getattr(shell, "showing_traceback", False)


def _size(record: Any) -> int:
    values = record.bundle.values()
    parts = [part for value in values for part in (value if isinstance(value, list) else [value])]
    return OVERHEAD + sum(len(part) + OVERHEAD // 4 for part in parts if isinstance(part, str | bytes))
