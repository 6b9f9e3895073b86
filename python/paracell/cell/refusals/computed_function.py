"""The function that ``map`` or ``filter`` calls is itself the result of a call.

Not parallel::

    r = list(map(functools.partial(f), xs))

Instead, give it a name first::

    call = functools.partial(f)
    r = list(map(call, xs))"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ComputedFunction(Refusal):
    code = "computed-function"
    family = "unsupported"
    verdict = UNPROVEN
