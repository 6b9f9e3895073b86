"""The process itself is changed: its environment variables, its working directory, or a module's attribute.

Not parallel::

    import math
    def run(x):
        math.level = x
        return f(math.level)
    for x in xs:
        out.append(run(x))

All iterations of a process share these. Where only running shows it (``os.environ``, ``os.chdir``), the loop goes on
serially from the iteration that did it, and a note says so.

Instead, set it once before the loop, or hand the value over where it is needed
(``subprocess.run(..., env={**os.environ, "LEVEL": str(x)})``)."""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ChangesEnvironment(Refusal):
    code = "environment"
    family = "changes"
    verdict = UNPROVEN
