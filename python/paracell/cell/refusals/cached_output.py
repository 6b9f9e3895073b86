"""A function under ``functools.cache`` prints, logs or warns.

Not parallel::

    import functools
    @functools.cache
    def slow(x):
        print("computing", x)
        return x * x
    for x in xs:
        out.append(slow(x))

It does so once for each argument, the first time that anyone asks; each worker has a cache of its own, and would do it
again.

Instead, show in the loop what is to be shown, and let the function only compute::

    import functools
    @functools.cache
    def slow(x):
        return x * x
    for x in xs:
        print("computing", x)
        out.append(slow(x))"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class CachedOutput(Refusal):
    code = "cached-output"
    family = "changes"
    verdict = UNPROVEN
