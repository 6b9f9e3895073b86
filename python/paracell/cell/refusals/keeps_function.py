"""The body makes a function or generator that lives on after its iteration.

Not parallel::

    r = [(lambda: f(x)) for x in xs]

A function sees its names when it is called: after the loop they have the last iteration's values, whichever
iteration made it.

Instead, give it the values, or call it within the iteration::

    r = [functools.partial(f, x) for x in map(f, xs)]"""

from __future__ import annotations

from ..refusal import NOTHING, Refusal


class KeepsFunction(Refusal):
    code = "keeps-function"
    family = "keeps-function"
    verdict = NOTHING
