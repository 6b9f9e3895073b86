"""The loop may stop early, and goes over an iterator that the notebook keeps.

Seen when the loop begins::

    it = iter(xs)
    for x in it:
        if f(x) > 20:
            break
        out.append(x)

Parallel loops read some items ahead. After a ``break`` those would be missing from ``it``, where the next cell may go
on.

Instead, if nothing uses the iterator afterwards, loop over a list, or over the iterable itself::

    for x in xs:
        if f(x) > 20:
            break
        out.append(x)"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ReadsAhead(Refusal):
    code = "read-ahead"
    family = "changes"
    verdict = UNPROVEN
