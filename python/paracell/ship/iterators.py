"""Iterators of ``itertools``, which Python 3.12 and 3.13 pickle with a warning that is about no line of the cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..silence import Silence


def reduce_iterator(iterator: Any) -> Any:
    """As it reduces itself; from Python 3.14 on, it says that it cannot be pickled."""
    with Silence(__name__):
        reduced = iterator.__reduce_ex__(5)
    if not isinstance(reduced, tuple) or len(reduced) not in (2, 3):
        return reduced
    return make_iterator, reduced


def make_iterator(make: Callable[..., Any], arguments: tuple[Any, ...], state: Any = None) -> Any:
    """Called by unpickling."""
    with Silence(__name__):
        iterator = make(*arguments)
        if state is not None:
            iterator.__setstate__(state)
    return iterator
