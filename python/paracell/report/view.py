"""``--report`` for people: a cell's ``RunReport`` as text for a terminal and as HTML for a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

from paracell.report.run import RegionReport, RunReport, Slow, Span
from paracell.report.timeline import bars, svg
from paracell.report.units import bytes_text, seconds_text

STYLE = (
    "font-family:var(--jp-code-font-family,monospace);font-size:12px;line-height:1.5;"
    "color:var(--jp-ui-font-color1,inherit);max-width:760px"
)
MUTED = "color:var(--jp-ui-font-color2,#808080)"


def show(shell: Any, report: RunReport) -> None:
    """Display `report` as one output of the cell."""
    data = {"text/plain": as_text(report), "text/html": as_html(report)}
    shell.display_pub.publish(data, metadata={"paracell": {"report": True}})


def as_text(report: RunReport) -> str:
    """For a terminal."""
    if not report.regions:
        return "No loop in this cell."
    return "\n".join(line for region in report.regions for line in _region_text(region))


def as_html(report: RunReport) -> str:
    """For a notebook: colours are the theme's."""
    parts = [_region_html(region) for region in report.regions] or ["No loop in this cell."]
    return f'<div class="paracell-report" style="{STYLE}">{"".join(parts)}</div>'


def _region_text(region: RegionReport) -> Iterator[str]:
    yield _headline(region) + f"   {region.source.strip()}"
    if region.reason:
        yield from (f"    {line}" for line in region.reason.splitlines())
    spans = region.timeline
    if spans:
        yield from (f"    {line}" for line in bars(spans, region.seconds))
    for name, value in _facts(region):
        yield f"    {name}: {value}"
    for at, slow in enumerate(region.slowest):
        yield f"    {'slowest: ' if at == 0 else '         '}{_slow(slow)}"


def _region_html(region: RegionReport) -> str:
    parts = [
        f'<div style="margin-top:4px"><b>{html.escape(_headline(region))}</b> '
        f'<span style="{MUTED}">{html.escape(region.source.strip())}</span></div>'
    ]
    if region.reason:
        parts.append(f'<div style="{MUTED};white-space:pre-wrap">{html.escape(region.reason)}</div>')
    spans = region.timeline
    if spans:
        parts.append(svg(spans, region.seconds))
    rows = [(name, html.escape(value)) for name, value in _facts(region)]
    if region.slowest:
        rows.append(("slowest", "<br>".join(html.escape(_slow(slow)) for slow in region.slowest)))
    cells = "".join(
        f'<span style="{MUTED}">{name}</span><span style="overflow-wrap:anywhere">{value}</span>'
        for name, value in rows
    )
    if cells:
        parts.append(f'<div style="display:grid;grid-template-columns:max-content 1fr;column-gap:12px">{cells}</div>')
    return "".join(parts)


def _headline(region: RegionReport) -> str:
    if region.ran is None:
        return f"line {region.line}: not reached"
    if not region.items and not region.tasks:
        return f"line {region.line}: {region.ran}"
    text = region.summary()
    return f"{text}, ended by {region.error}" if region.error else text


def _facts(region: RegionReport) -> Iterator[tuple[str, str]]:
    """(name, value) of what is known of the run as a whole."""
    utilisation, efficiency = region.utilisation, region.efficiency
    if utilisation is not None and efficiency is not None:
        tasks = f"{region.tasks:,} task{'s' if region.tasks != 1 else ''}"
        yield "workers", f"{utilisation:.0%} busy from first to last task, {efficiency:.0%} efficiency, {tasks}"
    if region.start == "fork":
        yield "forked", f"workers are forks of the notebook: {region.start_reason}"
    if region.bytes_in or region.bytes_out or region.broadcast:
        shipped = f"{bytes_text(region.bytes_in)} of items in, {bytes_text(region.bytes_out)} of results out"
        yield "shipped", shipped
    if region.broadcast:
        largest = sorted(region.broadcast.items(), key=lambda pair: -pair[1])
        said = ", ".join(f"{name} {bytes_text(size)}" for name, size in largest[:8])
        more = f" and {len(largest) - 8} more" if len(largest) > 8 else ""
        how = "not sent: forks have it" if region.start == "fork" else "to each worker once"
        yield "broadcast", f"{said}{more} ({how})"


def _slow(slow: Slow) -> str:
    item = f"  {slow.item}" if slow.item is not None else ""
    if slow.items == 1:
        return f"{seconds_text(slow.seconds)}  iteration {slow.iteration}{item}"
    each = seconds_text(slow.seconds / slow.items)
    return (
        f"{each} each  iterations {slow.iteration}-{slow.iteration + slow.items - 1}, one task{item and f' from{item}'}"
    )


__all__ = ["Span", "as_html", "as_text", "show"]
