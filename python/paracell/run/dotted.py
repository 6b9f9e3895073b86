"""While a region runs, the namespace has the parts of objects that are variables of their own (``cell.dotted``)."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MethodType
from typing import TYPE_CHECKING, Any

from ..cell.dotted import found_in, is_part, root_of
from ..cell.freshness import UNKNOWN
from ..cell.selves import standing_in
from . import doubts

if TYPE_CHECKING:
    from ..cell import Refusal, Region


def bind(region: Region, namespace: dict[str, Any]) -> Refusal | None:
    """Put them there; why that cannot be done, or None."""
    found = _found(region, namespace)
    if (other := next((name for name, value in found.items() if value is UNKNOWN), None)) is not None:
        return doubts.no_part(region, other, root_of(other))
    namespace.update(found)
    return None


def unbind(region: Region, namespace: dict[str, Any]) -> None:
    """Take them away. Idempotent."""
    for name in region.parts:
        namespace.pop(name, None)


@contextmanager
def bound(region: Region, namespace: dict[str, Any]) -> Iterator[None]:
    """With those that are there."""
    found = {name: value for name, value in _found(region, namespace).items() if value is not UNKNOWN}
    new = found.keys() - namespace.keys()
    namespace.update(found)
    try:
        yield
    finally:
        for name in new:
            namespace.pop(name, None)


def value(name: str, namespace: Mapping[str, Any]) -> Any:
    """What a name stands for that may be one of a part; None if nothing does."""
    found = found_in(name, lambda root: namespace.get(root, UNKNOWN)) if is_part(name) else namespace.get(name)
    return None if found is UNKNOWN else found


def holders(region: Region, namespace: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Parts that workers read -> the objects in which they stand, the whole one first."""
    return {name: _way(name, namespace) for name in sorted(region.parts & region.computed_from)}


def _way(name: str, namespace: Mapping[str, Any]) -> list[Any]:
    found: list[Any] = []
    node: Any = ast.parse(name, mode="eval").body
    while not isinstance(node, ast.Name):
        node = node.value
        found.insert(0, found_in(ast.unparse(node), lambda name: namespace.get(name, UNKNOWN)))
    return found


def _found(region: Region, namespace: Mapping[str, Any]) -> dict[str, Any]:
    def of(name: str) -> Any:
        return namespace.get(name, UNKNOWN)

    found = {name: found_in(name, of) for name in sorted(region.parts)}
    for name, attributes in region.methods.items():
        method = found[name]
        there = isinstance(method, MethodType) and attributes <= vars(method.__self__).keys()
        found[name] = standing_in(method.__self__, method.__name__, attributes) if there else UNKNOWN
    return found
