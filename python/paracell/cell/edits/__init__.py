"""The smallest edit that makes a region parallel, as code made from the user's own names.

Each function returns None where no edit of a few lines is known to be right.
"""

from .apart import copied_first, made_apart, worked_on_copy
from .decorated import cached_instead, undecorated
from .functions import added_anew, argument_returned, handed_over, returns_it
from .handing import handed_in
from .hoisted import asked_first, before_block, before_class, left_out, set_before, set_before_by_function
from .loops import as_loop
from .memos import cached, memo_of
from .pieces import one
from .readfirst import read_first
from .regions import (
    anew,
    as_list,
    as_list_inside,
    copied,
    named_function,
    named_item,
    renamed,
    shifted,
    unpacked,
    with_own_values,
)
from .shared import taken_by_loop, taken_for_function
from .shell import as_subprocess
from .shown import shown_once
from .texts import as_code, as_names, left

__all__ = [
    "added_anew",
    "anew",
    "argument_returned",
    "as_code",
    "as_list",
    "as_list_inside",
    "as_loop",
    "as_names",
    "as_subprocess",
    "asked_first",
    "before_block",
    "before_class",
    "cached",
    "cached_instead",
    "copied",
    "copied_first",
    "handed_in",
    "handed_over",
    "left",
    "left_out",
    "made_apart",
    "memo_of",
    "named_function",
    "named_item",
    "one",
    "read_first",
    "renamed",
    "returns_it",
    "set_before",
    "set_before_by_function",
    "shifted",
    "shown_once",
    "taken_by_loop",
    "taken_for_function",
    "undecorated",
    "unpacked",
    "with_own_values",
    "worked_on_copy",
]
