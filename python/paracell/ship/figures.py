"""Figures that pyplot holds open in a worker: the notebook shows its own when the cell ends, and draws into them."""

from __future__ import annotations

import sys
from typing import Any


def held() -> frozenset[Any]:
    """Numbers of the figures that are open."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    return frozenset(helpers.Gcf.figs) if helpers is not None else frozenset()


def left(before: frozenset[Any]) -> str:
    """What it means that others are open than before, in words; those are closed."""
    new = held() - before
    for number in new:
        sys.modules["matplotlib._pylab_helpers"].Gcf.destroy(number)
    return "an iteration leaves a figure open, which the notebook's own process is to have" if new else ""
