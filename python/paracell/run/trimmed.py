"""Tracebacks show the user's frames, as the serial cell's do."""

from __future__ import annotations

import os
import sys
from types import CodeType, FrameType, TracebackType

from ..causes import causes

_PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep
_of_the_cell = 0
_NEW_LOCALS = 0x0002
"""Flag of a function's code (``inspect.CO_NEWLOCALS``; workers do without that module)."""
_IMPORTS = "<frozen importlib"
"""Below a frame of ours, those of an import that we have asked for."""


def trim(error: BaseException | None, trace: TracebackType | None) -> None:
    """Take out of an error's traceback, which begins in the cell's frame, what stands directly below that: our frames,
    and the frame of the compute function, which is the cell's once more."""
    if error is None or trace is None:
        return
    below = _theirs(trace.tb_next)
    if below is None:
        if _says_all(error):
            _clear(error)
            trace.tb_next = None
        return
    if _is_the_cell(below, trace):
        _stand_before(error, below.tb_frame)
        if below.tb_lineno == trace.tb_lineno:
            below = below.tb_next
        elif sys.version_info >= (3, 11):
            # The statement is no longer there: a later one of the cell asked for what it was to make.
            error.__traceback__ = _standing(below)
            return
    trace.tb_next = below


def caller() -> FrameType | None:
    """The innermost frame that is none of ours: the cell's, where it has called what runs now."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return frame


def top(error: BaseException) -> None:
    """Take out of the traceback of an error that is about to reach the cell's frame what stands at its top: our frames,
    and the frame of the compute function, which is the cell's once more."""
    trace = _theirs(error.__traceback__)
    if trace is None:
        if _says_all(error):
            _clear(error)
            error.__traceback__ = None
        return
    while trace is not None and _is_computes(trace.tb_frame.f_code):
        trace = trace.tb_next
    error.__traceback__ = trace


def enclosing() -> None:
    """An error goes through a generator that stands for one of the cell's own; a worker may have had another."""
    error = sys.exc_info()[1]
    trace = error.__traceback__ if error is not None else None
    if error is None or trace is None:
        return
    below = _theirs(trace.tb_next)
    while below is not None and _is_computes(below.tb_frame.f_code):
        below = below.tb_next
    if below is not None and _is_the_cell(below, trace):
        if sys.version_info >= (3, 11):  # else what is raised again keeps the traceback that it had
            error.__traceback__ = below
            return
        below = below.tb_next
    trace.tb_next = below


def enclosed(error: BaseException) -> TracebackType | None:
    """The traceback of an error in our code, without our frames."""
    return _theirs(error.__traceback__)


def caught() -> None:
    """The cell's own code is about to handle an error."""
    error = sys.exc_info()[1]
    if error is None:
        return
    if sys.version_info >= (3, 11):  # else what is handled keeps the traceback that it had
        instead(error, error.__traceback__)  # the worker's frame knows the part of the line
    trim(error, error.__traceback__)


def instead(error: BaseException | None, trace: TracebackType | None) -> None:
    """Let an error's traceback, which begins in the cell's frame, begin in the frame of the cell's code that was called
    from there."""
    if error is None or trace is None:
        return
    below = _theirs(trace.tb_next)
    if below is not None and _is_the_cell(below, trace):
        error.__traceback__ = _standing(below)


def _standing(trace: TracebackType) -> TracebackType:
    from ..ship.standing import standing  # here, for a worker reads no tracebacks

    return standing(trace)


def _stand_before(error: BaseException, frame: FrameType) -> None:
    """Let what `frame` has handled before it raised `error` stand where it was raised there."""
    for one in causes(error.__cause__, error.__context__):
        if one is not error and one.__traceback__ is not None and one.__traceback__.tb_frame is frame:
            one.__traceback__ = _standing(one.__traceback__)


def at_end(error: BaseException) -> None:
    """Take our frames out of the end of an error's traceback: it was raised in somebody else's code."""
    last, trace = None, error.__traceback__
    while trace is not None:
        if not _is_ours(trace):
            last = trace
        trace = trace.tb_next
    if last is not None:
        last.tb_next = None


def _theirs(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from its first frame on that is none of ours."""
    ours = False
    while trace is not None and (_is_ours(trace) or (ours and _named(trace.tb_frame.f_code)[0].startswith(_IMPORTS))):
        ours, trace = True, trace.tb_next
    return trace


def _is_ours(trace: TracebackType) -> bool:
    return trace.tb_frame.f_code.co_filename.startswith(_PACKAGE)


def of_the_cell(error: BaseException) -> None:
    """An error is the cell's own, though no frame below ours says so: code in C that we called for it has raised it."""
    global _of_the_cell
    _of_the_cell = id(error)  # to hold the error would hold what its frames hold


def _says_all(error: BaseException) -> bool:
    """Whether our frames tell nobody anything: an interrupt while we waited, an error of ours with its reason, one of
    the cell's own. Any other that has come out of our code is a mistake there, to be reported with them."""
    global _of_the_cell
    if id(error) == _of_the_cell:
        _of_the_cell = 0
        return True
    stops = isinstance(error, RuntimeError) and isinstance(error.__cause__, StopIteration)  # a generator's
    return stops or isinstance(error, KeyboardInterrupt) or type(error).__module__.startswith("paracell.")


def _clear(error: BaseException) -> None:
    """Take our frames out of the top of what has led to it."""
    for one in causes(error.__cause__, error.__context__):
        if one is not error:
            one.__traceback__ = _theirs(one.__traceback__)


def _is_the_cell(trace: TracebackType, above: TracebackType) -> bool:
    return _named(trace.tb_frame.f_code) == _named(above.tb_frame.f_code)


def _is_computes(code: CodeType) -> bool:
    """Whether it is the compute function's, which is called as the cell's and yet a function's."""
    return code.co_name == "<module>" and bool(code.co_flags & _NEW_LOCALS)


def _named(code: CodeType) -> tuple[str, str]:
    return code.co_filename, code.co_name


class Outside:
    """Around a call that runs code of the cell: an error leaves it as if that code stood in its place."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        __tracebackhide__ = True
        instead(error, trace)


OUTSIDE = Outside()
