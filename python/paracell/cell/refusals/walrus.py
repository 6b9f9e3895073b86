"""A comprehension binds with ``:=`` what the next item reads, or what its consumer may look at between two items.

Not parallel::

    found = any((v := f(x)) > 20 for x in xs)

Where every item binds the name before it reads it, in a list, set or dict, only the last value matters, and the
comprehension is parallel. A generator expression is stopped by its consumer: the name has the value of the item at
which it stopped.

Instead, write a loop::

    found = False
    for x in xs:
        if (v := f(x)) > 20:
            found = True
            break"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class BindsInComprehension(Refusal):
    code = "walrus"
    family = "unsupported"
    verdict = UNPROVEN
