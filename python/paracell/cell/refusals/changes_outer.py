"""A comprehension changes an object that was there before it.

Not parallel::

    r = [log.append(f(x)) for x in xs]

All of a comprehension runs on workers, which have copies of the notebook's objects.

Instead, write a loop: the notebook makes its changes, in order::

    for x in xs:
        log.append(f(x))"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ChangesOuter(Refusal):
    code = "changes-outer"
    family = "changes"
    verdict = UNPROVEN
