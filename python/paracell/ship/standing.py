"""Real frames that stand where those of a traceback stood in another process, with their variables."""

from __future__ import annotations

import ast
import functools
import itertools
import sys
import types
from typing import Any

from .tracebacks import VARARGS, VARKEYWORDS, Arguments, Frame, span

_RAISED = ".raised"
"""A name that no code of the user's can have."""
_OURS = "__paracell"
"""How names begin that we have put into a frame."""


class _Here(Exception):
    """Raised to get hold of a frame."""


def stand_in(frame: Frame, around: dict[str, Any] | None = None) -> tuple[types.FrameType, int]:
    """A frame of code that does nothing but raise on that line, and the instruction that raises. `around`: its globals,
    else those of its module."""
    if around is None:
        # A debugger that stands here sees the notebook's names, and may change them, as in a frame of the serial cell.
        notebook = sys.modules.get("__main__") if frame.module == "__main__" else None
        around = vars(notebook) if notebook is not None else {"__name__": frame.module, "__file__": frame.filename}
    try:
        if frame.arguments is None:
            exec(_raising(frame._replace(local=())), around, local := {**dict(frame.local), _RAISED: _Here})
        else:
            function, keywords = _function(frame, frame.arguments)
            types.FunctionType(function, around)(*[None] * frame.arguments.positional, **keywords)
    except _Here as raised:
        trace = raised.__traceback__
        assert trace is not None and trace.tb_next is not None
        if frame.arguments is None:
            del local[_RAISED]
        # Where it stands further on, the first error was raised where the frame's came from.
        first = raised.__context__.__traceback__ if frame.stands and raised.__context__ is not None else trace.tb_next
        assert first is not None
        return trace.tb_next.tb_frame, first.tb_lasti
    raise AssertionError("the stand-in did not raise")


def standing(trace: types.TracebackType) -> types.TracebackType:
    """`trace`, its first frame where it raised: one that has handled the error itself stands further on since, and
    IPython shows the line of the frame."""
    frame = trace.tb_frame
    code = frame.f_code
    if frame.f_lineno == trace.tb_lineno:
        return trace
    where = Frame(code.co_filename, code.co_name, code.co_firstlineno, trace.tb_lineno, "", span(code, trace.tb_lasti))
    local = tuple((name, value) for name, value in frame.f_locals.items() if not name.startswith(_OURS))
    there, instruction = stand_in(where._replace(local=local), frame.f_globals)
    return types.TracebackType(trace.tb_next, there, instruction, trace.tb_lineno)


@functools.lru_cache(maxsize=64)  # a cell may handle an error in each of its iterations
def _raising(frame: Frame) -> types.CodeType:
    return _code(frame, [])


def _function(frame: Frame, arguments: Arguments) -> tuple[types.CodeType, dict[str, None]]:
    """Code of a function that takes them and has the frame's variables, and what to call it with by keyword."""
    names, positional = arguments.names, arguments.positional
    keywords = names[positional : positional + arguments.only_keyword]
    stars = iter(names[positional + len(keywords) :])
    takes = ast.arguments(
        posonlyargs=[ast.arg(name) for name in names[: arguments.only_positional]],
        args=[ast.arg(name) for name in names[arguments.only_positional : positional]],
        kwonlyargs=[ast.arg(name) for name in keywords],
        kw_defaults=[None for _ in keywords],
        defaults=[],
        vararg=ast.arg(next(stars)) if arguments.stars & VARARGS else None,
        kwarg=ast.arg(next(stars)) if arguments.stars & VARKEYWORDS else None,
    )
    # Any object may be a constant of code, but none such that the compiler takes: others stand for them until then.
    values = {f".{number}": value for number, (_, value) in enumerate(frame.local)} | {_RAISED: _Here}
    body: list[ast.stmt] = [
        ast.Assign([ast.Name(name, ast.Store())], ast.Constant(f".{number}"))
        for number, (name, _) in enumerate(frame.local)
    ]
    gone = [ast.Name(name, ast.Del()) for name in names if name not in dict(frame.local)]
    body += [ast.Delete(list[ast.expr](gone))] if gone else []
    outer = _code(frame, body, takes)
    code = next(constant for constant in outer.co_consts if isinstance(constant, types.CodeType))
    constants = tuple(values.get(c, c) if isinstance(c, str) else c for c in code.co_consts)
    return _named(code.replace(co_consts=constants), frame), dict.fromkeys(keywords)


def _code(frame: Frame, before: list[ast.stmt], takes: ast.arguments | None = None) -> types.CodeType:
    """Code, or that of a function that takes something, that raises where the frame stood."""
    first = _first(frame)
    last, start, end = frame.span or (frame.line, 0, 10)
    body = [*before, ast.Raise(_raised(takes))]
    again = ast.Raise(_raised(takes))
    if frame.stands:
        body[-1] = ast.Try([body[-1]], [ast.ExceptHandler(None, None, [again])], [], [])
    if takes is not None:
        body = [ast.FunctionDef("f", takes, body, [], type_params=[])]  # type: ignore[call-arg]
    for node in itertools.chain.from_iterable(map(ast.walk, body)):
        if isinstance(node, (ast.stmt, ast.expr, ast.arg, ast.ExceptHandler)):
            # Lines count from where the function begins.
            node.lineno, node.end_lineno = frame.line - first + 1, last - first + 1
            node.col_offset, node.end_col_offset = start, end
    if frame.stands:
        for node in ast.walk(again):
            if isinstance(node, (ast.stmt, ast.expr)):
                node.lineno = node.end_lineno = frame.stands - first + 1
                node.col_offset = node.end_col_offset = 0
    if takes is not None:
        body[0].lineno = body[0].end_lineno = 1
        body[0].col_offset = body[0].end_col_offset = 0  # it may end on a later line, further to the left
    return _named(compile(ast.Module(body, []), frame.filename, "exec"), frame)


def _first(frame: Frame) -> int:
    """The line on which the stand-in's code begins."""
    return min(frame.first_line, frame.line, frame.stands or frame.line)


def _raised(takes: ast.arguments | None) -> ast.expr:
    return ast.Name(_RAISED, ast.Load()) if takes is None else ast.Constant(_RAISED)


def _named(code: types.CodeType, frame: Frame) -> types.CodeType:
    """`code` with the name of the frame's function, and beginning where that did."""
    names = {"co_name": frame.function}
    if sys.version_info >= (3, 11):
        names["co_qualname"] = frame.qualified or frame.function
    return code.replace(co_firstlineno=_first(frame), **names)  # type: ignore[arg-type]
