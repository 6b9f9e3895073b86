"""What pyplot draws on: the open figures, and what is in them. Other names lead to what ``plt.plot(y)`` changes."""

from __future__ import annotations

import sys
from typing import Any

from .reach import Reach


def figures() -> dict[int, Any]:
    """Figures, axes, lines: all that is drawn, by identity, but not the data."""
    helpers, artist = sys.modules.get("matplotlib._pylab_helpers"), sys.modules.get("matplotlib.artist")
    if helpers is None or artist is None:
        return {}
    figures = [manager.canvas.figure for manager in helpers.Gcf.figs.values()]
    found = Reach(figures, False, (sys.modules,)).objects
    return {at: one for at, one in found.items() if isinstance(one, artist.Artist)}
