"""A value is carried from one iteration to the next, and all that is worth computing needs it.

Not parallel::

    s = 1
    for x in xs:
        s = math.cos(s + x)

Each call waits for the result of the call before, so there is never more than one thing to do. Where only a cheap
part of the body is carried, the rest is computed in parallel and this reason does not apply.

Instead, let calls need only the item, and combine their results in order::

    s = 1
    for x in xs:
        s = 0.5 * s + math.cos(x)

If the chain has to be one, run several independent chains at once::

    def chain(s):
        for x in xs:
            s = math.cos(s + x)
        return s
    ends = [chain(start) for start in range(8)]"""

from __future__ import annotations

from ..refusal import NEEDS, Refusal


class Carried(Refusal):
    code = "carried"
    family = "carried"
    verdict = NEEDS
