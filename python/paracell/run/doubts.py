"""Refusals that are seen only when a region begins, on the objects that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..cell.refusal import Refusal, Shown
from ..cell.roots import DRAWN
from ..later import Later

if TYPE_CHECKING:
    from ..cell import Region, refusals
    from ..cell.reasons import begun
else:
    refusals = Later("paracell.cell.refusals")
    begun = Later("paracell.cell.reasons.begun")


def _line(region: Region) -> tuple[Shown, ...]:
    return (Shown(region.line, region.source),)


def located(refusal: Refusal, region: Region, source: str, namespace: Mapping[str, Any]) -> Refusal:
    """The refusal of `region`, which is about to begin, with the lines of the cell that show it."""
    path = refusal.detail.split(" is ")[0] if refusal.code == "alias" else ""
    new: Refusal = begun.located(refusal, region.line, region.column, source, namespace, path)
    return new


def reads_iterator(region: Region, name: str) -> Refusal:
    name = name.strip("'")
    detail = f"'{name}' is an iterator or an open file, which reading moves on"
    advice = f"Instead: read it into a list before the loop ({name}_list = list({name})), or let the loop go over it."
    return refusals.AdvancesIterator(region.line, _line(region), name, detail, None, advice)


def acts_once(region: Region, function: str, does: str) -> Refusal:
    detail = f"{function}() keeps what it has computed, and {does}, which is to happen once for each argument"
    advice = f"Instead: let {function}() only compute, and do that in the loop."
    return refusals.FillsCache(region.line, _line(region), function, detail, None, advice)


def counts(region: Region, name: str, where: str) -> Refusal:
    detail = f"{name} keeps what it has computed, and {where} asks how often that was of use (cache_info)"
    advice = "Instead: ask for cache_info() in a cell without the parallel loop."
    return refusals.FillsCache(region.line, _line(region), name.strip("'"), detail, None, advice)


def acts_unseen(region: Region, function: str, does: str) -> Refusal:
    detail = f"{function}() {does}, and iterations on threads may run it without calling it by name"
    advice = "Instead: use %%parallel processes, which have copies and compare them, or change it in the loop itself."
    return refusals.ChangesGlobal(region.line, _line(region), None, _sentence(detail), None, advice)


def moves_on(region: Region, path: str, value: Any) -> Refusal:
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if kind == "_thread._local":
        detail = f"'{path}' is a threading.local, in which each thread has values of its own"
        advice = "Instead: use %%parallel processes, or hand the values to the function."
    else:
        detail = f"'{path}' (a {kind}) moves on when it is used, so iterations on threads would take turns at random"
        advice = "Instead: make one in each iteration, or read it into a list before the loop."
    return refusals.AdvancesIterator(region.line, _line(region), path, detail, None, advice)


def reads_ahead(region: Region, name: str) -> Refusal:
    detail = f"The loop may stop early, and a parallel loop would have read on in '{name}', which the notebook keeps"
    advice = f"Instead: loop over list({name}), if nothing goes on with '{name}' afterwards."
    return refusals.ReadsAhead(region.line, _line(region), name, detail, None, advice)


def shared_items(region: Region, detail: str) -> Refusal:
    advice = "Instead: items with nothing in common (copy.deepcopy), or collect new values and leave items as they are."
    return refusals.SharedItems(region.line, _line(region), None, _sentence(detail), None, advice)


def no_part(region: Region, part: str, name: str) -> Refusal:
    detail = f"The loop changes a part of '{name}', and '{part}' is not sure to be apart from that"
    value = part[len(name) :].strip(".[]'")
    advice = f"Instead: take it under a name of its own before the loop ({value} = {part}), and read that."
    return refusals.ReadsStored(region.line, _line(region), name, detail, None, advice)


def shared_elements(region: Region, name: str, detail: str) -> Refusal:
    text = f"Iterations could not be shown to use elements of their own of '{name}': {detail}"
    advice = f"Instead: collect the new values in a list, and put them into '{name}' after the loop."
    return refusals.SharedElements(region.line, _line(region), name, text, None, advice)


def same_object(region: Region, path: str, name: str, part: bool = False, copied: bool = True) -> Refusal:
    if name == DRAWN:
        detail = f"{path} is drawn on by the loop itself, and workers would read {path} ahead of that"
        advice = "Instead: compute first, and draw in a second loop."
        return refusals.Alias(region.line, _line(region), None, _sentence(detail), None, advice)
    what = f"part of '{name}'" if part else f"'{name}'"
    what = "changed by the loop itself" if path == what else f"{what}, which the loop changes"
    detail = f"{path} is {what}, and workers would read {path} ahead of that"
    how = f"read from a copy made before it (old = {name}.copy())" if copied else "read it before the loop"
    advice = f"Instead, if the state from before the loop is meant: {how}."
    return refusals.Alias(region.line, _line(region), name, detail, None, advice)


def too_large(region: Region) -> Refusal:
    changed = ", ".join(f"'{name}'" for name in sorted(region.changes.keys() - {DRAWN})) or "what is drawn"
    detail = f"the loop changes {changed}, and what it reads holds too many objects to see that none of them is changed"
    advice = "Instead: collect the new values in a list of the loop's own (new = []), and put them in place after it."
    return refusals.Alias(region.line, _line(region), None, _sentence(detail), None, advice)


def unpicklable(region: Region, error: Exception) -> Refusal:
    return refusals.Unpicklable(region.line, _line(region), None, str(error))


def _sentence(detail: str) -> str:
    """With a capital letter, if it does not begin with something of the user's."""
    word = detail.split(" ")[0]
    return detail[:1].upper() + detail[1:] if word in ("the", "it", "reading") else detail


def items_depend(region: Region, detail: str) -> Refusal:
    advice = "Instead, if reading all items first is right: loop over a list of them (for ... in list(...))."
    if detail.endswith(begun.LATER):
        advice = "Instead: let it yield a copy, which is another object each time."
    elif "groupby()" in detail:
        advice = "Instead: loop over a list of the groups ([(key, list(group)) for key, group in groupby(...)])."
    return refusals.ItemsDepend(region.line, _line(region), None, _sentence(detail), None, advice)
