"""What ``--explain`` shows: each region's lines, what a worker computes, and the class of every variable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .plan import Plan, Region

MARKS = {"compute": "∥", "commit": "│"}


def explained(region: Region, source: str) -> Iterator[tuple[int, str, str, tuple[str, ...]]]:
    """(line, "compute" or "commit", text, operands that workers compute) of each line; none if it is not parallel."""
    if region.refusal is not None:
        return
    lines = source.splitlines()
    residues: dict[int, list[str]] = {}
    for number, text in region.residues:
        residues.setdefault(number, []).append(text.split("\n")[0])
    for number in range(region.line, region.end_line + 1):
        whole = number in region.computed or region.whole_task
        text = lines[number - 1] if number <= len(lines) else ""
        yield number, "compute" if whole else "commit", text, () if whole else tuple(residues.get(number, ()))


def explain(plan: Plan) -> str:
    """Lines marked with ``∥`` (compute) or ``│`` (commit, with the operands that workers compute beside it)."""
    if not plan.regions:
        return "No loop in this cell."
    out: list[str] = []
    for region in plan.regions:
        out.append(f"line {region.line}: {region.source}")
        if region.refusal is not None:
            out.append(region.refusal.message())
        for _, part, text, operands in explained(region, plan.source):
            beside = f"   ∥ {'; '.join(operands)}" if operands else ""
            out.append(f"  {MARKS[part]} {text}{beside}")
        out += [f"      {name}: {kind}" for name, kind in region.variables.items()]
    return "\n".join(out)
