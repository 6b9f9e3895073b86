"""In idle time the kernel imports what its first error and its first parallel cell will need, a module at a time.

It begins once the notebook holds code of its own: a kernel that is only open keeps its memory small. No worker is
started ahead: a child that the notebook did not ask for would be met by its ``os.wait()``.
"""

from __future__ import annotations

import asyncio
import importlib
import itertools
import logging
from functools import partial
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from paracell.kernel import tracebacks

if TYPE_CHECKING:
    from collections.abc import Callable

MODULES = (
    "paracell.cell",
    "paracell.run.runtime",
    "paracell.ship.pickler",
    "paracell.ship.kernel",
    "paracell.backends.processes",
    "paracell.session",
    "paracell.forked",
    "paracell.cell.reasons",
)
"""In an order in which each brings little that is new."""

log = logging.getLogger("paracell")


class Ahead:
    """Prepares one shell's first error and first parallel cell."""

    def __init__(self, loop: asyncio.AbstractEventLoop, shell: Any) -> None:
        self._loop = loop
        self._shell = shell
        self._left: list[Callable[[], object]] = [
            *(partial(importlib.import_module, name) for name in (*tracebacks.MODULES, *MODULES)),
            # Last: a traceback looks at the files of all modules that are new.
            partial(tracebacks.rehearse, shell),
        ]
        self._seen: str | None = None

    def look(self) -> bool:
        """A cell has been answered: begin if the notebook has code by now. True: it has begun."""
        names, hidden = self._shell.user_ns, self._shell.user_ns_hidden
        # Namespaces grow at their end, by some names with every cell; those before were looked at after earlier cells.
        new = list(itertools.takewhile(lambda name: name != self._seen, reversed(names)))
        self._seen = new[0] if new else self._seen
        if not any(isinstance(names[name], (FunctionType, type, ModuleType)) for name in new if name not in hidden):
            return False
        self._step()
        return True

    def _step(self) -> None:
        try:
            self._left.pop(0)()
        except Exception:
            # The first parallel cell meets the same error, and there it is the user's to see.
            log.debug("importing ahead failed", exc_info=True)
            return
        if self._left:
            # Requests that have come in meanwhile go first.
            self._loop.call_later(0, self._step)
