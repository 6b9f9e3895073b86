"""A form that paracell does not take apart (yet): ``async for``, a generator that is stored for later, ...

Use instead: what the message says."""

from __future__ import annotations

from .base import Refusal


class Unsupported(Refusal):
    code = "unsupported"
    proven = False

    def reason(self) -> str:
        return f"{self.detail}"
