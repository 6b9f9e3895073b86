"""Which of the reasons it is, with the lines that show it and the edit that would help."""

from .changes import change
from .expressions import binds, computed_function, kept_generator, not_builtin
from .forbidden import forbidden
from .loops import (
    item_read_later,
    iterated,
    kept_function,
    light,
    loop_variable,
    only_makes,
    stored_items,
    stored_items_of_comprehension,
    trivial,
    waits,
    within,
    within_class,
)

__all__ = [
    "binds",
    "change",
    "computed_function",
    "forbidden",
    "item_read_later",
    "iterated",
    "kept_function",
    "kept_generator",
    "light",
    "loop_variable",
    "not_builtin",
    "only_makes",
    "stored_items",
    "stored_items_of_comprehension",
    "trivial",
    "waits",
    "within",
    "within_class",
]
