"""What a code object names, and its bytes. Kept as long as the code: it never changes."""

from __future__ import annotations

import marshal
import re
from _weakref import ref  # as `weakref`, which a worker's start does without
from types import CodeType
from typing import Any, NamedTuple

from ..kept import Kept

_GLOBAL_OPS = frozenset(
    {"LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS", "LOAD_GLOBAL_BUILTIN"}
)
_ATTRIBUTE_OPS = frozenset({"LOAD_ATTR", "LOAD_METHOD"})
_BY_TEXT = frozenset({"eval", "exec", "globals", "vars", "query"})
"""A function that names one of these may reach a global through the words of a string."""
_WORD = r"[^\W\d]\w*"


class Reach(NamedTuple):
    """Names that a code object and the code nested in it may look up."""

    globals: tuple[str, ...]
    attributes: frozenset[str]
    """Everything in ``co_names``: what may be an attribute of a module."""
    text: tuple[str, ...]
    """Words of its strings that may be evaluated as globals (``df.query("x > @limit")``)."""
    walked: frozenset[str]
    """Those of the globals that it uses for more than to ask what is ``in`` them."""
    asks_hash: bool
    """Whether it calls a ``__hash__`` by that name; in one itself, that is how it asks its base class."""
    imports: tuple[str, ...]
    """Modules that its import statements name."""


def _bytes_of(code: CodeType) -> bytes:
    return marshal.dumps(code)


def _source_of(code: CodeType) -> tuple[int, str] | None:
    import linecache  # workers, which do without it, are never asked

    entry = linecache.cache.get(code.co_filename)
    if entry is None or len(entry) != 4 or entry[1] is not None:
        return None
    first = code.co_firstlineno
    return first, "".join(entry[2][first - 1 : _last_line(code)])


def _last_line(code: CodeType) -> int:
    last = max((line for _, _, line in code.co_lines() if line is not None), default=code.co_firstlineno)
    return max(last, *(_last_line(one) for one in code.co_consts if isinstance(one, CodeType)), 0)


_latest: tuple[ref[CodeType], list[tuple[str, Any]]] | None = None
"""The code whose instructions were asked for last, and those."""


def instructions(code: CodeType) -> list[tuple[str, Any]]:
    """(name, what its argument stands for) of each instruction. Several ask one after the other for those of a loop."""
    global _latest
    known = _latest  # other threads ask, too
    if known is None or known[0]() is not code:
        import dis  # a worker that pickles nothing but values does without it

        found = [(one.opname, one.argval) for one in dis.get_instructions(code)]
        known = _latest = ref(code, _forget), found
    return known[1]


def _forget(gone: ref[CodeType]) -> None:
    global _latest
    if _latest is not None and _latest[0] is gone:
        _latest = None


def _reach_of(code: CodeType) -> Reach:
    names: dict[str, None] = {}
    attributes: set[str] = set()
    strings: list[str] = []
    walked: set[str] = set()
    asks_hash = False
    imports: dict[str, None] = {}
    pending = [code]
    while pending:
        one = pending.pop()
        attributes.update(one.co_names)
        asked = ""
        for name, argument in instructions(one):
            if asked and name != "CONTAINS_OP":
                walked.add(asked)
            asked = ""
            if name in _GLOBAL_OPS:
                names[argument] = None
                asked = argument
            elif name in _ATTRIBUTE_OPS and argument == "__hash__":
                asks_hash = asks_hash or one.co_name != "__hash__"
            elif name == "IMPORT_NAME":
                imports[argument] = None
        for constant in one.co_consts:
            if isinstance(constant, CodeType):
                pending.append(constant)
            elif isinstance(constant, str):
                strings.append(constant)
    words: dict[str, None] = {}
    by_text = not _BY_TEXT.isdisjoint(attributes)
    for string in strings:
        if by_text:
            words.update(dict.fromkeys(re.findall(_WORD, string)))
        elif "@" in string:
            words.update(dict.fromkeys(re.findall(f"@({_WORD})", string)))
    return Reach(tuple(names), frozenset(attributes), tuple(words), frozenset(walked), asks_hash, tuple(imports))


code_bytes = Kept(_bytes_of)
"""The marshalled code, file name and positions included."""
source = Kept(_source_of)
"""(number of the first line, the lines) of code that stands in no file, as tracebacks show them; else None."""
reach = Kept(_reach_of)
"""What code may look up outside of itself, nested functions and class bodies included."""
