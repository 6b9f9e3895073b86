"""The text of ``--explain``: each region's lines, what a worker computes, and the class of every variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .plan import Plan


def explain(plan: Plan) -> str:
    """Body lines marked with ``∥`` (compute) or ``│`` (commit), residues and variables beside them."""
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
                mark = "∥" if number in residues or region.whole_task else "│"
                text = lines[number - 1] if number <= len(lines) else ""
                computed = "   ∥ " + "; ".join(residues[number]) if number in residues else ""
                out.append(f"  {mark} {text}{computed}")
        for name, kind in region.variables.items():
            out.append(f"      {name}: {kind}")
    return "\n".join(out)
