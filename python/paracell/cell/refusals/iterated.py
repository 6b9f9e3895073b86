"""The body changes what the loop iterates over.

Which items there are depends on what earlier iterations did, as in a work list.

Use instead: iterate over a copy (``for x in list(xs)``), if the loop should not see the changes."""

from __future__ import annotations

from .base import Refusal


class ChangesIterable(Refusal):
    code = "changes-iterable"
    proven = True

    def reason(self) -> str:
        return f"the body changes what it iterates: {self.detail}"
