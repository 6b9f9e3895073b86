"""A function draws on, or shows, something that belongs to the notebook's process: the current figure, a display.

Not parallel::

    import matplotlib.pyplot as plt
    def draw(x):
        plt.plot([x, x * x])
        return x
    for x in xs:
        out.append(draw(x))

Instead, compute in the loop and draw in the loop itself, where the notebook does it, in order::

    import matplotlib.pyplot as plt
    for x in xs:
        plt.plot([x, f(x)])"""

from __future__ import annotations

from ..refusal import NOTEBOOK_ONLY, Refusal


class DisplayState(Refusal):
    code = "display-state"
    family = "changes"
    verdict = NOTEBOOK_ONLY
