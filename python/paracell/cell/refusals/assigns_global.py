"""A function assigns a global name.

Not parallel::

    def square(x):
        global total
        total += x
        return x * x
    for x in xs:
        out.append(square(x))

A worker process has names of its own: the notebook's would stay as it is.

Instead, assign it in the loop::

    def square(x):
        return x * x
    for x in xs:
        total += x
        out.append(square(x))"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class AssignsGlobal(Refusal):
    code = "assigns-global"
    family = "changes"
    verdict = UNPROVEN
