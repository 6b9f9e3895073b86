"""The body, or a function that it calls, changes an object that other iterations can see.

A function that appends to a global list, fills a cache or changes its argument leaves something in the notebook that a
copy of the notebook on a worker would not. Changes that stand in the loop itself (``out.append(f(x))``) are fine.

Use instead: return the value from the function and make the change in the loop."""

from __future__ import annotations

from .base import Refusal


class Changes(Refusal):
    code = "changes"
    proven = False

    def reason(self) -> str:
        return f"{self.detail}"
