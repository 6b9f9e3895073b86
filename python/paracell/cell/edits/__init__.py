"""The smallest edit that makes a region parallel, as code made from the user's own names.

Each function returns None where no edit of a few lines is known to be right.
"""

from .functions import added_anew, argument_returned, cached, handed_over, returns_it
from .pieces import one
from .regions import anew, as_list, as_loop, copied, named_function, named_item, renamed, shifted, taken_by_loop

__all__ = [
    "added_anew",
    "anew",
    "argument_returned",
    "as_list",
    "as_loop",
    "cached",
    "copied",
    "handed_over",
    "named_function",
    "named_item",
    "one",
    "renamed",
    "returns_it",
    "shifted",
    "taken_by_loop",
]
