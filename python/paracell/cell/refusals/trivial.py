"""Nothing ties the iterations together, and there is nothing to compute either: it runs serially, at full speed.

Not parallel::

    for x in xs:
        out.append(x)

Workers help where an iteration calls a function or computes something. Moving values about is done faster by the loop
itself than by handing them out."""

from __future__ import annotations

from .base import NOTHING, Refusal


class Trivial(Refusal):
    code = "trivial"
    family = "trivial"
    verdict = NOTHING

    def message(self, does: str = "is not parallel", cost: str = "") -> str:
        return f"Line {self.line} {does}: {self.verdict}. {self.reason()}.{' ' + cost.strip() if cost else ''}"
