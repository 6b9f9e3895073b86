"""What is called ``map`` or ``filter`` here is not the builtin, or its arguments cannot be told apart.

Not parallel::

    lists = [xs, xs]
    r = list(map(pow, *lists))

Instead, say what it goes over::

    r = [pow(a, b) for a, b in zip(xs, xs)]"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class NotBuiltin(Refusal):
    code = "not-builtin"
    family = "unsupported"
    verdict = UNPROVEN
