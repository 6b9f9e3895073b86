"""The body does something that only the kernel's main thread can do.

``input()``, magics and ``!commands``, ``await``, ``exec``, ``globals()``.

Use instead: do it before or after the loop."""

from __future__ import annotations

from .base import Refusal


class Forbidden(Refusal):
    code = "forbidden"
    proven = False

    def reason(self) -> str:
        return f"{self.detail}"
