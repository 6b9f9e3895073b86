"""The process itself is changed: its environment variables, its working directory, a module's attribute, or which
modules there are.

Not parallel::

    import math
    def run(x):
        math.level = x
        return f(math.level)
    for x in xs:
        out.append(run(x))

All iterations of a process share these, and code of libraries goes by them: what is computed ahead of such a change
would not see it (``sys.modules``, ``sys.path``, ``importlib.reload``, ``mock.patch``, ``matplotlib.rcParams``). Where
only running shows it, the loop goes on serially from the iteration that did it, and a note says so.

Instead, set it once before the loop, or hand the value over where it is needed
(``subprocess.run(..., env={**os.environ, "LEVEL": str(x)})``)."""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ChangesEnvironment(Refusal):
    code = "environment"
    family = "changes"
    verdict = UNPROVEN
