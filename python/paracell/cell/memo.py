"""Whether a function that keeps its results (``functools.cache``, ``cached_property``) does more than to compute them.

What it does besides happens once for each argument. On workers it would happen once in each of them, or as often as
threads ask at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from types import FunctionType
from typing import Any

from .effects import Effects
from .freshness import Freshness
from .resolve import Resolver


def kept(value: Any) -> Iterator[FunctionType]:
    """The functions whose results `value` keeps: it is one that does, or an object of the notebook's with properties
    that do."""
    if hasattr(type(value), "cache_info"):
        found = [getattr(value, "__wrapped__", None)]
    elif isinstance(value, cached_property):
        found = [value.func]
    else:
        own = [base for base in type(value).__mro__ if base.__module__ == "__main__"]
        held = (one for base in own for one in base.__dict__.values())
        found = [one.func for one in held if isinstance(one, cached_property)]
    return (function for function in found if isinstance(function, FunctionType))


def acts(function: FunctionType, namespace: Mapping[str, Any]) -> str | None:
    """What the notebook's own `function` does besides computing, in words."""
    resolver = Resolver(namespace, None)
    followed = resolver.plainly(function)
    if followed is None:
        return None
    summary = Effects(resolver, Freshness([], set(), resolver)).summary(followed)
    shown = [summary.shows] if summary.shows is not None else []
    return next((str(how) for how in (*summary.outside.values(), *summary.parameters.values(), *shown)), None)
