"""Tracebacks show the user's frames, as the serial cell's do."""

from __future__ import annotations

import os
import sys
from types import CodeType, FrameType, TracebackType

_HERE = os.path.dirname(__file__) + os.sep


def trim(error: BaseException | None, trace: TracebackType | None) -> None:
    """Take out of an error's traceback, which begins in the cell's frame, what stands directly below that: our frames,
    and the frame of the compute function, which is the cell's once more. Of an error that is ours nothing is taken."""
    if error is None or trace is None:
        return
    below = trace.tb_next
    while below is not None and _is_ours(below):
        below = below.tb_next
    if below is None:
        return
    if _is_the_cell(below, trace):
        if below.tb_lineno == trace.tb_lineno:
            below = below.tb_next
        elif sys.version_info >= (3, 11):
            # The statement is no longer there: a later one of the cell asked for what it was to make.
            error.__traceback__ = below
            return
    trace.tb_next = below


def caller() -> FrameType | None:
    """The innermost frame that is none of ours: the cell's, where it has called what runs now."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
    return frame


def top(error: BaseException) -> None:
    """Take out of the traceback of an error that is about to reach the cell's frame what stands at its top: our frames,
    and the frame of the compute function, which is the cell's once more."""
    trace = error.__traceback__
    while trace is not None and _is_ours(trace):
        trace = trace.tb_next
    cell = caller()
    if trace is None or cell is None:
        return
    here = cell.f_lineno, *_named(cell.f_code)
    while trace is not None and (trace.tb_lineno, *_named(trace.tb_frame.f_code)) == here:
        trace = trace.tb_next
    error.__traceback__ = trace


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
    below = trace.tb_next
    while below is not None and _is_ours(below):
        below = below.tb_next
    if below is not None and _is_the_cell(below, trace):
        error.__traceback__ = below


def _is_ours(trace: TracebackType) -> bool:
    return trace.tb_frame.f_code.co_filename.startswith(_HERE)


def _is_the_cell(trace: TracebackType, above: TracebackType) -> bool:
    return _named(trace.tb_frame.f_code) == _named(above.tb_frame.f_code)


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
