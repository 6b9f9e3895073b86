"""A generator expression, ``map`` or ``filter`` is kept for later.

Not parallel::

    q = (f(x) for x in xs)
    r = list(q)

It computes an item when it is asked for one, perhaps in another cell, with the names as they are then.

Instead, make a list, or hand it to its consumer directly (``sum(f(x) for x in xs)``)::

    q = [f(x) for x in xs]
    r = list(q)"""

from __future__ import annotations

from ..refusal import NOTHING, Refusal


class KeptGenerator(Refusal):
    code = "kept-generator"
    family = "unsupported"
    verdict = NOTHING
