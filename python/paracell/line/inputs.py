"""The cells that have run, also those that IPython's history has forgotten: ``%reset`` does not undo what they have
done to libraries."""

from __future__ import annotations

from typing import Any


class Inputs:
    """Of one shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._cells: list[str] = []
        self._seen = 0
        """How many of what the history has now are among them."""

    def __call__(self) -> list[str]:
        """All so far, with the one that runs. To be asked before each cell, too."""
        now = getattr(getattr(self._shell, "history_manager", None), "input_hist_parsed", ())
        if len(now) < self._seen:
            self._seen = 0
        self._cells += now[self._seen :]
        self._seen = len(now)
        return self._cells
