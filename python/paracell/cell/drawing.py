"""Loops whose bodies draw a figure for each item and close it (``pyplot``): workers do, where they draw all of it."""

from __future__ import annotations

import ast

from . import names
from .nodes import walk
from .parts import Compute, Part
from .pyplot import Qualified, contained, is_pyplot
from .shapes import parts_loads
from .walks import every_part


def each_its_own(body: list[ast.stmt], qualified: Qualified) -> bool:
    """Whether each iteration makes one figure and closes it, whatever happens in between."""
    leaves = (ast.Break, ast.Continue)
    return contained(body, qualified) and not any(isinstance(n, leaves) for s in body for n in walk(s))


def is_one_sided(body: list[ast.stmt], parts: list[Part], qualified: Qualified) -> bool:
    """Whether workers draw all that there is of each figure, and the commit part sees nothing of it."""
    drawn = [n for s in body for n in walk(s) if isinstance(n, ast.Call) and is_pyplot(n, qualified)]
    computed = {id(n) for part in every_part(parts) if isinstance(part, Compute) for n in walk(part.node)}
    made = {name for s in body if any(n in drawn for n in walk(s)) for name in names.stores(s)}
    return all(id(n) in computed for n in drawn) and not made & parts_loads(parts)
