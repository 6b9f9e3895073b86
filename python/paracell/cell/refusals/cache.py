"""A function keeps results in a dictionary of its own making.

Not parallel::

    def slow(x):
        if x not in cache:
            cache[x] = x * x
        return cache[x]
    for x in xs:
        out.append(slow(x))

Whether a result is there depends on who has asked before.

Instead, let ``functools.cache`` keep them: each worker has a cache of its own::

    import functools
    @functools.cache
    def slow(x):
        return x * x
    for x in xs:
        out.append(slow(x))"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class FillsCache(Refusal):
    code = "cache"
    family = "changes"
    verdict = UNPROVEN
