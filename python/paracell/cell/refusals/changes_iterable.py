"""The body changes what the loop iterates over.

Not parallel::

    queue = [1]
    for x in queue:
        if x < 10:
            queue.append(f(x))

Which items there are depends on what earlier iterations did, as in a work list.

Instead, if the loop should not see the changes, iterate over a copy::

    queue = [1]
    for x in list(queue):
        if x < 10:
            queue.append(f(x))

A work list can be parallel a generation at a time: loop over the whole list, collect what it adds, loop over that."""

from __future__ import annotations

from ..refusal import NEEDS, Refusal


class ChangesIterable(Refusal):
    code = "changes-iterable"
    family = "changes-iterable"
    verdict = NEEDS
