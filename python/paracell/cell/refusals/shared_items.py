"""The loop changes its items, and two of them share an object, or it could not be shown that they do not.

Seen when the loop begins::

    two = [rows[0], rows[0]]
    for row in two:
        row["x"] = f(row["x"])

Instead, let each item be an object of its own (``copy.deepcopy``), or collect new values instead of changing items."""

from __future__ import annotations

from .base import UNPROVEN, Refusal


class SharedItems(Refusal):
    code = "shared-items"
    family = "changes"
    verdict = UNPROVEN
