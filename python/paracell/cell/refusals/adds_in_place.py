"""A function adds to its argument with ``+=``, which may change the object itself.

That depends on the items and on the values that the loop reads: arrays, lists and objects with an ``__iadd__`` are
changed in place.

Not parallel with arrays among the items::

    def shifted(v):
        v += 1
        return v
    for a in [np.zeros(2), np.ones(2)]:
        out.append(shifted(a))

Where items are numbers or texts, ``+=`` makes a new one, and the loop is parallel.

Instead, make a new value::

    def shifted(v):
        v = v + 1
        return v
    for a in [np.zeros(2), np.ones(2)]:
        out.append(shifted(a))"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class AddsInPlace(Refusal):
    code = "adds-in-place"
    family = "changes"
    verdict = UNPROVEN
