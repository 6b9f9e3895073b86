"""The loop changes its items, and two of them share an object, or it could not be shown that they do not.

Seen when the loop begins::

    shared = [1]
    pairs = [{"v": shared}, {"v": shared}]
    for pair in pairs:
        pair["v"][0] = f(pair["v"][0])

Instead, let each item be an object of its own (``copy.deepcopy``), or collect new values instead of changing items."""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class SharedItems(Refusal):
    code = "shared-items"
    family = "changes"
    verdict = UNPROVEN
