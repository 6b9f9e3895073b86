"""What a code object names, and its bytes. Cached: code never changes."""

from __future__ import annotations

import dis
import marshal
import re
from types import CodeType
from typing import NamedTuple

_GLOBAL_OPS = frozenset(
    {"LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS", "LOAD_GLOBAL_BUILTIN"}
)
_BY_TEXT = frozenset({"eval", "exec", "globals", "vars", "query"})
"""A function that names one of these may reach a global through the words of a string."""
_WORD = re.compile(r"[^\W\d]\w*")
_AT_WORD = re.compile(r"@([^\W\d]\w*)")

_LIMIT = 4096


class Reach(NamedTuple):
    """Names that a code object and the code nested in it may look up."""

    globals: tuple[str, ...]
    attributes: frozenset[str]
    """Everything in ``co_names``: what may be an attribute of a module."""
    text: tuple[str, ...]
    """Words of its strings that may be evaluated as globals (``df.query("x > @limit")``)."""


_reach: dict[int, tuple[CodeType, Reach]] = {}
_bytes: dict[int, tuple[CodeType, bytes]] = {}


def code_bytes(code: CodeType) -> bytes:
    """The marshalled code, file name and positions included."""
    found = _bytes.get(id(code))
    if found is not None:
        return found[1]
    if len(_bytes) >= _LIMIT:
        _bytes.clear()
    data = marshal.dumps(code)
    _bytes[id(code)] = (code, data)
    return data


def reach(code: CodeType) -> Reach:
    """What `code` may look up outside of itself, nested functions and class bodies included."""
    found = _reach.get(id(code))
    if found is not None:
        return found[1]
    if len(_reach) >= _LIMIT:
        _reach.clear()
    result = _find_reach(code)
    _reach[id(code)] = (code, result)
    return result


def _find_reach(code: CodeType) -> Reach:
    names: dict[str, None] = {}
    attributes: set[str] = set()
    strings: list[str] = []
    pending = [code]
    while pending:
        one = pending.pop()
        attributes.update(one.co_names)
        for instruction in dis.get_instructions(one):
            if instruction.opname in _GLOBAL_OPS:
                names[instruction.argval] = None
        for constant in one.co_consts:
            if isinstance(constant, CodeType):
                pending.append(constant)
            elif isinstance(constant, str):
                strings.append(constant)
    words: dict[str, None] = {}
    by_text = not _BY_TEXT.isdisjoint(attributes)
    for string in strings:
        if by_text:
            words.update(dict.fromkeys(_WORD.findall(string)))
        elif "@" in string:
            words.update(dict.fromkeys(_AT_WORD.findall(string)))
    return Reach(tuple(names), frozenset(attributes), tuple(words))
