"""An iteration asks which process or thread runs it.

Not parallel::

    import os
    for x in xs:
        out.append((os.getpid(), f(x)))

Serially, all of them run in the notebook's process, on its main thread. Workers are others.

Instead, ask once, before the loop::

    import os
    here = os.getpid()
    for x in xs:
        out.append((here, f(x)))"""

from __future__ import annotations

from ..refusal import NOTEBOOK_ONLY, Refusal


class AsksWhere(Refusal):
    code = "asks-where"
    family = "forbidden"
    verdict = NOTEBOOK_ONLY
