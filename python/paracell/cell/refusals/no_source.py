"""A function of the notebook has no source that can be read: it was made by ``exec``, or its text is gone.

What it changes cannot be seen.

Instead: define it in a cell, or in a module file."""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class NoSource(Refusal):
    code = "no-source"
    family = "forbidden"
    verdict = UNPROVEN
