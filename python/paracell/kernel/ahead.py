"""In idle time the kernel imports what its first parallel cell and its first error will need, a module at a time.

The first begins as soon as the kernel waits: between its start and the first request of a client that connects as
Jupyter's do lies a fifth of a second, and all that a first cell imports fits into it. Errors need twice as much time
and memory; what is for them begins once the notebook holds code of its own, and has been quiet for a moment: cells that
follow each other do not wait for it. No worker is started ahead: a child that the notebook did not ask for would be met
by its ``os.wait()``.
"""

from __future__ import annotations

import importlib
import itertools
import logging
from collections import deque
from functools import partial
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from paracell.kernel import tracebacks

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

MODULES = (
    "paracell.attributes",
    "paracell.cell",
    "hashlib",
    "paracell.run.streams",
    "paracell.run.alias",
    "paracell.run.callbacks",
    "paracell.run.region",
    "paracell.run.runtime",
    "paracell.ship.pickler",
    "paracell.ship.items",
    "paracell.ship.kernel",
    "paracell.run.guard",
    "paracell.backends.processes",
    "paracell.cellrun",
    "paracell.session",
    "paracell.forked",
)
"""In an order in which each brings little that is new: a request that comes in meanwhile waits for one of them."""

QUIET = 0.2
"""Seconds without a cell after which what errors need is imported."""

log = logging.getLogger("paracell")


class Ahead:
    """Prepares one shell's first parallel cell and first error."""

    def __init__(self, loop: asyncio.AbstractEventLoop, shell: Any, idle: Callable[[], bool]) -> None:
        """`idle`: whether neither a cell runs nor a request waits."""
        self._loop = loop
        self._shell = shell
        self._idle = idle
        self._left = _imports(MODULES)
        self._then = _imports(tracebacks.MODULES)
        # Last: a traceback looks at the files of all modules that are new.
        self._then.append(partial(tracebacks.rehearse, shell))
        self._seen: str | None = None
        self._has_code = False
        self._next: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """The kernel waits for its first request."""
        self._after(0)

    def look(self) -> bool:
        """A cell has been answered and nothing waits. True: this need not be called any more."""
        self._has_code = self._has_code or self._new_code()
        if self._left:
            self._after(0)
        elif self._has_code:
            self._after(QUIET)
        return not (self._left or self._then)

    def _after(self, seconds: float) -> None:
        if self._next is not None:
            self._next.cancel()
        self._next = self._loop.call_later(seconds, self._step)

    def _new_code(self) -> bool:
        names, hidden = self._shell.user_ns, self._shell.user_ns_hidden
        # Namespaces grow at their end, by some names with every cell; those before were looked at after earlier cells.
        new = list(itertools.takewhile(lambda name: name != self._seen, reversed(names)))
        self._seen = new[0] if new else self._seen
        return any(isinstance(names[name], (FunctionType, type, ModuleType)) for name in new if name not in hidden)

    def _step(self) -> None:
        if not self._idle():
            return  # it goes on after the cell
        first = bool(self._left)
        steps = self._left if first else self._then
        try:
            steps.popleft()()
        except Exception:
            # The first parallel cell, or error, meets it again, and there it is the user's to see.
            log.debug("importing ahead failed", exc_info=True)
            steps.clear()
        if self._left or (self._then and not first):
            self._after(0)
        elif self._then and self._has_code:
            self._after(QUIET)


def _imports(modules: tuple[str, ...]) -> deque[Callable[[], object]]:
    return deque(partial(importlib.import_module, name) for name in modules)
