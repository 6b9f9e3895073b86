"""A function keeps something from one call to the next: in a variable of the function around it, or in a default value.

Not parallel::

    def step(x, seen=[]):
        seen.append(x)
        return len(seen)
    for x in xs:
        out.append(step(x))

Instead, keep it in the loop::

    for x in xs:
        log.append(f(x))
        out.append(len(log))"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ClosureState(Refusal):
    code = "closure-state"
    family = "changes"
    verdict = UNPROVEN
