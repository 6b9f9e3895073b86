"""What the loop calls or reads was bound in the same cell, and turned out to be something else than it looked like.

Seen when the loop begins. The cell is read before it runs: what ``step = make()`` will give is not known then.

Instead: make it in a cell of its own, before this one."""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class BoundInCell(Refusal):
    code = "bound-in-cell"
    family = "changes"
    verdict = UNPROVEN
