"""A loop on threads draws from a random source that threads share.

Seen when the loop begins. Iterations would take each other's numbers, and a seed would not give them again.

Instead: use ``%%parallel processes``, or make a generator in each iteration (``np.random.default_rng(i)``)."""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ThreadsDraw(Refusal):
    code = "threads-draw"
    family = "threads-draw"
    verdict = UNPROVEN
