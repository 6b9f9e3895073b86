"""Reading the items has an effect, or depends on what the loop does: a generator that prints, or looks at a list.

Seen when the loop begins::

    def items():
        for x in range(9):
            if len(out) < 4:
                yield x
    for x in items():
        out.append(f(x))

Parallel loops read some items ahead, and the generator would look at ``out`` before it is what it should be.

Instead, if reading the items first is right, make a list of them::

    def items():
        for x in range(9):
            if len(out) < 4:
                yield x
    for x in list(items()):
        out.append(f(x))
"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ItemsDepend(Refusal):
    code = "items-depend"
    family = "changes"
    verdict = UNPROVEN
