"""A function or method changes an object that it is given, and other iterations may reach that object.

Not parallel::

    def note(notes, x):
        notes.append(x)
        return x * x
    for x in xs:
        out.append(note(log, x))

Instead, make the change in the loop::

    def square(x):
        return x * x
    for x in xs:
        log.append(x)
        out.append(square(x))"""

from __future__ import annotations

from ..refusal import UNPROVEN, Refusal


class ChangesArgument(Refusal):
    code = "changes-argument"
    family = "changes"
    verdict = UNPROVEN
