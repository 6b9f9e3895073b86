"""Plots as SVG, by matplotlib: the same file for the same numbers, with text that stays text."""

from __future__ import annotations

from pathlib import Path

import matplotlib
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter

from .figures import Plot

matplotlib.rcParams.update({"svg.hashsalt": "paracell", "svg.fonttype": "none", "font.size": 10})
OURS, OTHERS = "#d6451b", ["#4477aa", "#228833", "#888888", "#aa3377", "#66aacc"]


def draw(plot: Plot, folder: Path) -> Path:
    """Write the plot into `folder`; its path."""
    canvas = Canvas(figsize=(7, 0.4 * len(plot.labels) + 1.6 if plot.labels else 4), layout="constrained")
    axes = canvas.add_subplot()
    others = iter(OTHERS * 2)
    for line in plot.lines:
        ours = line.name.startswith("paracell")
        color = OURS if ours else next(others)
        style = {"linestyle": "none"} if plot.labels else {"linewidth": 2 if ours else 1.4}
        axes.plot(line.xs, line.ys, marker="o", markersize=5, color=color, label=line.name, **style)
        if line.low is not None and line.high is not None:
            if plot.labels:
                axes.hlines(line.ys, line.low, line.high, color=color, linewidth=2, alpha=0.5)
            else:
                axes.fill_between(line.xs, line.low, line.high, color=color, alpha=0.15, linewidth=0)
    plain = FuncFormatter(lambda value, _: f"{value:,g}")
    if plot.log_x:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(plain)
    if plot.log_y:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(plain)
    if plot.labels:
        axes.set_yticks(range(len(plot.labels)), plot.labels)
        axes.invert_yaxis()
    if plot.floor is not None:
        axes.set_ylim(bottom=plot.floor)
    axes.set(title=plot.title, xlabel=plot.x, ylabel=plot.y)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    if len(plot.lines) > 1 and any(len(line.xs) > 1 for line in plot.lines):
        axes.legend(frameon=False)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{plot.name}.svg"
    canvas.savefig(path, metadata={"Date": None})
    # matplotlib ends lines with spaces.
    path.write_text("\n".join(line.rstrip() for line in path.read_text().splitlines()) + "\n")
    return path
