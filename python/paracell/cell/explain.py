"""The text of ``--explain``: each region's lines, what a worker computes, and the class of every variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .plan import Plan


def explain(plan: Plan) -> str:
    """Lines marked with ``∥`` (compute) or ``│`` (commit, with the operands that workers compute beside it)."""
    if not plan.regions:
        return "No loop in this cell."
    lines = plan.source.splitlines()
    out: list[str] = []
    for region in plan.regions:
        out.append(f"line {region.line}: {region.source}")
        if region.refusal is not None:
            out.append(region.refusal.message())
        else:
            residues: dict[int, list[str]] = {}
            for number, text in region.residues:
                residues.setdefault(number, []).append(text.split("\n")[0])
            for number in range(region.line, region.end_line + 1):
                whole = number in region.computed or region.whole_task
                text = lines[number - 1] if number <= len(lines) else ""
                operands = "   ∥ " + "; ".join(residues[number]) if number in residues and not whole else ""
                out.append(f"  {'∥' if whole else '│'} {text}{operands}")
        for name, kind in region.variables.items():
            out.append(f"      {name}: {kind}")
    return "\n".join(out)
