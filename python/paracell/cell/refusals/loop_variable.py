"""The body assigns the loop's own variable, and what is worth computing may read either value.

Not parallel::

    for row in [[1], [2], [3]]:
        grow = lambda: row.append(1)
        row = list(row)
        grow()
        out.append(f(sum(row)))

A plain ``row = list(row)`` is fine. Here a function changes whatever the name stands for when it is called.

Instead, give the new value a name of its own::

    for row in [[1], [2], [3]]:
        longer = [*row, 1]
        out.append(f(sum(longer)))"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class AssignsLoopVariable(Refusal):
    code = "loop-variable"
    family = "changes"
    verdict = UNPROVEN
