"""An iteration talks to the user: ``input()``, ``sys.stdin``, ``help()``, ``breakpoint()``.

Not parallel::

    for x in xs:
        out.append(f(input(x)))

Instead, ask before the loop, and loop over the answers::

    answers = xs  # [input(x) for x in xs], in a cell of its own
    for answer in answers:
        out.append(f(answer))"""

from __future__ import annotations

from ..refusal import NOTEBOOK_ONLY, Refusal


class Interactive(Refusal):
    code = "interactive"
    family = "forbidden"
    verdict = NOTEBOOK_ONLY
