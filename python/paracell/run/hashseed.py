"""Whether worker processes hash strings as this process does, and whether a loop could show it if they do not.

CPython salts the hashes of str and bytes for each process, so sets of strings are walked in another order, unless
PYTHONHASHSEED fixes the salt. The paracell kernel's own kernelspec does; other kernels may have been started without.
"""

from __future__ import annotations

import os
import sys
from types import CodeType, FunctionType

from ..kept import Kept
from ..ship.codes import instructions
from .named import codes

_NAMES = frozenset({"hash", "set", "frozenset"})
_SETS = frozenset({"BUILD_SET", "SET_ADD", "SET_UPDATE"})

NOTE = (
    "This kernel was started without PYTHONHASHSEED: strings hash differently in each worker process, so hash() and "
    "the order of sets of strings that iterations make are not those of the notebook. Start the kernel with "
    "PYTHONHASHSEED=0, as the paracell kernel is, or use `%%parallel threads`."
)


def salted() -> bool:
    """Whether other processes hash strings differently."""
    return bool(sys.flags.hash_randomization) and os.environ.get("PYTHONHASHSEED", "random") in ("", "random")


def shows(function: FunctionType) -> bool:
    """Whether `function`, or one of the notebook's that it names, makes sets or asks for hashes."""
    return any(not _NAMES.isdisjoint(code.co_names) or makes_sets(code) for code in codes(function))


def _makes_sets(code: CodeType) -> bool:
    return any(name in _SETS for name, _ in instructions(code))


makes_sets = Kept(_makes_sets)
