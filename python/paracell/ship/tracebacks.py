"""Tracebacks that travel: where each frame stood goes along, and becomes a real traceback again on the other side.

tblib does this too, but its frames claim that their function begins on the line that raised, and IPython then shows the
source lines of a cell shifted by that much.
"""

from __future__ import annotations

import itertools
import os
import sys
import types
from typing import Any, NamedTuple

_ATOMS = frozenset({int, float, complex, bool, str, bytes, type(None)})
_LONG = 10_000
"""Digits, characters or bytes of a value that does not travel with a frame."""
_FRAMES, _NAMES = 50, 100
"""So many frames, the innermost, bring so many of their local variables."""
_FUNCTION = 0x0002
"""Flag of code whose local variables are not those of a mapping, which may run code when it is asked."""
VARARGS, VARKEYWORDS = 0x0004, 0x0008
"""Flags of the code of functions that take ``*args``, and ``**options``."""
_PACKAGE = os.path.dirname(os.path.dirname(__file__))


class Arguments(NamedTuple):
    """What a function takes, as ``inspect`` reads it off its code."""

    names: tuple[str, ...]
    """All of them; those by keyword alone, ``*args`` and ``**options`` last."""
    positional: int
    only_positional: int
    only_keyword: int
    stars: int
    """The flags of ``*args`` and ``**options``."""


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
    local: tuple[tuple[str, Any], ...] = ()
    """Its local variables: numbers and short texts as they are, a ``Left`` for each of the others."""
    arguments: Arguments | None = None
    """A function's."""
    qualified: str = ""
    """The function's name with what it is defined in, from Python 3.11 on."""
    stands: int = 0
    """Line on which it stood in the end, where it has handled the error (``finally``, ``raise … from``): IPython shows
    that one. 0: where the error came from."""


class Left:
    """Stands in a frame for a value that stayed in the worker."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return f"<{self.kind} that stayed in the worker; paracell.replay() has it>"


def frames(tb: types.TracebackType | None) -> list[Frame]:
    """Each frame of `tb`, without paracell's own: those that call the user's code, and those that stand in for a
    builtin which that calls (``hash``)."""
    found: list[Frame] = []
    standing: list[types.FrameType] = []
    while tb is not None:
        code = tb.tb_frame.f_code
        if not code.co_filename.startswith(_PACKAGE):
            module = tb.tb_frame.f_globals.get("__name__")
            name = module if isinstance(module, str) else ""
            where = span(code, tb.tb_lasti)
            place = Frame(code.co_filename, code.co_name, code.co_firstlineno, tb.tb_lineno, name, where)
            stands = tb.tb_frame.f_lineno
            # That of the cell stands where ours has put its error by.
            stands = 0 if stands in (None, tb.tb_lineno) or code.co_name == "<module>" else stands
            found.append(place._replace(qualified=getattr(code, "co_qualname", ""), stands=stands))
            standing.append(tb.tb_frame)
        tb = tb.tb_next
    for at in range(max(0, len(found) - _FRAMES), len(found)):
        if standing[at].f_code.co_flags & _FUNCTION:
            found[at] = found[at]._replace(local=_local(standing[at]), arguments=_arguments(standing[at].f_code))
    return found


def _arguments(code: types.CodeType) -> Arguments:
    stars = code.co_flags & (VARARGS | VARKEYWORDS)
    count = code.co_argcount + code.co_kwonlyargcount + bin(stars).count("1")
    only = code.co_posonlyargcount, code.co_kwonlyargcount
    return Arguments(code.co_varnames[:count], code.co_argcount, *only, stars)


def _local(frame: types.FrameType) -> tuple[tuple[str, Any], ...]:
    values = itertools.islice(frame.f_locals.items(), _NAMES)
    return tuple((name, value if _is_short(value) else Left(type(value).__name__)) for name, value in values)


def _is_short(value: Any) -> bool:
    kind = type(value)
    if kind is int:
        return bool(value.bit_length() < _LONG)
    return kind in _ATOMS and (kind not in (str, bytes) or len(value) < _LONG)


def span(code: types.CodeType, instruction: int) -> tuple[int, int, int] | None:
    """(last line, first and last column) of the expression of an instruction."""
    if sys.version_info < (3, 11) or instruction < 0:
        return None
    _, last, first_column, last_column = next(
        itertools.islice(code.co_positions(), instruction // 2, None), (None, None, None, None)
    )
    return None if last is None or first_column is None or last_column is None else (last, first_column, last_column)


def make_traceback(found: list[Frame]) -> types.TracebackType | None:
    """A real traceback with these frames; None for none. What cannot be had is left out: the error is what counts."""
    from .standing import stand_in  # here, for a worker reads no tracebacks

    chain = None
    for frame in reversed(found):
        try:
            standing, instruction = stand_in(frame)
        except Exception:
            import logging  # here, for a worker makes none

            logging.getLogger("paracell").exception("a traceback lacks %s, line %s", frame.filename, frame.line)
            continue
        chain = types.TracebackType(chain, standing, instruction, frame.line)
    return chain
