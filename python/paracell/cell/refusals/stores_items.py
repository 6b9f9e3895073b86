"""The loop stores its items into an object: its target is not a plain name.

Not parallel::

    for d["x"] in xs:
        out.append(f(d["x"]))

Instead, give the item a name::

    for item in xs:
        d["x"] = item
        out.append(f(item))"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class StoresItems(Refusal):
    code = "stores-items"
    family = "changes"
    verdict = UNPROVEN
