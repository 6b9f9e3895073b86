"""The body reads an object that earlier iterations have changed, and what is worth computing needs it.

Not parallel::

    for x in xs:
        out.append(f(len(out) + x))

What an iteration reads depends on what the iterations before it did.

Instead, compute what needs only the item, and read the object afterwards, in order::

    for x in xs:
        out.append(f(x) + len(out))"""

from __future__ import annotations

from ..refusal import NEEDS, Refusal


class ReadsChanged(Refusal):
    code = "reads-changed"
    family = "changes"
    verdict = NEEDS
