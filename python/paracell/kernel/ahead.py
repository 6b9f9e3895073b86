"""In idle time the kernel imports what its first parallel cell will need, a module at a time.

It begins once the notebook holds code of its own: a kernel that is only open keeps its memory small. No worker is
started ahead: a child that the notebook did not ask for would be met by its ``os.wait()``.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from types import FunctionType, ModuleType
from typing import Any

MODULES = (
    "paracell.cell",
    "paracell.run.runtime",
    "paracell.ship.pickler",
    "paracell.ship.kernel",
    "paracell.backends.processes",
    "paracell.session",
)
"""In an order in which each brings little that is new."""

log = logging.getLogger("paracell")


class Ahead:
    """Prepares one shell's first parallel cell."""

    def __init__(self, loop: asyncio.AbstractEventLoop, shell: Any) -> None:
        self._loop = loop
        self._shell = shell
        self._left = list(MODULES)

    def look(self) -> bool:
        """A cell has been answered: begin if the notebook has code by now. True: it has begun."""
        hidden = self._shell.user_ns_hidden
        values = (value for name, value in self._shell.user_ns.items() if name not in hidden)
        if not any(isinstance(value, (FunctionType, type, ModuleType)) for value in values):
            return False
        self._step()
        return True

    def _step(self) -> None:
        try:
            importlib.import_module(self._left.pop(0))
        except Exception:
            # The first parallel cell meets the same error, and there it is the user's to see.
            log.debug("importing ahead failed", exc_info=True)
            return
        if self._left:
            # Requests that have come in meanwhile go first.
            self._loop.call_later(0, self._step)
