"""The body changes its item and then computes something from the changed item.

Not parallel::

    for row in rows:
        row.update(y=1)
        out.append(f(row["y"]))

Instead, compute from values of the iteration's own, and change the item last::

    for row in rows:
        y = f(row["x"])
        out.append(y)
        row.update(y=y)"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ItemReadLater(Refusal):
    code = "item-read-later"
    family = "changes"
    verdict = UNPROVEN
