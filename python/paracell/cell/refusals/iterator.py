"""Iterations take items from one iterator: which item each gets depends on those before.

Not parallel::

    it = iter(range(100))
    for x in xs:
        out.append(f(x + next(it)))

Instead, let the loop take the items::

    it = iter(range(100))
    for x, item in zip(xs, it):
        out.append(f(x + item))"""

from __future__ import annotations

from ..refusal import NEEDS, Refusal


class AdvancesIterator(Refusal):
    code = "iterator"
    family = "changes"
    verdict = NEEDS
