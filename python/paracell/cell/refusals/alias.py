"""What the loop reads is, under another name, what the loop changes.

Seen when the loop begins::

    view = out
    for x in xs:
        out.append(f(len(view)))

``view`` and ``out`` are one list: each iteration reads what the one before appended.

Instead, if the state from before the loop is meant, read from a copy::

    view = list(out)
    for x in xs:
        out.append(f(len(view)))"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class Alias(Refusal):
    code = "alias"
    family = "changes"
    verdict = UNPROVEN
