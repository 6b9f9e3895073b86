"""Which values cross from the compute part to the commit part: names that the commit part reads, or that differ from
iteration to iteration in whether they are bound."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from . import names
from .parts import Both, Branch, Commit, Compute, Guarded, Inner, Part, Resource
from .shapes import parts_loads
from .split import Body
from .walks import assignments, bound_in, every_part, has_break


class Needs:
    """What is known of a split body before it is turned into code."""

    def __init__(self, body: Body, effects: Any):
        self.split = body
        self.effects = effects
        self.both = bound_in(body.parts, (Both, Inner))
        read = self._commit_reads(body.parts)
        assigned = bound_in(body.parts, (Compute, Resource))
        self.needed = (read | (body.temporaries - body.certain) | self.both) & assigned
        for part in body.parts:
            if isinstance(part, Compute) and isinstance(part.node, ast.AnnAssign):
                self.needed |= names.stores(part.node)  # the notebook gets the annotation, too
        bound = [name for name, _ in assignments(body.parts)]
        self.several = {name for name in bound if bound.count(name) > 1}
        """Names of which an iteration that is left half-way may have an earlier value than at its end."""
        self.needed |= self.several & body.temporaries & assigned
        self.needed |= body.loop & assigned  # the commit part has the item under that name
        if has_break(body.parts):
            self.needed |= body.temporaries & assigned
        self.late = self._late_names(read, assigned)

    def _late_names(self, read: set[str], assigned: set[str]) -> set[str]:
        """Names of which only the last value matters: workers say that they were bound, the value stays there."""
        if self.split.changes_items:
            return set()
        # Which of several values the commit part has come to is not what the worker has at the end.
        doubtful = self._bound_in(lambda part: isinstance(part, Guarded) or not part.by_worker) & self.several
        annotated = {
            name
            for part in every_part(self.split.parts)
            if isinstance(part, Compute) and isinstance(part.node, ast.AnnAssign)
            for name in names.stores(part.node)
        }
        return (self.needed & self.split.temporaries & assigned) - read - self.both - annotated - doubtful

    def _commit_reads(self, parts: list[Part]) -> set[str]:
        found = parts_loads(parts)
        for part in parts:
            nodes = [part.node] if isinstance(part, (Commit, Both, Guarded, Branch)) else []
            for node in nodes:
                found |= self.effects.reads(node)
            for block in ("body", "orelse"):
                if isinstance(getattr(part, block, None), list):
                    found |= self._commit_reads(getattr(part, block))
        return found

    def only_compute(self) -> dict[str, int]:
        lines: dict[str, int] = {}
        for name, line in assignments(self.split.parts):
            if name in self.split.temporaries and name not in self.needed:
                lines[name] = line
        return lines

    def _bound_in(self, asked: Callable[[Guarded | Branch], bool]) -> set[str]:
        """Names that are bound in the guarded blocks and branches that are `asked` for."""
        return {
            n
            for part in every_part(self.split.parts)
            if isinstance(part, (Guarded, Branch)) and asked(part)
            for n in names.stores(part.node)
        }

    def partial(self) -> set[str]:
        bound = {n for n, _ in assignments(self.split.parts)}
        return (bound & self.needed) - self._bound_in(lambda part: True)
