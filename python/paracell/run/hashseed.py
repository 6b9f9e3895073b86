"""Whether worker processes hash strings as this process does, and whether a loop could show it if they do not.

CPython salts the hashes of str and bytes for each process, so sets of strings are walked in another order, unless
PYTHONHASHSEED fixes the salt. The paracell kernel's own kernelspec does; other kernels may have been started without.
"""

from __future__ import annotations

import os
import sys
from types import CodeType, FunctionType

_NAMES = frozenset({"hash", "set", "frozenset"})
_SETS = frozenset({"BUILD_SET", "SET_ADD", "SET_UPDATE"})
_LIMIT = 200

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
    import dis

    seen: set[CodeType] = set()
    waiting = [function.__code__]
    while waiting and len(seen) < _LIMIT:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        if not _NAMES.isdisjoint(code.co_names) or any(op.opname in _SETS for op in dis.get_instructions(code)):
            return True
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        named = (function.__globals__.get(name) for name in code.co_names)
        waiting += [value.__code__ for value in named if isinstance(value, FunctionType)]
    return False
