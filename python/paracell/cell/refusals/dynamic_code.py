"""An iteration runs code that is text until then: ``exec``, ``eval``.

Not parallel::

    for x in xs:
        out.append(eval("f(x)"))

What the text does, and which names it reads, cannot be seen before it runs.

Instead, write the code itself, or look functions up in a dictionary::

    for x in xs:
        out.append(f(x))"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class DynamicCode(Refusal):
    code = "dynamic-code"
    family = "forbidden"
    verdict = UNPROVEN
