"""Refusals that are seen only when a region begins, on the objects that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..cell.refusals import (
    AdvancesIterator,
    Alias,
    ItemsDepend,
    ReadsAhead,
    Refusal,
    SharedElements,
    SharedItems,
    Shown,
    Unpicklable,
)

if TYPE_CHECKING:
    from ..cell import Region


def _line(region: Region) -> tuple[Shown, ...]:
    return (Shown(region.line, region.source),)


def reads_iterator(region: Region, name: str) -> Refusal:
    detail = f"'{name}' is an iterator or an open file, which reading moves on"
    advice = f"Instead: read it into a list before the loop ({name}_list = list({name})), or let the loop go over it."
    return AdvancesIterator(region.line, _line(region), name, detail, None, advice)


def reads_ahead(region: Region, name: str) -> Refusal:
    detail = f"The loop may stop early, and a parallel loop would have read on in '{name}', which the notebook keeps"
    advice = f"Instead: loop over list({name}), if nothing goes on with '{name}' afterwards."
    return ReadsAhead(region.line, _line(region), name, detail, None, advice)


def shared_items(region: Region, detail: str) -> Refusal:
    advice = "Instead: items with nothing in common (copy.deepcopy), or collect new values and leave items as they are."
    return SharedItems(region.line, _line(region), None, detail, None, advice)


def shared_elements(region: Region, name: str, detail: str) -> Refusal:
    text = f"Iterations could not be shown to use elements of their own of '{name}': {detail}"
    advice = f"Instead: collect the new values in a list, and put them into '{name}' after the loop."
    return SharedElements(region.line, _line(region), name, text, None, advice)


def same_object(region: Region, path: str, name: str, part: bool = False) -> Refusal:
    what = f"part of '{name}'" if part else f"'{name}'"
    detail = f"{path} is {what}, which the loop changes, and workers would read {path} ahead of that"
    advice = (
        f"Instead, if the state from before the loop is meant: read from a copy made before it (old = {name}.copy())."
    )
    return Alias(region.line, _line(region), name, detail, None, advice)


def too_large(region: Region) -> Refusal:
    changed = ", ".join(f"'{name}'" for name in sorted(region.changes))
    detail = f"the loop changes {changed}, and what it reads holds too many objects to see that none of them is changed"
    advice = "Instead: collect the new values in a list of the loop's own (new = []), and put them in place after it."
    return Alias(region.line, _line(region), None, detail, None, advice)


def unpicklable(region: Region, error: Exception) -> Refusal:
    return Unpicklable(region.line, _line(region), None, str(error))


def items_depend(region: Region, detail: str) -> Refusal:
    advice = "Instead, if reading all items first is right: loop over a list of them (for ... in list(...))."
    return ItemsDepend(region.line, _line(region), None, detail[:1].upper() + detail[1:], None, advice)
