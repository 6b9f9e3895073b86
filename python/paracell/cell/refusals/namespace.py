"""An iteration reaches names by their text: ``globals()``, ``locals()``, ``vars()``, ``dir()``.

Not parallel::

    for x in xs:
        out.append(globals()["f"](x))

Which names it reads or writes cannot be seen before it runs; and workers have only those that the loop needs.

Instead, use the name, or a dictionary of your own::

    for x in xs:
        out.append(f(x))"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ReachesNamespace(Refusal):
    code = "namespace"
    family = "forbidden"
    verdict = UNPROVEN
