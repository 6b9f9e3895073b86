"""A comprehension binds a name with ``:=``, which stays in the notebook afterwards.

Not parallel::

    r = [v for x in xs if (v := f(x)) > 2]

Instead, write a loop::

    r = []
    for x in xs:
        if (v := f(x)) > 2:
            r.append(v)"""

from __future__ import annotations

from .base import UNPROVEN, Refusal


class BindsInComprehension(Refusal):
    code = "walrus"
    family = "unsupported"
    verdict = UNPROVEN
