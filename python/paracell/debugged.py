"""Whether a debugger is to stop somewhere. It knows this process alone: in a worker, a breakpoint would be passed by
without a word, and in a loop that was split it would stop at lines that have been computed before."""

from __future__ import annotations

import sys

_STOPS = ("file_to_id_to_line_breakpoint", "function_breakpoint_name_to_breakpoint", "break_on_caught_exceptions")
"""Where debugpy keeps what it stops at. Not exceptions that nobody catches, which are raised here in any case."""


def has_breakpoints() -> bool:
    """Whether debugpy, attached by whom ever, has a breakpoint in any file."""
    constants = sys.modules.get("_pydevd_bundle.pydevd_constants")
    debugger = constants.get_global_debugger() if constants is not None else None
    return debugger is not None and any(getattr(debugger, name, None) for name in _STOPS)
