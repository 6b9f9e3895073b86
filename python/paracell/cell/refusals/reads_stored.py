"""The body stores into an object and reads from it, and the two places may be the same one.

Not parallel::

    v = [1, 2, 3, 4]
    for i in range(1, len(v)):
        v[i] = f(v[i - 1])

Which element an index or a key reaches is known only when it is computed. Here every iteration reads what the one
before stored; ``v[i] = f(v[i])`` would not, but looks the same.

Instead, if the values from before the loop are meant, read them from a copy::

    v = [1, 2, 3, 4]
    old = list(v)
    for i in range(1, len(v)):
        v[i] = f(old[i - 1])"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ReadsStored(Refusal):
    code = "reads-stored"
    family = "changes"
    verdict = UNPROVEN
