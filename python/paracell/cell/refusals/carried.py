"""A value is carried from one iteration to the next, and all that is worth computing needs it.

``x = step(x)`` reads what the iteration before wrote. Where only a cheap part of the body is carried
(``prev = 0.9 * prev + heavy(x)``), the rest is computed in parallel and this reason does not apply.

Use instead: compute what does not need the carried name in a statement (or operand) of its own."""

from __future__ import annotations

from .base import Refusal


class Carried(Refusal):
    code = "carried"
    proven = True

    def reason(self) -> str:
        return f"'{self.name}' ties the iterations together: {self.detail}"
