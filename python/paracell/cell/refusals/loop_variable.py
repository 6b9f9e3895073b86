"""The body assigns the loop's own variable, and what is worth computing may read either value.

Not parallel::

    for x in xs:
        total += x
        x = total
        out.append(f(x))

Instead, give the new value a name of its own::

    for x in xs:
        out.append(f(x))
        total += x"""

from __future__ import annotations

from .base import UNPROVEN, Refusal


class AssignsLoopVariable(Refusal):
    code = "loop-variable"
    family = "changes"
    verdict = UNPROVEN
