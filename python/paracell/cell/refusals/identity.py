"""An iteration asks whether two objects are the same one with ``is``.

Not parallel::

    first = rows[0]
    for row in rows:
        out.append(f(row["x"]) if row is first else 0)

Worker processes have copies. Comparisons with ``None``, ``True``, classes, members of enums and sentinels
(``MISSING = object()``) are fine.

Instead, compare values::

    first = rows[0]
    for row in rows:
        out.append(f(row["x"]) if row == first else 0)"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ComparesIdentity(Refusal):
    code = "identity"
    family = "forbidden"
    verdict = UNPROVEN
