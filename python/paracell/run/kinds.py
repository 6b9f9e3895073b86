"""What kinds of objects there are, for who follows what iterations on threads share (``holdings``)."""

from __future__ import annotations

import contextlib
import functools
import gc
import random
from functools import partial, partialmethod
from io import IOBase
from types import BuiltinFunctionType, FunctionType, MethodType, MethodWrapperType, SimpleNamespace
from typing import Any

from ..attributes import module_of
from .reach import ATOMS, is_users

PLAIN = ATOMS - {BuiltinFunctionType}
"""Types whose objects hold nothing that could change. (A builtin method holds the object that it is one of.)"""
WRAPPERS: dict[type, tuple[str, ...]] = {
    staticmethod: ("__func__",),
    classmethod: ("__func__",),
    property: ("fget", "fset", "fdel"),
    functools.cached_property: ("func",),
    type(functools.cache(len)): ("__wrapped__",),
    partial: ("func", "args", "keywords", "__dict__"),
    partialmethod: ("func", "args", "keywords"),
    MethodType: ("__self__", "__func__"),
    MethodWrapperType: ("__self__",),
    memoryview: ("obj",),
    SimpleNamespace: ("__dict__",),
}
"""Type -> the attributes that lead to what its objects are about."""
CALLERS = (partial, partialmethod, MethodType)
"""Those of them that are functions by another name."""
_STATEFUL = {
    *("_sre.SRE_Scanner", "_thread._local", "zlib.Compress", "zlib.Decompress", "_bz2.BZ2Compressor"),
    *("_bz2.BZ2Decompressor", "_lzma.LZMACompressor", "_lzma.LZMADecompressor", "_csv.writer"),
    *("_hashlib.HASH", "_blake2.blake2b", "_blake2.blake2s", "pyexpat.xmlparser"),
}
"""Types of objects that move on when they are asked, or that are others in each thread."""
_STATEFUL_MODULES = ("queue", "_queue", "multiprocessing.queues", "sqlite3", "socket", "subprocess")
_DATA = ("collections", "argparse", "configparser", "types", "weakref", "_weakrefset", "enum", "builtins")
"""Modules whose objects hold a user's data and nothing else: they are looked into as the notebook's own."""


_REMEMBERED = ("dispatch_cache", "cache_token")


def through(one: Any) -> list[Any]:
    """What an object of one of the ``WRAPPERS`` is about."""
    try:
        return [getattr(one, part, None) for part in WRAPPERS.get(type(one), ())]
    except ValueError:  # a memoryview that has been released
        return []


def inside(one: Any) -> list[Any]:
    """What a library's object holds; of a function, not what is around it."""
    if isinstance(one, FunctionType):
        closure, attributes = one.__closure__ or (), one.__dict__
        if one.__globals__.get("__name__") == "functools":  # singledispatch remembers what it has found
            closure = tuple(
                cell for name, cell in zip(one.__code__.co_freevars, closure, strict=True) if name not in _REMEMBERED
            )
            attributes = {name: value for name, value in attributes.items() if name != "_clear_cache"}
        return [closure, one.__defaults__, one.__kwdefaults__, attributes]
    return gc.get_referents(one)


def holds_data(kind: type) -> bool:
    """Whether objects of this class have attributes that are the user's data."""
    return is_users(kind.__module__) or (kind.__module__ in _DATA and bool(kind.__dictoffset__))


def moves(one: Any) -> bool:
    """Whether using `one` moves it on, in a way that cannot be put back."""
    kind = type(one)
    if kind.__module__ in _STATEFUL_MODULES or isinstance(one, random.Random):
        return True
    if module_of(kind).startswith("numpy.random") and hasattr(one, "bit_generator"):
        return True
    if f"{kind.__module__}.{kind.__qualname__}" in _STATEFUL or isinstance(one, IOBase):
        return True
    return hasattr(kind, "__next__") and not is_users(kind.__module__)


def attributes_of(one: Any) -> dict[Any, Any] | None:
    """The dictionary of an instance, whatever its class makes of it."""
    with contextlib.suppress(AttributeError):
        held = object.__getattribute__(one, "__dict__")
        return held if isinstance(held, dict) else None
    return None
