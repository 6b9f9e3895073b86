"""A function changes an object of the notebook that all iterations share.

Not parallel::

    def square(x):
        log.append(x)
        return x * x
    for x in xs:
        out.append(square(x))

A worker process has a copy of ``log``: the notebook's own would stay as it is. Changes that stand in the loop itself
are fine, since the notebook makes them, in order.

Instead, make the change in the loop::

    def square(x):
        return x * x
    for x in xs:
        log.append(x)
        out.append(square(x))

What the function has worked out and the loop has to store, it can return as well: ``return x * x, entry``."""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ChangesGlobal(Refusal):
    code = "changes-global"
    family = "changes"
    verdict = UNPROVEN
