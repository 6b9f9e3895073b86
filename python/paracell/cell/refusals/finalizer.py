"""An iteration makes an object of a class that has a ``__del__``.

Not parallel::

    class Scratch:
        def __init__(self, x):
            self.x = x
        def __del__(self):
            log.append(self.x)
    for x in xs:
        scratch = Scratch(x)
        out.append(scratch.x + 1)

It runs when the object goes: serially, when the next iteration puts another in its place. On workers that is at another
time, and where a copy goes back to the notebook it would run for both of them.

Instead, let a ``with`` say when it is over::

    class Scratch:
        def __init__(self, x):
            self.x = x
        def __enter__(self):
            return self
        def __exit__(self, *error):
            log.append(self.x)
    for x in xs:
        with Scratch(x) as scratch:
            value = scratch.x + 1
        out.append(f(value))"""

from __future__ import annotations

from ..refusal import NOTEBOOK_ONLY, Refusal


class MakesFinalized(Refusal):
    code = "finalizer"
    family = "forbidden"
    verdict = NOTEBOOK_ONLY
