"""A function reads a notebook name that the loop assigns.

Not parallel::

    def scaled():
        return f(factor)
    for x in xs:
        factor = x
        out.append(scaled())

A worker calls the function with the notebook's own names, which only the notebook assigns.

Instead, hand it over as an argument::

    def scaled(factor):
        return f(factor)
    for x in xs:
        factor = x
        out.append(scaled(factor))"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class GlobalRead(Refusal):
    code = "global-read"
    family = "carried"
    verdict = UNPROVEN
