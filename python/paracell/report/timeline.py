"""Pictures of a run's timeline, one row a worker: blocks of text for a terminal, a small SVG for a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from paracell.report.run import Span
from paracell.report.units import seconds_text

COLUMNS = 60
"""Characters of a row of text."""
WIDTH = 640.0
"""Units of a row of the SVG."""
MOST_ROWS = 64
_LEVELS = " ▁▂▃▄▅▆▇█"


def by_worker(spans: Sequence[Span]) -> list[tuple[int, list[Span]]]:
    """Each worker's spans."""
    ordered = sorted(spans, key=lambda span: (span.worker, span.begun))
    return [(worker, list(own)) for worker, own in groupby(ordered, key=lambda span: span.worker)]


def bars(spans: Sequence[Span], seconds: float) -> Iterator[str]:
    """A line a worker: how busy it was in each of `COLUMNS` parts of `seconds`."""
    length = max(seconds, max(span.ended for span in spans), 1e-9)
    rows = by_worker(spans)
    for number, (_, own) in enumerate(rows[:MOST_ROWS]):
        share = [0.0] * COLUMNS
        for span in own:
            _spread(span, length, share)
        line = "".join(_LEVELS[min(8, round(8 * min(part, 1.0)) or (part > 0.01))] for part in share)
        busy = sum(span.busy for span in own) / length
        yield f"worker {number:<2} │{line}│ {min(busy, 1.0):4.0%}"
    if len(rows) > MOST_ROWS:
        yield f"and {len(rows) - MOST_ROWS} more workers"


def _spread(span: Span, length: float, share: list[float]) -> None:
    """Add the parts of `share` that `span` covers, as far as it was busy."""
    scale = COLUMNS / length
    first, last = span.begun * scale, max(span.ended * scale, span.begun * scale + 1e-9)
    density = span.busy / max(span.ended - span.begun, 1e-12)
    for column in range(max(int(first), 0), min(int(last), COLUMNS - 1) + 1):
        share[column] += max(min(last, column + 1) - max(first, column), 0.0) * min(density, 1.0)


def svg(spans: Sequence[Span], seconds: float) -> str:
    """The same as a picture: neighbouring tasks in two shades of the theme's colour."""
    length = max(seconds, max(span.ended for span in spans), 1e-9)
    rows = by_worker(spans)
    shown = rows[:MOST_ROWS]
    pitch = 14.0 if len(shown) <= 16 else 8.0
    height = pitch * len(shown)
    parts = []
    for number, (_, own) in enumerate(shown):
        top = number * pitch + 1
        parts.append(
            f'<rect x="0" y="{top:g}" width="{WIDTH:g}" height="{pitch - 3:g}" rx="1" fill="currentColor" '
            'fill-opacity=".07"/>'
        )
        for shade, opacity in enumerate((".95", ".6")):
            path = "".join(_blocks(own, length, top, pitch - 3, shade))
            if path:
                parts.append(f'<path d="{path}" fill="var(--jp-brand-color1,#2196f3)" fill-opacity="{opacity}"/>')
    label = f"{len(rows)} worker{'s' if len(rows) != 1 else ''}, busy and idle over {seconds_text(length)}"
    more = f"<div>and {len(rows) - MOST_ROWS} more workers</div>" if len(rows) > MOST_ROWS else ""
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {WIDTH:g} {height:g}" preserveAspectRatio="none" '
        f'style="display:block;width:100%;height:{height:g}px;margin:4px 0 1px">{"".join(parts)}</svg>'
        '<div style="display:flex;justify-content:space-between;font-size:10px;opacity:.7">'
        f"<span>0</span><span>{seconds_text(length)}</span></div>{more}"
    )


def _blocks(own: list[Span], length: float, top: float, height: float, shade: int) -> Iterator[str]:
    """Every second task's block. What is narrower than a third of a unit is joined to the block before it."""
    scale = WIDTH / length
    blocks: list[list[float]] = []
    for span in own:
        left, right = span.begun * scale, span.ended * scale
        if blocks and right - blocks[-1][0] < 1.0:
            blocks[-1][1] = right
        else:
            blocks.append([left, right])
    for left, right in blocks[shade::2]:
        width = max(right - left, 0.4)
        yield f"M{left:.1f} {top:g}h{width:.1f}v{height:g}h-{width:.1f}z"
