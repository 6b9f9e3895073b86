"""A name is read before the same iteration has certainly written it: it may hold what an earlier iteration left.

Not parallel::

    found = 0
    for x in xs:
        if x > 4:
            found = x
        out.append(f(found))

In iterations that skip the assignment, the name has the value of an earlier one.

Instead, if each iteration should start anew, assign the name first::

    for x in xs:
        found = 0
        if x > 4:
            found = x
        out.append(f(found))"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class MaybeCarried(Refusal):
    code = "maybe-carried"
    family = "carried"
    verdict = UNPROVEN
