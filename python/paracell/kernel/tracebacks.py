"""Tracebacks as IPython shows them, in a tenth of the time.

For every error, IPython's libraries compile the lexer for Python and look up the colours of the theme anew. Both are
the same each time, so they are remembered here.
"""

from __future__ import annotations

import copy
import functools
import inspect
import os
from typing import Any
from weakref import WeakKeyDictionary

from paracell._native import cell_file_name
from paracell.causes import causes

MODULES = ("pygments.lexers.python", "pygments.formatters.terminal256", "pygments.styles", "stack_data")
"""What tracebacks are made with, in an order in which each brings little that is new."""

_prepared = False


def prepare() -> None:
    """Import what tracebacks are made with, and let it remember what does not change. Again: nothing."""
    global _prepared
    if _prepared:
        return
    _prepared = True
    import stack_data
    from pygments.formatters.terminal256 import Terminal256Formatter
    from pygments.lexer import RegexLexerMeta

    stack_data.style_with_executing_node = functools.lru_cache(maxsize=8)(stack_data.style_with_executing_node)
    _remember_colours(Terminal256Formatter)
    _share_compiled_tokens(RegexLexerMeta)


def known(error: BaseException | None) -> None:
    """Tell ``inspect`` that the frames of cells are the notebook's. It would look through all modules for their files,
    three times for each frame, find none, and with deep recursion take seconds."""
    folder = os.path.dirname(cell_file_name(b"")) + os.sep
    for one in causes(error):
        trace = one.__traceback__
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if file.startswith(folder):
                inspect.modulesbyfile.setdefault(file, "__main__")  # type: ignore[attr-defined]
            trace = trace.tb_next


def rehearse(shell: Any) -> None:
    """Make a traceback that nobody sees, so that the shell's first error is as quick as the next."""
    prepare()
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt as error:
        copy.copy(shell.InteractiveTB).structured_traceback(type(error), error, error.__traceback__, tb_offset=0)


def _remember_colours(formatter: Any) -> None:
    """The escape sequences of a style are computed once for each way of using them."""
    compute = formatter._setup_styles
    known: WeakKeyDictionary[Any, dict[Any, dict[str, Any]]] = WeakKeyDictionary()

    @functools.wraps(compute)
    def _setup_styles(self: Any) -> None:
        use = (type(self), self.usebold, self.useunderline, self.useitalic)
        of_style = known.setdefault(self.style, {})
        if use not in of_style:
            compute(self)
            of_style[use] = dict(self.style_string)
        self.style_string = dict(of_style[use])

    formatter._setup_styles = _setup_styles


def _share_compiled_tokens(meta: Any) -> None:
    """A lexer class that only adds methods has its base's tokens: stack_data makes such a class for every frame."""
    make = meta.__call__

    @functools.wraps(make)
    def __call__(cls: Any, *args: Any, **kwargs: Any) -> Any:
        own = vars(cls)
        base = cls.__bases__[0]
        adds_methods = len(cls.__bases__) == 1 and not own.keys() & {"_tokens", "tokens", "flags", "token_variants"}
        if adds_methods and "_tokens" in vars(base):
            cls._tokens, cls._all_tokens, cls._tmpname = base._tokens, base._all_tokens, base._tmpname
        return make(cls, *args, **kwargs)

    meta.__call__ = __call__
