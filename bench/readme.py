"""Puts what was measured where it is read: a page of its own, and a part of the README between two marks."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

from .figures import Result
from .measures import MEASURES
from .plots import draw

BEGIN, END = "<!-- made by `make bench`: begin -->", "<!-- made by `make bench`: end -->"
PAGE = Path("docs/bench.md")
PICTURES = Path("docs/images/bench")
SHOWN = "grain"
"""The measure whose plot stands in the README."""


def machine() -> str:
    """What it was measured on."""
    import jupyter_client

    import paracell

    cores = len(os.sched_getaffinity(0))
    return (
        f"paracell {paracell.__version__}, Python {platform.python_version()}, jupyter_client "
        f"{jupyter_client.__version__}, {platform.system()} {platform.machine()}, {cores} processors, "
        f"{datetime.now(timezone.utc):%Y-%m-%d}"
    )


def page(results: Mapping[str, Result], folder: Path) -> str:
    """Everything that was measured, as Markdown; the plots are drawn into `folder`/docs/images/bench."""
    parts = [
        "# What is measured",
        "`make bench` has made this page. Every cell ran in a kernel, through jupyter_client; times are what the "
        "client waited. Figures are medians of at least five and half of the range between the quartiles. What is "
        "compared took turns within one run; times of two machines, or of two runs, cannot be compared.",
        machine(),
    ]
    for name, result in results.items():
        measure = MEASURES[name]
        parts += [f"## {measure.TITLE}", (measure.__doc__ or "").strip(), result.table()]
        if result.plot is not None:
            path = draw(result.plot, folder / PICTURES)
            parts.append(f"![{result.plot.title}]({path.relative_to(folder / PAGE.parent)})")
    return "\n\n".join(parts) + "\n"


def part(results: Mapping[str, Result]) -> str:
    """What stands in the README: the loops, the most telling plot, and a row for each cost."""
    parts = []
    if "loops" in results:
        parts += [machine() + "; warm pools. Times as fast as the serial cell:", results["loops"].table()]
    shown = results.get(SHOWN)
    if shown is not None and shown.plot is not None:
        parts.append(f"![{shown.plot.title}]({PICTURES / shown.plot.name}.svg)")
    rows = [f"| {what} | {much} |" for result in results.values() for what, much in result.summary]
    if rows:
        parts.append("\n".join(["| what it costs | |", "|---|---:|", *rows]))
    parts.append(f"More, with plots and what each figure means, in [{PAGE}]({PAGE}).")
    return "\n\n".join(parts)


def between(text: str, new: str) -> str:
    """`text` with `new` between the two marks; ValueError if they are not there, once each, in this order."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in after or END in after:
        raise ValueError(f"the text has not one {BEGIN!r} and then one {END!r}")
    return f"{before}{BEGIN}\n\n{new}\n\n{END}{after}"


def write(results: Mapping[str, Result], folder: Path) -> None:
    """The page, the plots and the README of the tree at `folder`."""
    readme = folder / "README.md"
    new = between(readme.read_text(), part(results))
    (folder / PAGE).parent.mkdir(parents=True, exist_ok=True)
    (folder / PAGE).write_text(page(results, folder))
    readme.write_text(new)
