"""Walks over the parts of a split body: what they bind, where, and whether they leave the loop."""

from __future__ import annotations

import ast

from . import names
from .nodes import walk
from .parts import Commit, Compute, Inner, Jump, Part, Resource


def bound_order(node: ast.stmt) -> list[str]:
    return [name for kind, name, _ in names.events(node) if kind == "store"]


def every_part(parts: list[Part]) -> list[Part]:
    """All parts, those inside others too."""
    found: list[Part] = []
    for part in parts:
        found.append(part)
        for block in ("body", "orelse"):
            if isinstance(getattr(part, block, None), list):
                found += every_part(getattr(part, block))
    return found


def assignments(parts: list[Part]) -> list[tuple[str, int]]:
    """(name, line) of everything that workers bind, in order."""
    found: list[tuple[str, int]] = []
    for part in parts:
        if isinstance(part, (Compute, Resource)):
            for kind, name, node in names.events(part.node):
                if kind == "store":
                    found.append((name, getattr(node, "lineno", part.node.lineno)))
        for block in ("body", "orelse"):
            if isinstance(getattr(part, block, None), list):
                found += assignments(getattr(part, block))
    return found


def bound_in(parts: list[Part], kinds: tuple[type, ...]) -> set[str]:
    found: set[str] = set()
    for part in parts:
        if isinstance(part, kinds):
            if isinstance(part, Inner):
                found |= names.stores(part.node.target)
            elif isinstance(part, Resource):
                found |= {
                    n for i in part.node.items if i.optional_vars is not None for n in names.stores(i.optional_vars)
                }
            else:
                found |= names.stores(part.node)  # type: ignore[union-attr]
        for block in ("body", "orelse"):
            if isinstance(getattr(part, block, None), list):
                found |= bound_in(getattr(part, block), kinds)
    return found


def has_break(parts: list[Part], inside: bool = False) -> bool:
    for part in parts:
        if isinstance(part, Jump) and isinstance(part.node, ast.Break) and not inside:
            return True
        if isinstance(part, Commit) and any(isinstance(n, ast.Break) for n in walk(part.node)):
            return True
        for block in ("body", "orelse"):
            if isinstance(getattr(part, block, None), list):  # noqa: SIM102
                if has_break(getattr(part, block), inside or (isinstance(part, Inner) and block == "body")):
                    return True
    return False
