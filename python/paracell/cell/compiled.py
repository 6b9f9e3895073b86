"""What Python's compiler warns of: said of the cell's statements as they are written, once, as in the serial cell.

A plan holds a loop's body several times over, and the compiler would warn of each copy. So the plan's own statements
are compiled in silence; if there was something to say, what stands in the cell is compiled too, and that says it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import CodeType
from typing import Any

from paracell.silence import Silence

_ATTRIBUTE = "paracell_stands_for"


def stand_for(new: ast.stmt, written: ast.stmt | None) -> ast.stmt:
    """Note that `new` is compiled in the place of what is `written` in the cell; None: of what another stands for."""
    setattr(new, _ATTRIBUTE, written)
    return new


def compiled(compile: Callable[[Any], CodeType], tree: Any, filename: str) -> CodeType:
    """`tree` by `compile`, which warns as it would of the cell's own statements, or raises what a filter makes of that.

    `tree` is a ``Module`` or an ``Interactive``."""
    if not any(hasattr(statement, _ATTRIBUTE) for statement in tree.body):
        return compile(tree)
    silence, code, error = Silence(filename), None, None
    try:
        with silence:
            code = compile(tree)
    except Exception as raised:
        error = raised
    own = [one for statement in tree.body if (one := getattr(statement, _ATTRIBUTE, statement)) is not None]
    if silence.broken and own:
        compile(ast.Interactive(own) if isinstance(tree, ast.Interactive) else ast.Module(own, []))
    if code is None:
        assert error is not None
        raise error
    return code
