"""Tracebacks that travel: where each frame stood goes along, and becomes a real traceback again on the other side.

tblib does this too, but its frames claim that their function begins on the line that raised, and IPython then shows the
source lines of a cell shifted by that much.
"""

from __future__ import annotations

import itertools
import os
import sys
import types
from typing import NamedTuple

_PACKAGE = os.path.dirname(os.path.dirname(__file__))


class Frame(NamedTuple):
    """Where a frame stood."""

    filename: str
    function: str
    first_line: int
    """Line on which the function begins."""
    line: int
    module: str
    span: tuple[int, int, int] | None = None
    """(last line, first and last column) of the expression, from Python 3.11 on."""


def frames(tb: types.TracebackType | None) -> list[Frame]:
    """Each frame of `tb`, without paracell's own at the outer end."""
    found = []
    inside = True
    while tb is not None:
        code = tb.tb_frame.f_code
        inside = inside and code.co_filename.startswith(_PACKAGE)
        if not inside:
            module = tb.tb_frame.f_globals.get("__name__")
            name = module if isinstance(module, str) else ""
            span = _span(code, tb.tb_lasti)
            found.append(Frame(code.co_filename, code.co_name, code.co_firstlineno, tb.tb_lineno, name, span))
        tb = tb.tb_next
    return found


def _span(code: types.CodeType, instruction: int) -> tuple[int, int, int] | None:
    if sys.version_info < (3, 11) or instruction < 0:
        return None
    _, last, first_column, last_column = next(
        itertools.islice(code.co_positions(), instruction // 2, None), (None, None, None, None)
    )
    return None if last is None or first_column is None or last_column is None else (last, first_column, last_column)


def make_traceback(found: list[Frame]) -> types.TracebackType | None:
    """A real traceback with these frames; None for none. Their local variables stayed behind."""
    chain = None
    for frame in reversed(found):
        standing = _stand_in(frame)
        chain = types.TracebackType(chain, standing, standing.f_lasti, frame.line)
    return chain


class _Here(Exception):
    """Raised to get hold of a frame."""


def _stand_in(frame: Frame) -> types.FrameType:
    """A frame of a function that does nothing but raise on that line."""
    import ast  # here, for a worker reads no tracebacks

    first = min(frame.first_line, frame.line)
    tree = ast.parse("raise here")
    last, start, end = frame.span or (frame.line, 0, 10)
    for node in ast.walk(tree.body[0]):
        if isinstance(node, (ast.stmt, ast.expr)):
            # Lines count from where the function begins.
            node.lineno, node.end_lineno = frame.line - first + 1, last - first + 1
            node.col_offset, node.end_col_offset = start, end
    code = compile(tree, frame.filename, "exec")
    names = {"co_name": frame.function}
    if sys.version_info >= (3, 11):
        names["co_qualname"] = frame.function
    code = code.replace(co_firstlineno=first, **names)  # type: ignore[arg-type]
    try:
        exec(code, {"__name__": frame.module, "__file__": frame.filename, "here": _Here})
    except _Here as raised:
        trace = raised.__traceback__
        assert trace is not None and trace.tb_next is not None
        return trace.tb_next.tb_frame
    raise AssertionError("the stand-in did not raise")
