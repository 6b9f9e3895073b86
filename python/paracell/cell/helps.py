"""Whether the edit that a refusal would show makes its region parallel: the cell is planned with it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from paracell.records import replace

from .edits.sound import parsed, without_magics
from .refusal import Refusal, Swap
from .regions import Site, sites
from .resolve import Resolver

if TYPE_CHECKING:
    from .plan import Region

INSTEAD = "Instead: compute what depends on the item alone in a loop of its own, and do the rest after that."
"""What is said where no edit is known that does."""
Planned = Callable[[Site, Resolver, Sequence[str]], "Refusal | None"]


def checked(refusal: Refusal, region: Region, lines: Sequence[str], resolver: Resolver, planned: Planned) -> Refusal:
    """`refusal` of `region`, without its edit if the region would be refused with that, too.

    `planned` gives the refusal of a region of another cell. An edit of other cells than this is taken as it is."""
    edit = refusal.edit
    if edit is None or edit.before or any(swap.file for swap in edit.swaps):
        return refusal
    changed = without_magics(lines)
    for swap in sorted(edit.swaps, key=lambda swap: -swap.number):
        swap.made(changed)
    tree = parsed("\n".join(changed))
    if tree is None:
        return refusal
    first = region.line + _longer([swap for swap in edit.swaps if _last(swap) < region.line])
    last = region.end_line + _longer([swap for swap in edit.swaps if swap.number <= region.end_line])
    known = Resolver(resolver.namespace, tree if resolver.defined else _defined_anew(tree, changed, edit.swaps))
    found = [site for site in sites(tree) if first <= site.node.lineno <= last]
    if not found or any(planned(site, known, changed) is None for site in found):
        return refusal
    return replace(refusal, edit=None, advice=refusal.advice or INSTEAD)


def _longer(swaps: Sequence[Swap]) -> int:
    """By how many lines a cell grows."""
    return sum(len(swap.new) - len(swap.old.split("\n")) for swap in swaps)


def _last(swap: Swap) -> int:
    return swap.number + swap.old.count("\n")


def _defined_anew(tree: ast.Module, lines: Sequence[str], swaps: Sequence[Swap]) -> ast.Module:
    """The cell's functions and classes that the edit changes; all else is in the notebook by now."""
    new = {line.strip() for swap in swaps for line in swap.new}
    kinds = (ast.FunctionDef, ast.ClassDef)
    made = [s for s in tree.body if isinstance(s, kinds)]
    return ast.Module([s for s in made if new & {line.strip() for line in lines[s.lineno - 1 : s.end_lineno]}], [])
