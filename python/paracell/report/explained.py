"""``--explain`` for people: the plan's text for a terminal, and HTML in which the two parts can be told at a glance."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from paracell.cell.explain import MARKS, explained
from paracell.report.view import MUTED, STYLE

if TYPE_CHECKING:
    from paracell.cell import Plan, Region

_COMPUTE = (
    "border-left:3px solid var(--jp-brand-color1,#2196f3);background:var(--jp-cell-editor-background,transparent)"
)
_COMMIT = "border-left:3px solid var(--jp-border-color1,#bdbdbd)"


def explain(shell: Any, plan: Plan) -> None:
    """Display the plan, as one output of the cell that is not run."""
    data = {"text/plain": plan.explain(), "text/html": as_html(plan)}
    shell.display_pub.publish(data, metadata={"paracell": {"explain": True}})


def as_html(plan: Plan) -> str:
    """For a notebook: colours are the theme's."""
    parts = [_region(region, plan.source) for region in plan.regions] or ["No loop in this cell."]
    legend = f'<div style="{MUTED}">∥ computed by workers &nbsp; │ runs here, in order; nothing has been run</div>'
    return f'<div class="paracell-explain" style="{STYLE}">{"".join(parts)}{legend if plan.regions else ""}</div>'


def _region(region: Region, source: str) -> str:
    parts = [f'<div style="margin-top:4px"><b>line {region.line}</b></div>']
    if region.refusal is not None:
        parts.append(f'<div style="white-space:pre-wrap">{html.escape(region.refusal.message())}</div>')
    for _, part, text, operands in explained(region, source):
        beside = f'<span style="{MUTED}">   ∥ {html.escape("; ".join(operands))}</span>' if operands else ""
        style = _COMPUTE if part == "compute" else _COMMIT
        parts.append(
            f'<div style="white-space:pre;overflow-x:auto;padding-left:6px;{style}">'
            f"{MARKS[part]} {html.escape(text)}{beside}</div>"
        )
    kinds: dict[str, list[str]] = {}
    for name, kind in region.variables.items():
        kinds.setdefault(kind, []).append(name)
    said = " · ".join(f"{html.escape(kind)}: {html.escape(', '.join(names))}" for kind, names in kinds.items())
    return "".join(parts) + f'<div style="{MUTED}">{said}</div>'
