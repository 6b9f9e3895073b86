"""IPython's history, written without holding up the next cell.

IPython's saving thread keeps the lock on the list of new inputs while it writes them to the disk, so the next cell
waits for the disk; and it writes, with several syncs, after every cell.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
from typing import Any

from IPython.core import history

GATHER = 0.1
"""Seconds in which what cells add is gathered before it is written."""


class _Batch:
    """The manager as one write sees it: with the entries that were new when it began, which nobody else touches."""

    writeout_cache = history.HistoryManager.writeout_cache
    _writeout_input_cache = history.HistoryManager._writeout_input_cache
    _writeout_output_cache = history.HistoryManager._writeout_output_cache
    db_input_cache_lock = db_output_cache_lock = contextlib.nullcontext()

    def __init__(self, manager: HistoryManager) -> None:
        self._manager = manager
        with manager.db_input_cache_lock:
            self.db_input_cache, manager.db_input_cache = manager.db_input_cache, []
        with manager.db_output_cache_lock:
            self.db_output_cache, manager.db_output_cache = manager.db_output_cache, []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._manager, name)


class HistoryManager(history.HistoryManager):
    """IPython's, but inputs are taken over quickly and written a little later, together."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._writing = threading.Lock()
        self._hurry = threading.Event()
        super().__init__(*args, **kwargs)
        atexit.register(self._hurry.set)

    def writeout_cache(self, conn: Any = None) -> None:
        """Write what is new to the database; when this returns, everything that was there before is written."""
        if threading.current_thread() is self.save_thread:
            self._hurry.wait(GATHER)
        with self._writing:
            _Batch(self).writeout_cache(conn)  # type: ignore[misc]

    def _stop_save_thread(self) -> None:
        """Before a fork, and at the end."""
        self._hurry.set()
        super()._stop_save_thread()
        self._hurry.clear()
