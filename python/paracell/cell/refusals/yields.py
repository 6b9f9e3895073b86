"""The body yields to whoever runs the code around it.

Instead: collect values in a list."""

from __future__ import annotations

from ..refusal import NOTEBOOK_ONLY, Refusal


class Yields(Refusal):
    code = "yields"
    family = "forbidden"
    verdict = NOTEBOOK_ONLY
