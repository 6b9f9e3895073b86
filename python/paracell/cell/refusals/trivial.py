"""Nothing ties the iterations together, and there is nothing to compute either: it runs serially, at full speed.

``for x in xs: out.append(x)`` would only be moved about.
"""

from __future__ import annotations

from .base import Refusal


class Trivial(Refusal):
    code = "trivial"
    trivial = True

    def reason(self) -> str:
        return "The body only moves values about; it runs serially."

    def message(self) -> str:
        return f"Line {self.line} runs serially: it computes nothing for a worker."
