"""The backends of one notebook, made when first asked for."""

from __future__ import annotations

from typing import Any

from paracell.run.job import Backend


class Backends:
    """Holds the backends that were used; what they keep warm lives until `shutdown`."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._made: dict[str, Any] = {}

    def choose(self, name: str) -> Backend:
        """The backend called `name`; "auto" is processes."""
        name = "processes" if name == "auto" else name
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def shutdown(self) -> None:
        """Stop every worker; the next `choose` starts anew."""
        while self._made:
            _, backend = self._made.popitem()
            backend.shutdown()

    def _make(self, name: str) -> Any:
        if name == "processes":
            from paracell.backends.processes import Processes

            return Processes(self._namespace)
        if name == "threads":
            from paracell.backends.threads import Threads

            return Threads()
        from paracell.backends.serial import Serial

        return Serial()
