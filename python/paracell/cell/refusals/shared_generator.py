"""Items of several iterations hold one and the same random generator.

Seen when two such iterations come up. At the same time they would draw the same numbers, or numbers that depend on
timing.

Instead: give each iteration its own (``zip(xs, rng.spawn(len(xs)))``), or use the generator by its name in the loop."""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class SharedGenerator(Refusal):
    code = "shared-generator"
    family = "shared-generator"
    verdict = UNPROVEN
