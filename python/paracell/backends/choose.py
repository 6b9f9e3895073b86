"""The backends of one notebook, made when first asked for."""

from __future__ import annotations

from typing import Any

from paracell.backends.machine import Machine
from paracell.backends.workers import Workers
from paracell.run.job import Backend


class Backends:
    """Holds the backends that were used; what they keep warm lives until `shutdown`."""

    def __init__(self, namespace: dict[str, Any], workers: Workers | None = None) -> None:
        self._namespace = namespace
        self._workers = workers or Workers()
        self.machine = Machine(self._workers)
        """What ``auto`` measures with."""
        self._made: dict[str, Any] = {}

    def choose(self, name: str) -> Backend:
        """The backend called `name`; "auto" (a region for which nothing was chosen) is processes."""
        name = "processes" if name == "auto" else name
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def shutdown(self) -> None:
        """Stop every worker; the next `choose` starts anew."""
        while self._made:
            _, backend = self._made.popitem()
            backend.shutdown()
        self.machine.shutdown()
        self._workers.shutdown()

    def _make(self, name: str) -> Any:
        if name == "processes":
            from paracell.backends.processes import Processes

            made = Processes(self._namespace, self._workers)
            self.machine.sent = made.sent
            return made
        if name == "threads":
            from paracell.backends.threads import Threads

            return Threads()
        if name == "interpreters":
            from paracell.backends.interpreters import Interpreters

            return Interpreters(self._namespace)
        from paracell.backends.serial import Serial

        return Serial()
