"""Functions that draw a figure of their own through pyplot: its state is as before when they are over.

``fig, ax = plt.subplots()`` … ``plt.close(fig)`` touches nothing that iterations share, unlike drawing into the current
figure, or leaving figures open for the end of the cell.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

from .nodes import walk
from .tables import words

PYPLOT = "matplotlib.pyplot"
_MAKERS = words("figure subplots subplot_mosaic")
_LASTING = words(
    """
    rc rcdefaults ion ioff switch_backend set_cmap set_loglevel xkcd pause ginput waitforbuttonpress connect disconnect
    install_repl_displayhook uninstall_repl_displayhook new_figure_manager fignum_exists get_fignums get_figlabels
    """
)
"""What they set, or ask for, outlasts the figure."""

Qualified = Callable[[ast.expr], "tuple[str, str] | None"]


def contained(body: list[Any], qualified: Qualified) -> bool:
    """Whether the statements make one figure, first of all that they do with pyplot, and close it, last of all."""
    calls = [
        (at, node)
        for at, s in enumerate(body)
        for node in walk(s)
        if isinstance(node, ast.Call) and is_pyplot(node, qualified)
    ]
    if not calls:
        return False
    calls.sort(key=lambda one: (one[1].lineno, one[1].col_offset))
    names = [qualified(call.func)[1] for _, call in calls]  # type: ignore[index]
    if set(names) & _LASTING or sum(name in _MAKERS for name in names) != 1 or names[0] not in _MAKERS:
        return False
    (first, maker), (last, closer) = calls[0], calls[-1]
    figure = _figure(body[first], maker)
    if figure is None or first == last or not _closes(body[last], closer, names[-1], figure):
        return False
    return not any(isinstance(node, (ast.Return, ast.Yield)) for s in body[:last] for node in walk(s))


def is_pyplot(call: ast.Call, qualified: Qualified) -> bool:
    found = qualified(call.func)
    return found is not None and found[0] == PYPLOT


def _figure(statement: ast.stmt, maker: ast.Call) -> str | None:
    """The name that the statement gives the new figure ("": none); None if it does something else."""
    value = getattr(statement, "value", None)
    numbered = maker.args and getattr(maker.func, "attr", "figure") == "figure"
    if value is not maker or numbered or any(keyword.arg in ("num", "clear", None) for keyword in maker.keywords):
        return None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        first = target.elts[0] if isinstance(target, ast.Tuple) and target.elts else target
        return first.id if isinstance(first, ast.Name) else None
    return "" if isinstance(statement, ast.Expr) else None


def _closes(statement: ast.stmt, call: ast.Call, name: str, figure: str) -> bool:
    if not isinstance(statement, ast.Expr) or statement.value is not call or call.keywords:
        return False
    if name == "show":
        # The inline backend shows every open figure and closes it.
        return not call.args and "matplotlib_inline.backend_inline" in sys.modules
    return name == "close" and (
        not call.args or (isinstance(call.args[0], ast.Name) and bool(figure) and call.args[0].id == figure)
    )
