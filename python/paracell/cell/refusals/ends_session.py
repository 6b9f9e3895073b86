"""An iteration ends the session: ``exit()``, ``quit()``.

Not parallel::

    for x in xs:
        if f(x) > 50:
            exit()

Instead, leave the loop, or raise an exception::

    for x in xs:
        if f(x) > 50:
            break"""

from __future__ import annotations

from ..refusal import NOTEBOOK_ONLY, Refusal


class EndsSession(Refusal):
    code = "ends-session"
    family = "forbidden"
    verdict = NOTEBOOK_ONLY
